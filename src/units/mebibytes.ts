import type { UnitScale } from './format-units.ts';

const MEBIBYTE = 2 ** 20;
/** Below this the first decimal of a part would say too little. */
const FINE_BELOW = 16 * MEBIBYTE;

/**
 * Bytes as MiB whatever their size, so that the parts of one whole stand in one unit: one decimal, two where the
 * `largest` of them is small.
 */
export function mebibyteScale(largest: number): UnitScale {
  const decimals = Math.abs(largest) < FINE_BELOW ? 2 : 1;
  const number = (bytes: number): string => {
    const text = (bytes / MEBIBYTE).toFixed(decimals);
    // -0.0 would claim a direction that the figure does not show.
    return /^-[0.]+$/.test(text) ? text.slice(1) : text;
  };
  return { divisor: MEBIBYTE, suffix: 'MiB', decimals, number, format: (bytes) => `${number(bytes)} MiB` };
}
