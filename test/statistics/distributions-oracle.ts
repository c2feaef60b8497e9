import { readFileSync } from 'node:fs';

/** The reference values that `oracle-distributions.py` made. */
export interface DistributionsOracle {
  readonly beta: {
    readonly cdf: readonly (readonly [x: number, a: number, b: number, p: number])[];
    readonly quantile: readonly (readonly [p: number, a: number, b: number, x: number])[];
  };
  readonly student: {
    readonly cdf: readonly (readonly [t: number, degrees: number, p: number])[];
    readonly quantile: readonly (readonly [p: number, degrees: number, t: number])[];
  };
  readonly signFlip: readonly { readonly differences: readonly number[]; readonly p: number }[];
  readonly oneSided: readonly {
    readonly differences: readonly number[];
    readonly margin: number;
    readonly above: number;
    readonly below: number;
  }[];
}

/** Reads the committed table; `oracle-distributions.py` beside it says how it was made. */
export function readDistributionsOracle(): DistributionsOracle {
  const file = new URL('../fixtures/statistics/oracle-distributions.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as DistributionsOracle;
}
