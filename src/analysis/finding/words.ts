import type { MetricUnit } from '../../units/format-units.ts';
import { commonScale, formatUnit } from '../../units/format-units.ts';
import type { MetricId } from '../../metrics/metrics.ts';
import { METRICS } from '../../metrics/metrics.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import type { WorkloadAnalysis } from '../analysis.ts';

/** What a sentence calls a metric: its label in the registry; of a batch per run, not per request. */
export function nameOf(metric: MetricId, unit: WorkloadAnalysis['unit']): string {
  // As the object of a sentence: it saves CPU, not "CPU used".
  const label = METRICS[metric].label.replace(/ used$/, '');
  return unit === 'run' ? label.replace('per request', 'per run') : label;
}

/** One value with its unit: `12.3 MiB`, `4.2 %`. */
export function quantity(value: number, unit: MetricUnit): string {
  return withMinus(formatUnit(value, unit));
}

/** The size of an effect with its interval in one unit: `4.1 MiB (3.8–4.4)`; without an interval the value alone. */
export function sizeWithInterval({ value, low, high }: Estimate, unit: MetricUnit): string {
  const ends = low === null || high === null ? [] : [Math.abs(low), Math.abs(high)].sort((a, b) => a - b);
  const scale = commonScale([value, ...ends], unit);
  const text = scale.format(Math.abs(value));
  return ends.length === 0 ? text : `${text} (${ends.map((end) => scale.number(end)).join('–')})`;
}

/** An interval with both its signs: `−0.3 to +0.4 MiB`. */
export function signedInterval(low: number, high: number, unit: MetricUnit): string {
  const scale = commonScale([low, high], unit);
  const signed = (value: number): string => {
    const text = scale.number(value);
    return Number(text) > 0 ? `+${text}` : withMinus(text);
  };
  return `${signed(low)} to ${signed(high)}${scale.suffix === '' ? '' : ` ${scale.suffix}`}`;
}

/** A signed value with its interval, and a doubt between the two: `+12 %, not certain (−1 to +29)`. */
export function signedWithInterval({ value, low, high }: Estimate, unit: MetricUnit, doubt = ''): string {
  const known = low !== null && high !== null;
  const scale = commonScale(known ? [value, low, high] : [value], unit);
  const signed = (one: number): string => {
    const text = scale.number(one);
    return Number(text) > 0 ? `+${text}` : withMinus(text);
  };
  const shown = `${signed(value)}${scale.suffix === '' ? '' : ` ${scale.suffix}`}${doubt}`;
  return known ? `${shown} (${signed(low)} to ${signed(high)})` : shown;
}

/** A ratio as the change that it is: 1.06 with 1.05 to 1.07 becomes 0.06 with 0.05 to 0.07. */
export function asChange(ratio: Estimate): Estimate {
  const change = (end: number | null): number | null => (end === null ? null : end - 1);
  return { ...ratio, value: ratio.value - 1, low: change(ratio.low), high: change(ratio.high) };
}

function withMinus(text: string): string {
  return text.replace(/^-/, '−');
}
