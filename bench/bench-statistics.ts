import { analyse } from '../src/analysis/analyse.ts';
import type { MeasuredWorkload } from '../src/analysis/inference/infer.ts';
import { infer } from '../src/analysis/inference/infer.ts';
import { bootstrapEstimate } from '../src/statistics/bootstrap.ts';
import { hodgesLehmann } from '../src/statistics/hodges-lehmann.ts';
import { seededStream } from '../src/statistics/random.ts';
import type { SyntheticRun } from '../test/fixtures/analysis/synthetic-run.ts';
import { syntheticRun } from '../test/fixtures/analysis/synthetic-run.ts';
import { middle } from './measure.ts';
import type { BenchRow } from './row.ts';

const RESAMPLES = 10_000;
const METRICS = 12;
const GOGC = [10, 25, 50, 75, 100, 150, 200, 300, 400, 'off'] as const;

/** What is concluded of a large run with a bootstrap of every figure, and one exact interval, each against bare arithmetic. */
export async function benchStatistics(): Promise<readonly BenchRow[]> {
  return [await analysisRow(), signedRankRow()];
}

async function analysisRow(): Promise<BenchRow> {
  const run = syntheticRun({
    blocks: 20,
    gogc: GOGC,
    workloads: { a: 'http', b: 'http', c: 'http' },
    measureSeconds: 2,
    outsideHz: 4,
  });
  const { workloads } = await analyse({ manifest: run.manifest, trials: run.trials() });
  // The first time is of code that is not compiled yet: that is what a user waits for, and so what is printed.
  const [whole, bootstraps] = concluded(run, workloads);
  const bare = seconds(() => sums(workloads.length * GOGC.length * METRICS * RESAMPLES, 20));
  return {
    name: `analysis with ${bootstraps} bootstraps of ${RESAMPLES} resamples of 20 trials`,
    value: `${whole.toFixed(2)} s`,
    limit: '≤ 3 s',
    ok: whole <= 3,
    detail: `${(whole / bare).toFixed(1)} × drawing and adding up as many numbers (${bare.toFixed(2)} s); ${workloads.length} workloads × ${GOGC.length} cells × ${METRICS} metrics, with contrasts, noise and front`,
  };
}

/** Seconds that inference takes with a BCa interval for each figure, and how many figures there were. */
function concluded(run: SyntheticRun, workloads: readonly MeasuredWorkload[]): readonly [number, number] {
  let bootstraps = 0;
  const taken = seconds(() => {
    infer(run.manifest, workloads);
    for (const { cells } of workloads) {
      for (const { id, role, values } of cells) {
        if (role !== 'level') continue;
        // GOGC=off has no figures of cycles: the first twelve of those that it has.
        for (const [metric, points] of Object.entries(values).slice(0, METRICS)) {
          const stream = seededStream(1, id, metric);
          const sample = points.map(({ value }) => value);
          bootstrapEstimate(sample, mean, { confidence: 0.95, stream, name: 'mean', resamples: RESAMPLES });
          bootstraps++;
        }
      }
    }
  });
  return [taken, bootstraps];
}

function signedRankRow(): BenchRow {
  const stream = seededStream(1, 'signed rank');
  const differences = Array.from({ length: 50 }, () => stream.next() - 0.3);
  const walsh = Float64Array.from({ length: (50 * 51) / 2 }, () => stream.next());
  const [exact, sort]: [number[], number[]] = [[], []];
  for (let i = 0; i < 25; i++) {
    exact.push(seconds(() => hodgesLehmann(differences, 0.95)));
    sort.push(seconds(() => walsh.toSorted()));
  }
  const first = exact[0] as number;
  return {
    name: 'exact signed-rank interval of 50 pairs, the first one',
    value: `${(first * 1000).toFixed(2)} ms`,
    limit: '≤ 10 ms',
    ok: first <= 0.01,
    detail: `median of 25: ${(middle(exact) * 1000).toFixed(2)} ms, ${(middle(exact) / middle(sort)).toFixed(1)} × sorting 1275 numbers alone`,
  };
}

/** As many draws and additions as that many resamples of n take, and nothing else. */
function sums(resamples: number, n: number): number {
  const values = Float64Array.from({ length: n }, (_, i) => i);
  let all = 0;
  for (let i = 0; i < resamples * n; i++) all += values[Math.floor(Math.random() * n)] as number;
  return all;
}

function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function seconds(work: () => unknown): number {
  const began = performance.now();
  work();
  return (performance.now() - began) / 1000;
}
