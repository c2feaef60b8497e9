import type { Judgement } from '../../analysis/recommend/recommendation.ts';
import type { Goal, Limit, Wishes } from '../../analysis/recommend/wishes.ts';
import { commonScale, formatUnit, type MetricUnit } from '../../experiment/format-units.ts';
import { METRICS } from '../../experiment/metrics.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { figureLine, figureOf, mapped } from '../figure.ts';
import { counted, percentText } from '../words.ts';

/** What was judged, with the interval: `add: CPU per request −1.0 to +28.6 %, limit +5 %, n = 10 blocks`. */
export function judgementText({ workload, metric, limit, estimate, reason }: Judgement): string {
  const name = metric === undefined ? limit.name : METRICS[metric].label;
  if (estimate === undefined) return `${workload}: ${reason ?? `no figure of ${name}`}`;
  const figure =
    limit.kind === 'change'
      ? signedText(
          mapped(estimate, (ratio) => ratio - 1),
          'fraction',
        )
      : sizeText(estimate, metric === undefined ? 'count' : METRICS[metric].unit);
  return `${workload}: ${name} ${figure}, limit ${limitText(limit)}, n = ${counted(estimate.n, 'block')}`;
}

/** A limit as it was asked for: `+5 %`, `300 MiB`, `20 ms`. */
export function limitText({ name, kind, most }: Limit): string {
  if (kind === 'level') return formatUnit(most, name === 'p99' ? 'seconds' : 'bytes');
  return `${most < 0 ? '−' : '+'}${percentText(Math.abs(most))}`;
}

/** What was asked for, in words. */
export function ruleText({ limits, goal, byDefault }: Wishes): string {
  const aim = {
    memory: 'the least memory',
    money: 'the least money a month',
    exchange: 'the most memory for its price in CPU',
  }[goal.kind];
  const names = { cpu: 'CPU', p99: 'p99', memory: 'memory', rss: 'RSS' } as const;
  const bounds = limits.map((limit) => `${names[limit.name]} at most ${limitText(limit)}`);
  return `${aim}${bounds.length === 0 ? '' : ` with ${bounds.join(' and ')}`}${byDefault ? ' (the default rule)' : ''}`;
}

/** An estimate as a size with its interval: `38.2 MiB (33.1–44.0)`. */
export function sizeText(estimate: Estimate, unit: MetricUnit = 'bytes'): string {
  return written(estimate, unit, 'level');
}

/** An estimate as a change with its sign: `+6.1 % (4.9–7.4)`. */
export function signedText(estimate: Estimate, unit: MetricUnit): string {
  return written(estimate, unit, 'difference');
}

function written(estimate: Estimate, unit: MetricUnit, kind: 'level' | 'difference'): string {
  const { value, low, high } = estimate;
  const scale = commonScale([value, low ?? value, high ?? value], unit);
  return figureLine(figureOf(estimate, { scale, kind }), scale.suffix);
}

/** A change in what is aimed at, negative where it is better: `−38.1 MiB (−44.0 to −33.1)`, `−0.412 (−0.5 to −0.3) a month`. */
export function gainText(change: Estimate, goal: Goal): string {
  if (goal.kind !== 'money') return signedText(change, 'bytes');
  // Money has no prefixes: three figures of the largest.
  const { value, low, high } = change;
  const largest = Math.max(...[value, low ?? 0, high ?? 0].map(Math.abs));
  const decimals = largest > 0 ? Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(largest)))) : 0;
  const number = (amount: number): string => amount.toFixed(decimals);
  const scale = { divisor: 1, suffix: '', decimals, number, format: number };
  return `${figureLine(figureOf(change, { scale, kind: 'difference' }), '')} a month`;
}
