import type { Law } from './model-analysis.ts';

/** What a law is linear in: g = GOGC ÷ 100 of memory, 1 ÷ g of its price. */
export function regressor(kind: Law['kind'], gogc: number): number {
  const g = gogc / 100;
  return kind === 'memory' ? g : 1 / g;
}

/** What a law says of a level, in the unit of its metric. */
export function lawValue({ kind, intercept, slope }: Pick<Law, 'kind' | 'intercept' | 'slope'>, gogc: number): number {
  return intercept.value + slope.value * regressor(kind, gogc);
}
