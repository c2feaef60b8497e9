import { readFileSync } from 'node:fs';

interface TestRow {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly u: number;
  readonly p: number;
}

/** The reference values that `oracle-two-sample.py` made. */
export interface TwoSampleOracle {
  readonly untied: readonly TestRow[];
  readonly tied: readonly TestRow[];
  readonly approximate: readonly TestRow[];
  readonly shifts: readonly {
    readonly x: readonly number[];
    readonly y: readonly number[];
    readonly asked: number;
    readonly value: number;
    readonly low: number | null;
    readonly high: number | null;
    readonly confidence: number | null;
  }[];
  readonly families: readonly {
    readonly p: readonly number[];
    readonly holm: readonly number[];
    readonly bh: readonly number[];
  }[];
}

/** Reads the committed table; `oracle-two-sample.py` beside it says how it was made. */
export function readTwoSampleOracle(): TwoSampleOracle {
  const file = new URL('../fixtures/statistics/oracle-two-sample.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as TwoSampleOracle;
}
