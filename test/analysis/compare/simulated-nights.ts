import { readFileSync } from 'node:fs';
import type { Analysis, CellAnalysis, WorkloadAnalysis } from '../../../src/analysis/analysis.ts';
import { compareRuns } from '../../../src/analysis/compare/compare-runs.ts';
import { contrastsOf } from '../../../src/analysis/inference/contrasts.ts';
import type { MetricId } from '../../../src/metrics/metrics.ts';
import { medianEstimate } from '../../../src/statistics/median.ts';
import { seededStream, type RandomStream } from '../../../src/statistics/random.ts';

/** What happened over many nights. */
export interface NightTally {
  readonly nights: number;
  /** Nights on which a primary metric was called worse. */
  readonly alarms: number;
  /** Those of them that a second, independent pair of runs confirmed in the same metric, cell and direction. */
  readonly confirmed: number;
}

/** A night: two runs of the baseline cell, each with an A/A cell. */
export interface NightOptions {
  readonly nights: number;
  readonly seed: number;
  /** Blocks of each of a night's runs. */
  readonly blocks: number;
  /** What the new version does to a metric: `{ metric: 'memory.anon', factor: 1.05 }`. */
  readonly shift?: { readonly metric: MetricId; readonly factor: number };
}

/** The published run of kubo, whose baseline was run twice in each of its blocks. */
export function kuboRun(): Analysis {
  const file = new URL('../../../test/fixtures/kubo-0.42.0/analysis.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Analysis;
}

/**
 * Compares runs that are drawn from the real A/A trials of one run, whole blocks with replacement and the two trials of
 * a block in either order: the same code every night, or with a shift that is put in. What changes on a machine between
 * two nights is not in it, for the trials are of one night.
 */
export function tallyNights(real: Analysis, { nights, seed, blocks, shift }: NightOptions): NightTally {
  const stream = seededStream(seed, 'nights', blocks, shift?.metric ?? '');
  let alarms = 0;
  let confirmed = 0;
  const worseIn = (): ReadonlySet<string> => {
    const base = drawnRun(real, blocks, stream);
    const other = drawnRun(real, blocks, stream, shift);
    const { cells } = compareRuns(base, other, { margin: 0.01 });
    return new Set(
      cells.flatMap(({ workload, metrics }) =>
        metrics.flatMap(({ metric, family, verdict }) =>
          family === 'primary' && verdict === 'worse' ? [`${workload} ${metric}`] : [],
        ),
      ),
    );
  };
  for (let night = 0; night < nights; night++) {
    const first = worseIn();
    if (first.size === 0) continue;
    alarms++;
    if (first.intersection(worseIn()).size > 0) confirmed++;
  }
  return { nights, alarms, confirmed };
}

function drawnRun(real: Analysis, blocks: number, stream: RandomStream, shift?: NightOptions['shift']): Analysis {
  const { experiment } = real.run;
  const workloads = real.workloads.map((workload): WorkloadAnalysis => {
    const [baseline, again] = [
      workload.cells.find((cell) => cell.baseline && cell.role === 'level'),
      workload.cells.find((cell) => cell.role === 'a-a'),
    ];
    if (baseline === undefined || again === undefined) throw new Error('the run has no A/A cell');
    const draws = Array.from({ length: blocks }, () => ({ of: stream.int(10), swapped: stream.int(2) === 1 }));
    const cells = [baseline, again].map((cell, side): CellAnalysis => {
      const values: { -readonly [Id in MetricId]?: CellAnalysis['values'][Id] } = {};
      for (const metric of experiment.primaries) {
        values[metric] = draws.map(({ of, swapped }, index) => {
          const from = (side === 0) === swapped ? again : baseline;
          const value = from.values[metric]?.[of]?.value ?? NaN;
          const factor = metric === shift?.metric ? shift.factor : 1;
          return { trial: `${index + 1}`, block: index + 1, value: value * factor };
        });
      }
      const estimates = Object.fromEntries(
        experiment.primaries.map((metric) => [
          metric,
          medianEstimate(
            (values[metric] ?? []).map(({ value }) => value),
            experiment.confidence,
          ),
        ]),
      );
      return { ...cell, values, estimates };
    });
    return { ...workload, cells, noise: [], contrasts: contrastsOf(experiment, [cells])[0] ?? [] };
  });
  return { ...real, workloads, trials: [] };
}
