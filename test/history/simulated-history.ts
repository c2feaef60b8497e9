import { readFileSync } from 'node:fs';
import type { Analysis, CellAnalysis } from '../../src/analysis/analysis.ts';
import type { Levels } from '../../src/experiment/experiment.ts';
import { gateFloors } from '../../src/history/gate-floors.ts';
import { confirmedShifts, judgeNight, type HistoryJudgement } from '../../src/history/judge-night.ts';
import { HISTORY_VERSION, type Night } from '../../src/history/night.ts';
import { cellsOf } from '../../src/history/night-of-run.ts';
import type { MetricId } from '../../src/metrics/metrics.ts';
import { medianEstimate } from '../../src/statistics/median.ts';
import { seededStream, type RandomStream } from '../../src/statistics/random.ts';

/** How the trials of a real run scatter: logarithms, apart into what a block has in common and what is left of a trial. */
export interface NightNoise {
  readonly cells: readonly {
    readonly levels: Levels;
    readonly metrics: ReadonlyMap<MetricId, { readonly mean: number; readonly rests: readonly number[] }>;
  }[];
  /** By workload and metric: what each block of the real run had in common. */
  readonly blocks: ReadonlyMap<string, readonly number[]>;
}

/** What one night is like, apart from its noise. */
export interface NightChange {
  /** The daemon that is watched is changed by this factor. */
  readonly daemon?: Readonly<Partial<Record<MetricId, number>>>;
  /** The machine is: the canary as much. */
  readonly machine?: Readonly<Partial<Record<MetricId, number>>>;
}

/** What became of some nights. */
export interface GateTally {
  readonly nights: number;
  readonly suspected: number;
  readonly alarms: number;
  readonly unusable: number;
}

const METRICS = ['memory.anon', 'cpu.per_request', 'alloc.per_request'] as const;
const BLOCKS = 10;
const CONFIDENCE = 0.95;
const FLOORS = gateFloors({ primaries: ['memory.anon', 'cpu.per_request'], gate: undefined });

/** The noise of the published run of kubo: five levels of GOGC, two workloads, ten blocks. */
export function kuboNoise(): NightNoise {
  const file = new URL('../../test/fixtures/kubo-0.42.0/analysis.json', import.meta.url);
  const { workloads } = JSON.parse(readFileSync(file, 'utf8')) as Analysis;
  const blocks = new Map<string, readonly number[]>();
  const cells = workloads.flatMap(({ workload, cells: all }) => {
    const levels = all.filter(({ role }) => role === 'level');
    const byCell = levels.map((cell) => ({
      levels: cell.levels,
      metrics: new Map<MetricId, { mean: number; rests: number[] }>(),
    }));
    for (const metric of METRICS) {
      // Every trial less the mean of its cell, A/A trials too: then less what its block has in common.
      const rests = all.map((cell) => centred((cell.values[metric] ?? []).map(({ value }) => Math.log(value))));
      const common = rests[0]?.map((_, block) => meanOf(rests.map((own) => own[block] ?? 0))) ?? [];
      blocks.set(`${workload} ${metric}`, common);
      // What is taken away with the means of cells and blocks is given back to the scatter.
      const cellsHere = all.length;
      const kept = Math.sqrt((cellsHere * BLOCKS) / ((cellsHere - 1) * (BLOCKS - 1)));
      levels.forEach((cell, i) => {
        const own = rests[all.indexOf(cell)] ?? [];
        byCell[i]?.metrics.set(metric, {
          mean: meanOf((cell.values[metric] ?? []).map(({ value }) => Math.log(value))),
          rests: own.map((rest, block) => (rest - (common[block] ?? 0)) * kept),
        });
      });
    }
    return byCell;
  });
  return { cells, blocks };
}

/**
 * One night: ten blocks, each with every cell of the daemon and of the canary. A trial is its cell's mean, what the night
 * has in common, what its block has, and a rest of its own; all of them drawn with replacement from what the real run had.
 * That a whole night differs from another one as much as two blocks of one run do is an assumption: one run cannot tell.
 */
