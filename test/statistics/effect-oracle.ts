import { readFileSync } from 'node:fs';

/** The reference values that `oracle-effect.py` made. */
export interface EffectOracle {
  readonly rankBiserial: readonly { readonly differences: readonly number[]; readonly value: number }[];
  readonly cliffsDelta: readonly {
    readonly x: readonly number[];
    readonly y: readonly number[];
    readonly value: number;
  }[];
  readonly friedman: readonly {
    readonly blocks: readonly (readonly number[])[];
    readonly p: number;
    readonly statistic?: number | null;
  }[];
}

/** Reads the committed table; `oracle-effect.py` beside it says how it was made. */
export function readEffectOracle(): EffectOracle {
  const file = new URL('../fixtures/statistics/oracle-effect.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as EffectOracle;
}
