import { counted, percent } from '../../text/words.ts';
import { METRIC_ENTRIES, METRICS, type MetricId } from '../../metrics/metrics.ts';
import type { CellAnalysis, Contrast, WorkloadAnalysis } from '../analysis.ts';
import { asChange, nameOf, quantity, signedWithInterval, sizeWithInterval } from './words.ts';

type Unit = WorkloadAnalysis['unit'];

/** What a phrase needs to know beside the contrast. */
export interface PhraseContext {
  readonly baseline: CellAnalysis;
  readonly unit: Unit;
  /** Contrasts that are tested together with a primary one. */
  readonly comparisons: number;
  readonly matters: number;
}

/** A part of a sentence, and whether it holds a doubt: then it has commas of its own. */
export interface Phrase {
  readonly text: string;
  readonly doubted: boolean;
}

/**
 * What a contrast says of a cell: `saves 4.1 MiB (3.8–4.4) or 33 % (31–36) of 12.3 MiB anonymous memory`, `costs
 * +6.1 % (4.9–7.4) CPU per request`; the estimate stands beside its interval whether or not it is shown:
 * `changes CPU per request by +12 %, not certain (−1 to +29)`.
 */
export function phraseOf(contrast: Contrast, isMemory: boolean, context: PhraseContext): Phrase {
  const { verdict, metric, family, adjustedP } = contrast;
  const plain = (text: string): Phrase => ({ text, doubted: false });
  const doubted = (text: string): Phrase => ({ text, doubted: true });
  const verb = isMemory ? memoryVerb(contrast, context) : costVerb(contrast, context.unit);
  switch (verdict.claim) {
    case 'none':
      return plain(isMemory ? unknownMemory(contrast, context) : unknownCost(contrast, context.unit));
    case 'not-shown': {
      const { effect, scale } = judgedOf(contrast);
      return doubted(
        `changes ${nameOf(metric, context.unit)} by ${signedWithInterval(effect, scale, ', not certain')}`,
      );
    }
    case 'may-be-chance': {
      const among =
        family === 'primary' ? `among ${counted(context.comparisons, 'comparison')}` : 'as one of many comparisons';
      return doubted(`${verb}, which may be chance ${among} (adjusted p = ${adjustedP?.toPrecision(2)})`);
    }
    case 'smaller-than-matters':
      return plain(`${verb} (no larger than the smallest change that matters, ${percent(context.matters)})`);
    case 'better':
    case 'worse':
    case 'changed':
      return plain(verb);
  }
}

/** What of a contrast is judged, as it is printed: a change in per cent, or a difference where there is no ratio. */
export function judgedOf({ ratio, difference, metric }: Pick<Contrast, 'ratio' | 'difference' | 'metric'>): {
  readonly effect: Contrast['difference'];
  readonly scale: (typeof METRICS)[MetricId]['unit'];
} {
  return ratio === undefined
    ? { effect: difference, scale: METRICS[metric].unit }
    : { effect: asChange(ratio), scale: 'fraction' };
}

function memoryVerb({ difference, ratio, metric, verdict }: Contrast, { baseline, unit }: PhraseContext): string {
  const level = baseline.estimates[metric];
  const of = [...(level === undefined ? [] : [quantity(level.value, 'bytes')]), nameOf(metric, unit)].join(' ');
  const sizes = [
    sizeWithInterval(difference, 'bytes'),
    ...(ratio === undefined ? [] : [sizeWithInterval(asChange(ratio), 'fraction')]),
  ].join(' or ');
  return verdict.side === 'below' ? `saves ${sizes} of ${of}` : `takes ${sizes} on top of ${of}`;
}

function costVerb(contrast: Contrast, unit: Unit): string {
  const { effect, scale } = judgedOf(contrast);
  const name = nameOf(contrast.metric, unit);
  const size = sizeWithInterval(effect, scale);
  const isPrice = METRIC_ENTRIES[contrast.metric].price === true;
  if (contrast.verdict.side === 'below') return isPrice ? `saves ${size} of ${name}` : `lowers ${name} by ${size}`;
  return isPrice ? `costs +${size} ${name}` : `raises ${name} by ${size}`;
}

function unknownMemory({ difference, metric }: Contrast, { baseline, unit }: PhraseContext): string {
  const level = baseline.estimates[metric];
  const of = [...(level === undefined ? [] : [quantity(level.value, 'bytes')]), nameOf(metric, unit)].join(' ');
  return `measured ${sizeWithInterval(difference, 'bytes')} ${difference.value < 0 ? 'less' : 'more'} than ${of}`;
}

function unknownCost(contrast: Contrast, unit: Unit): string {
  const { effect, scale } = judgedOf(contrast);
  const size = sizeWithInterval(effect, scale);
  return `measured ${size} ${effect.value < 0 ? 'less' : 'more'} ${nameOf(contrast.metric, unit)}`;
}
