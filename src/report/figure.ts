import type { UnitScale } from '../units/format-units.ts';
import type { Estimate } from '../statistics/estimate.ts';

/** A number as it is shown: with its interval, or the reason why there is none, and the number of trials or blocks. */
export interface Figure {
  /** Without its unit, with a true minus sign: `38.2`, `+6.1`, `−12.7`. */
  readonly value: string;
  /** `33.1–44.0`, `−0.5 to +0.7`; undefined where none is attainable. */
  readonly interval: string | undefined;
  /** Why there is no interval: `interval not attainable with n = 4, needs 6`. */
  readonly refusal: string | undefined;
  readonly n: number;
  /** The confidence that the interval attains, as a fraction. */
  readonly confidence: number | undefined;
}

/** How the numbers of a column are written. */
export interface FigureStyle {
  readonly scale: UnitScale;
  /** A difference: a plus sign is written; a saving: a minus sign is. */
  readonly kind: 'level' | 'difference' | 'saving';
}

/** Writes an estimate. A difference's sign is written, a saving's only where it is negative. */
export function figureOf(estimate: Estimate, { scale, kind }: FigureStyle): Figure {
  const { low, high, n, confidence } = estimate;
  const signed = kind === 'difference';
  const known = low !== null && high !== null;
  return {
    value: number(estimate.value, scale, signed),
    interval: known ? intervalText(low, high, scale, signed) : undefined,
    refusal: known ? undefined : (estimate.warnings[0] ?? `no interval with n = ${n}`),
    n,
    confidence: confidence ?? undefined,
  };
}

/** An interval without its unit; one that reaches below zero has signs, since `-1–2` cannot be read. */
export function intervalText(low: number, high: number, scale: UnitScale, signed = false): string {
  if (low === high) return number(low, scale, signed);
  if (low < 0) return `${number(low, scale, true)} to ${number(high, scale, true)}`;
  return `${number(low, scale, false)}–${number(high, scale, false)}`;
}

/** An estimate that is turned: `change` applied to the value and both ends, the ends put in order again. */
export function mapped(estimate: Estimate, change: (value: number) => number): Estimate {
  const { low, high } = estimate;
  const value = change(estimate.value);
  if (low === null || high === null) return { ...estimate, value };
  const ends = [change(low), change(high)].sort((a, b) => a - b);
  return { ...estimate, value, low: ends[0] ?? null, high: ends[1] ?? null };
}

/** One line: `38.2 MiB (33.1–44.0)`. */
export function figureLine(figure: Figure, suffix: string): string {
  const unit = suffix === '' ? '' : ` ${suffix}`;
  return `${figure.value}${unit} (${figure.interval ?? figure.refusal ?? ''})`;
}

function number(value: number, scale: UnitScale, signed: boolean): string {
  const text = scale.number(value).replace('-', '−');
  return signed && value > 0 && /[1-9∞]/.test(text) ? `+${text}` : text;
}

/** Why figures have no interval, each reason once. */
export function refusalsOf(figures: readonly (Figure | undefined)[]): readonly string[] {
  return [...new Set(figures.flatMap((figure) => figure?.refusal ?? []))];
}