export function drawNight(
  noise: NightNoise,
  index: number,
  change: NightChange,
  stream: RandomStream,
  inCommon = commonOfNight(noise, stream),
): Night {
  const workloads = [...new Set(noise.cells.map(({ levels }) => levels.workload))].map((workload) => {
    const ofWorkload = noise.cells.filter(({ levels }) => levels.workload === workload);
    const ofBlocks = new Map(
      METRICS.map((metric) => {
        const common = noise.blocks.get(`${workload} ${metric}`) ?? [0];
        return [metric, Array.from({ length: BLOCKS }, () => common[stream.int(common.length)] ?? 0)] as const;
      }),
    );
    const cells = ofWorkload.flatMap(({ levels, metrics }) =>
      (['nightly', 'released'] as const).map((version) => {
        const values: { -readonly [Id in MetricId]?: CellAnalysis['values'][Id] } = {};
        const estimates: { -readonly [Id in MetricId]?: CellAnalysis['estimates'][Id] } = {};
        for (const metric of METRICS) {
          const { mean, rests } = metrics.get(metric) ?? { mean: 0, rests: [0] };
          const factor = (change.machine?.[metric] ?? 1) * (version === 'nightly' ? (change.daemon?.[metric] ?? 1) : 1);
          const night = inCommon.get(`${workload} ${metric}`) ?? 0;
          const own = (ofBlocks.get(metric) ?? []).map((block, i) => ({
            trial: `${i + 1}`,
            block: i + 1,
            value: factor * Math.exp(mean + night + block + (rests[stream.int(rests.length)] ?? 0)),
          }));
          values[metric] = own;
          estimates[metric] = medianEstimate(
            own.map(({ value }) => value),
            CONFIDENCE,
          );
        }
        return {
          role: 'level',
          baseline: false,
          levels: { ...levels, factors: { version } },
          values,
          estimates,
        } as unknown as CellAnalysis;
      }),
    );
    return { cells, noise: [] };
  });
  return {
    historyVersion: HISTORY_VERSION,
    run: `night-${String(index).padStart(5, '0')}`,
    startedAt: new Date(Date.UTC(2026, 0, 1, 3) + index * 86_400_000).toISOString(),
    experiment: 'kubo-nightly',
    toolVersion: '0.1.0',
    runner: 'docker',
    confidence: CONFIDENCE,
    machine: {},
    programs: [],
    canary: 'released',
    gate: Object.fromEntries(FLOORS),
    cells: cellsOf({ canary: 'released', confidence: CONFIDENCE }, workloads),
  };
}

/** What all trials of a night have in common. */
export function commonOfNight(noise: NightNoise, stream: RandomStream): ReadonlyMap<string, number> {
  return new Map([...noise.blocks].map(([key, common]) => [key, common[stream.int(common.length)] ?? 0]));
}

/** A history without a change: what nights are judged against. */
export function drawHistory(noise: NightNoise, nights: number, stream: RandomStream): Night[] {
  return Array.from({ length: nights }, (_, index) => drawNight(noise, index, {}, stream));
}

/** Judges one more night, with its confirmation on the machine of that night where there is something to confirm, and adds it to the history. */
export function liveNight(
  noise: NightNoise,
  history: Night[],
  change: NightChange,
  stream: RandomStream,
): HistoryJudgement & { readonly alarm: boolean } {
  const inCommon = commonOfNight(noise, stream);
  const night = drawNight(noise, history.length, change, stream, inCommon);
  const judged = judgeNight(night, history, FLOORS);
  history.push(night);
  const suspected = judged.worse.filter(({ ofMachine }) => !ofMachine);
  if (suspected.length === 0) return { ...judged, alarm: false };
  const again = drawNight(noise, history.length, change, stream, inCommon);
  return { ...judged, alarm: confirmedShifts(suspected, again, FLOORS).confirmed.length > 0 };
}

/** A year of nights without any change. */
export function quietNights(
  noise: NightNoise,
  { nights, seed, warmUp = 30 }: { nights: number; seed: number; warmUp?: number },
): GateTally {
  const stream = seededStream(seed, 'quiet nights');
  const history = drawHistory(noise, warmUp, stream);
  const tally = { nights, suspected: 0, alarms: 0, unusable: 0 };
  for (let night = 0; night < nights; night++) {
    const { worse, alarm, moved } = liveNight(noise, history, {}, stream);
    if (worse.length > 0) tally.suspected++;
    if (alarm) tally.alarms++;
    if (moved !== undefined) tally.unusable++;
  }
  return tally;
}

/** Of so many histories, how many alarm within some nights of a change that lasts. */
export function foundWithin(
  noise: NightNoise,
  change: NightChange,
  { histories, within, seed, warmUp = 30 }: { histories: number; within: number; seed: number; warmUp?: number },
): number {
  const stream = seededStream(seed, 'change', JSON.stringify(change));
  let found = 0;
  for (let round = 0; round < histories; round++) {
    const history = drawHistory(noise, warmUp, stream);
    for (let night = 0; night < within; night++) {
      if (!liveNight(noise, history, change, stream).alarm) continue;
      found++;
      break;
    }
  }
  return found;
}

function centred(values: readonly number[]): readonly number[] {
  const mean = meanOf(values);
  return values.map((value) => value - mean);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
