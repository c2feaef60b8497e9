import type { MetricId } from '../experiment/metrics.ts';
import { METRICS } from '../experiment/metrics.ts';
import type { CellAnalysis, Contrast, WorkloadAnalysis } from './analysis.ts';
import { sideOf } from './noise-floor.ts';
import { asChange, nameOf, quantity, signedInterval, sizeWithInterval } from './words.ts';

type Unit = WorkloadAnalysis['unit'];

/** `saves 4.1 MiB (3.8–4.4) of 12.3 MiB anonymous memory`, `takes … on top of …`, or that no difference is shown. */
export function memoryPhrase({ difference, metric }: Contrast, baseline: CellAnalysis, unit: Unit): string {
  const level = baseline.estimates[metric];
  const of = [...(level === undefined ? [] : [quantity(level.value, 'bytes')]), nameOf(metric, unit)].join(' ');
  const size = sizeWithInterval(difference, 'bytes');
  switch (sideOf(difference, 0)) {
    case 'below':
      return `saves ${size} of ${of}`;
    case 'above':
      return `takes ${size} on top of ${of}`;
    case 'unknown':
      return difference.value < 0 ? `measured ${size} less than ${of}` : `measured ${size} more than ${of}`;
    case 'includes':
      return `has no difference shown in ${nameOf(metric, unit)} (${signedInterval(difference.low as number, difference.high as number, 'bytes')})`;
  }
}

/** `costs +6.1 % (4.9–7.4) CPU per request`, `saves …`, `raises latency p99 by …`, or that no difference is shown. */
export function costPhrase(contrast: Contrast, unit: Unit): string {
  const { effect, scale } = relative(contrast);
  const name = nameOf(contrast.metric, unit);
  const size = sizeWithInterval(effect, scale);
  const isPrice = PRICES.has(contrast.metric);
  switch (sideOf(effect, 0)) {
    case 'below':
      return isPrice ? `saves ${size} of ${name}` : `lowers ${name} by ${size}`;
    case 'above':
      return isPrice ? `costs +${size} ${name}` : `raises ${name} by ${size}`;
    case 'unknown':
      return `measured ${size} ${effect.value < 0 ? 'less' : 'more'} ${name}`;
    case 'includes':
      return `has no difference shown in ${name} (${signedInterval(effect.low as number, effect.high as number, scale)})`;
  }
}

/** A contrast as a relative change where there is a ratio, else as a difference in the metric's unit. */
export function relative({ ratio, difference, metric }: Contrast): {
  effect: Contrast['difference'];
  scale: (typeof METRICS)[MetricId]['unit'];
} {
  return ratio === undefined
    ? { effect: difference, scale: METRICS[metric].unit }
    : { effect: asChange(ratio), scale: 'fraction' };
}

/** What is paid with, so that more of it is a cost. */
const PRICES: ReadonlySet<MetricId> = new Set(['cpu.per_request', 'cpu.used', 'gc.cpu_per_request']);
