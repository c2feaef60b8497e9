import { readFileSync } from 'node:fs';

interface PageRow {
  readonly blocks: readonly (readonly number[])[];
  readonly l: number;
  readonly rising: number;
  readonly falling: number;
}

/** The reference values that `oracle-order.py` made. */
export interface OrderOracle {
  readonly page: readonly (PageRow & { readonly exact: boolean })[];
  readonly pageTied: readonly PageRow[];
  readonly kendallCount: readonly { readonly groups: readonly number[]; readonly mass: readonly number[] }[];
  readonly kendallExact: readonly { readonly n: number; readonly count: number; readonly p: number }[];
  readonly slopes: readonly {
    readonly x: readonly number[];
    readonly y: readonly number[];
    readonly slope: number;
    readonly low: number;
    readonly high: number;
  }[];
  readonly splits: readonly {
    readonly values: readonly number[];
    readonly least: number;
    readonly index: number;
    readonly statistic: number;
  }[];
  readonly segmentations: readonly { readonly values: readonly number[]; readonly changes: readonly number[] }[];
  readonly effectiveSize: readonly { readonly values: readonly number[]; readonly effectiveN: number }[];
}

/** Reads the committed table; `oracle-order.py` beside it says how it was made. */
export function readOrderOracle(): OrderOracle {
  const file = new URL('../fixtures/statistics/oracle-order.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as OrderOracle;
}
