import type { MetricDefinition } from '../experiment/metrics.ts';
import type { Estimate } from '../statistics/estimate.ts';

/** A unit to print in: what to divide by and what to write behind. */
interface Scale {
  readonly divisor: number;
  readonly suffix: string;
}

/** A value with its interval in the value's unit: `4.1 MiB (3.8–4.4)`; without an interval the value alone. */
export function withInterval(estimate: Estimate, unit: MetricDefinition['unit'], negate = false): string {
  const sign = negate ? -1 : 1;
  const value = sign * estimate.value;
  const scale = scaleOf(unit, [estimate.value, estimate.low ?? 0, estimate.high ?? 0]);
  const digits = digitsOf(value, scale);
  const text = `${fixed(value / scale.divisor, digits)}${scale.suffix}`;
  if (estimate.low === null || estimate.high === null) return text;
  const ends = [sign * estimate.low, sign * estimate.high].sort((a, b) => a - b) as [number, number];
  return `${text} (${span(ends[0] / scale.divisor, ends[1] / scale.divisor, digits)})`;
}

/** Only the interval, with its unit: `−0.3 to +0.4 MiB`. */
export function intervalOnly(low: number, high: number, unit: MetricDefinition['unit']): string {
  const scale = scaleOf(unit, [low, high]);
  const digits = digitsOf(Math.max(Math.abs(low), Math.abs(high)), scale);
  return `${signed(low / scale.divisor, digits)} to ${signed(high / scale.divisor, digits)}${scale.suffix}`;
}

/** One value with its unit: `12.3 MiB`, `4.2 %`, `6.1 ms`. */
export function quantity(value: number, unit: MetricDefinition['unit']): string {
  const scale = scaleOf(unit, [value]);
  return `${fixed(value / scale.divisor, digitsOf(value, scale))}${scale.suffix}`;
}

/** A ratio as a change in per cent with its interval: `+6.1 % (4.9–7.4)`. */
export function relativeChange(ratio: Estimate, what: string, negate = false): string {
  const percent = (value: number): number => (negate ? 1 - value : value - 1) * 100;
  const value = percent(ratio.value);
  const digits = decimals(value);
  const text = `${negate ? fixed(value, digits) : signed(value, digits)} % ${what}`;
  if (ratio.low === null || ratio.high === null) return text;
  const ends = [percent(ratio.low), percent(ratio.high)].sort((a, b) => a - b) as [number, number];
  return `${text} (${span(ends[0], ends[1], digits)})`;
}

/** Only the interval of a relative change: `−1.2 to +2.0 %`. */
export function relativeInterval(low: number, high: number): string {
  const ends = [(low - 1) * 100, (high - 1) * 100] as const;
  const digits = decimals(Math.max(Math.abs(ends[0]), Math.abs(ends[1])));
  return `${signed(ends[0], digits)} to ${signed(ends[1], digits)} %`;
}

/** `n = 6 blocks`. */
export function blocks(n: number): string {
  return `n = ${n} ${n === 1 ? 'block' : 'blocks'}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

function scaleOf(unit: MetricDefinition['unit'], values: readonly number[]): Scale {
  const size = Math.max(...values.map(Math.abs));
  switch (unit) {
    case 'bytes':
    case 'bytes-per-second': {
      const per = unit === 'bytes' ? '' : '/s';
      const power = size >= 2 ** 30 ? 30 : size >= 2 ** 20 ? 20 : size >= 2 ** 10 ? 10 : 0;
      const name = { 30: 'GiB', 20: 'MiB', 10: 'KiB', 0: 'B' }[power];
      return { divisor: 2 ** power, suffix: ` ${name}${per}` };
    }
    case 'seconds':
      if (size >= 1) return { divisor: 1, suffix: ' s' };
      return size >= 1e-3 ? { divisor: 1e-3, suffix: ' ms' } : { divisor: 1e-6, suffix: ' µs' };
    case 'fraction':
      return { divisor: 0.01, suffix: ' %' };
    case 'cores':
      return { divisor: 1, suffix: ' cores' };
    case 'per-second':
      return { divisor: 1, suffix: '/s' };
    case 'count':
      return { divisor: 1, suffix: '' };
  }
}

function digitsOf(value: number, scale: Scale): number {
  return decimals(value / scale.divisor);
}

/** Decimals that show about three digits of a value, at most three. */
function decimals(value: number): number {
  const size = Math.abs(value);
  return size >= 100 ? 0 : size >= 1 ? 1 : size >= 0.1 ? 2 : 3;
}

function span(low: number, high: number, digits: number): string {
  if (low < 0) return `${signed(low, digits)} to ${signed(high, digits)}`;
  return `${fixed(low, digits)}–${fixed(high, digits)}`;
}

function signed(value: number, digits: number): string {
  const text = fixed(value, digits);
  return Number(value.toFixed(digits)) > 0 ? `+${text}` : text;
}

/** With a real minus sign, and no minus before a zero. */
function fixed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}
