import { counted } from '../../text/words.ts';
import type { Answer, Gain, Judgement, Recommendation } from '../../analysis/recommend/recommendation.ts';
import type { Goal, Limit } from '../../analysis/recommend/wishes.ts';
import { commonScale, formatUnit, type MetricUnit } from '../../units/format-units.ts';
import { METRICS } from '../../metrics/metrics.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { figureLine, figureOf, mapped } from '../figure.ts';
import { percentText } from '../words.ts';

/** What was judged, with the interval: `add: CPU per request −1.0 to +28.6 %, limit +5 %, n = 10 blocks`. */
export function judgementText({ workload, metric, limit, estimate, reason }: Judgement): string {
  const name = metric === undefined ? limit.name : METRICS[metric].label;
  if (estimate === undefined) return `${workload}: ${reason ?? `no value for ${name}`}`;
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

/** What an answer is an answer to: `the least memory with CPU at most +10 %`. */
export function questionText({ goal, limits }: Pick<Answer, 'goal' | 'limits'>): string {
  const bounds = limitsText(limits);
  return `${AIMS[goal.kind]}${bounds === '' ? '' : ` with ${bounds}`}`;
}

/** Limits as they were asked for: `CPU at most +10 % and RSS at most 300 MiB`. */
export function limitsText(limits: readonly Limit[]): string {
  return limits.map((limit) => `${LIMIT_NAMES[limit.name]} at most ${limitText(limit)}`).join(' and ');
}

/** By what the answers were chosen. */
export function ruleText({ answers }: Pick<Recommendation, 'answers'>): string {
  return answers.map(questionText).join('; ');
}

const AIMS: Readonly<Record<Goal['kind'], string>> = {
  memory: 'the least memory',
  cpu: 'the least CPU',
  money: 'the lowest cost per month',
  exchange: 'the most memory saved for its price in CPU',
};

/** What a limit is on, in a sentence. */
export const LIMIT_NAMES = { cpu: 'CPU', p99: 'p99', memory: 'memory', rss: 'RSS' } as const;

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

/** A change with its sign that says where it may be none: `+12.2 %, not certain (−1.0 to +28.6)`. */
export function candidText(estimate: Estimate, unit: MetricUnit): string {
  return candidOf(estimate, unit, '').trimEnd();
}

/** The same of a thing, within a sentence: `+12.2 % CPU, not certain (−1.0 to +28.6),`, `+6.1 % (4.9–7.4) CPU`. */
export function candidPhrase(estimate: Estimate, unit: MetricUnit, thing: string): string {
  const text = candidOf(estimate, unit, ` ${thing}`);
  return isUnsure(estimate) ? `${text},` : text;
}

function candidOf(estimate: Estimate, unit: MetricUnit, thing: string): string {
  const { value, low, high } = estimate;
  const scale = commonScale([value, low ?? value, high ?? value], unit);
  const figure = figureOf(estimate, { scale, kind: 'difference' });
  if (!isUnsure(estimate)) return `${figureLine(figure, scale.suffix)}${thing}`;
  return `${figure.value} ${scale.suffix}${thing}, not certain (${figure.interval ?? ''})`;
}

function isUnsure({ low, high }: Estimate): boolean {
  return low !== null && high !== null && low <= 0 && high >= 0;
}

/** A change in what is aimed at, negative where it is better: `−38.1 MiB (−44.0 to −33.1)`, `−0.412 (−0.5 to −0.3) of 11.0 a month`. */
export function gainText({ change, of }: Pick<Gain, 'change' | 'of'>, goal: Goal): string {
  if (change === undefined) return 'no value';
  if (goal.kind !== 'money') return candidText(change, goal.kind === 'cpu' ? 'fraction' : 'bytes');
  // Money has no prefixes: three figures of the largest.
  const { value, low, high } = change;
  const decimalsOf = (largest: number): number =>
    largest > 0 ? Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(largest)))) : 0;
  const decimals = decimalsOf(Math.max(...[value, low ?? 0, high ?? 0].map(Math.abs)));
  const number = (amount: number): string => amount.toFixed(decimals);
  const figure = figureOf(change, {
    scale: { divisor: 1, suffix: '', decimals, number, format: number },
    kind: 'difference',
  });
  const doubt = isUnsure(change) ? ', not certain' : '';
  const whole = of === undefined ? '' : ` of ${of.toFixed(decimalsOf(of))}`;
  return `${figure.value}${doubt} (${figure.interval ?? figure.refusal ?? ''})${whole} a month`;
}
