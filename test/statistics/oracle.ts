import { readFileSync } from 'node:fs';

/** A rank of an ordered list and the confidence that it attains; null where none attains the asked one. */
interface RankRow {
  readonly n: number;
  readonly confidence: number;
  readonly best: readonly [number, number] | null;
}
interface TestRow {
  readonly differences: readonly number[];
  readonly wPlus: number;
  readonly p: number;
}

/** The reference values that `oracle.py` made. */
export interface Oracle {
  readonly normal: { readonly cdf: readonly [number, number][]; readonly quantile: readonly [number, number][] };
  readonly orderStatistics: readonly RankRow[];
  readonly walshRanks: readonly RankRow[];
  readonly hodgesLehmann: readonly {
    readonly differences: readonly number[];
    readonly value: number;
    readonly low: number | null;
    readonly high: number | null;
  }[];
  readonly signedRank: readonly TestRow[];
  readonly signedRankTied: readonly TestRow[];
  readonly studentQuantile: readonly [number, number, number][];
  readonly theilSen: readonly {
    readonly x: readonly number[];
    readonly y: readonly number[];
    readonly slope: number;
  }[];
  readonly bca: readonly {
    readonly statistic: 'mean' | 'median';
    readonly sample: readonly number[];
    readonly replicates: readonly number[];
    readonly interval: readonly [number, number];
    readonly many: readonly [number, number];
    readonly standardError: number;
  }[];
}

/** Reads the committed table; `oracle.py` beside it says how it was made. */
export function readOracle(): Oracle {
  return JSON.parse(readFileSync(new URL('../fixtures/statistics/oracle.json', import.meta.url), 'utf8')) as Oracle;
}
