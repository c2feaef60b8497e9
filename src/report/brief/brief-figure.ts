import type { Estimate } from '../../statistics/estimate.ts';
import { commonScale } from '../../units/format-units.ts';
import { METRICS, type MetricId } from '../../metrics/metrics.ts';
import { figureLine, figureOf } from '../figure.ts';

/** Names that are longer than their column. */
const SHORT_NAMES: Readonly<Partial<Record<MetricId, string>>> = {
  'memory.anon': 'memory',
  'latency.p99': 'p99',
};

/** A metric's name at the head of a narrow column: `memory`, `CPU/request`; `label`: what it is called there. */
export function briefName(metric: MetricId, label: string = METRICS[metric].label): string {
  return SHORT_NAMES[metric] ?? label.replace(' per ', '/');
}

/** A share with its interval, in as few figures as a line has room for: `34 % (33–34)`, `2.3 % (1.1–3.5)`. */
export function briefShare(estimate: Estimate): string {
  return written(estimate, 'level');
}

/** A change with its sign: `+8.7 % (7.7–9.8)`, `−45 % (−46 to −44)`. */
export function briefChange(estimate: Estimate): string {
  return written(estimate, 'difference');
}

/** From a tenth on, or where the interval is wide, whole per cents will do, unless they would hide that there is an interval. */
function written(estimate: Estimate, kind: 'level' | 'difference'): string {
  const { value, low, high } = estimate;
  const ends = [value, low ?? value, high ?? value];
  const fine = commonScale([0.05], 'fraction');
  const coarse = commonScale([1], 'fraction');
  const wide = low !== null && high !== null && high - low >= 0.05;
  const whole = wide || Math.abs(value) >= 0.0995;
  const scale = whole ? coarse : fine;
  const figure = figureOf(estimate, { scale, kind });
  const hidden =
    low !== null && high !== null && low !== high && new Set(ends.map((end) => scale.number(end))).size === 1;
  return figureLine(hidden ? figureOf(estimate, { scale: fine, kind }) : figure, '%');
}
