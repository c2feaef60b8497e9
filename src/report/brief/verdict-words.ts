import type {
  Answer,
  Effect,
  EffectView,
  MetricEffect,
  Obstacle,
  Recommendation,
} from '../../analysis/recommend/recommendation.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { textWidth } from '../../text/text-width.ts';
import { counted } from '../../text/words.ts';
import { mapped } from '../figure.ts';
import { capital } from '../words.ts';
import { AIM_PHRASES } from '../recommend/aim-phrases.ts';
import { gainText, limitsText, limitText, LIMIT_NAMES } from '../recommend/rule-words.ts';
import { briefChange, briefShare } from './brief-figure.ts';

/** What to do in one direction, in one sentence of about a line. */
export interface ShortAnswer {
  /** `For memory`; undefined where one answer is all there is. */
  readonly lead: string | undefined;
  /** `set GOGC=25`, `keep GOGC=100`, `stay at GOGC=100`, `change nothing for now`. */
  readonly act: string;
  /** What it saves and costs, or why not, as it goes on behind a colon. Untrusted names. */
  readonly because: string;
  /** The workload that it rests on, where there are several. */
  readonly under?: string | undefined;
}

type Reason = Pick<ShortAnswer, 'because' | 'under'>;

/** A sentence that is hardly longer than a line says less, and keeps to it. */
const LINE = 80;

/** The answer of each direction that is asked, in a line each; one where both say the same. */
export function shortAnswers(recommendation: Recommendation): readonly ShortAnswer[] {
  const told = recommendation.answers.map((answer) => shortAnswer(recommendation, answer));
  const [first, second] = told;
  if (first === undefined) return [];
  const same =
    second !== undefined &&
    first.act === second.act &&
    first.because === second.because &&
    first.under === second.under;
  return same || second === undefined ? [{ ...first, lead: undefined }] : told;
}

/** `For memory, set GOGC=25: 34 % (33–34) less memory at +8.7 % (7.7–9.8) CPU.` */
export function shortSentence({ lead, act, because, under }: ShortAnswer): string {
  const start = lead === undefined ? capital(act) : `${lead}, ${act}`;
  const whole = `${start}: ${because}${under === undefined ? '' : ` (${under})`}.`;
  return textWidth(whole) <= LINE ? whole : `${start}: ${because}.`;
}

/**
 * The answers that stand already, a line each: none of those that are still refused, nor of those that keep the baseline
 * for want of a greater gain, which more blocks may show.
 */
export function clearAnswers(recommendation: Recommendation): readonly string[] {
  const { answers } = recommendation;
  const clear = answers.filter(({ chosen, kept }) => chosen !== undefined && kept !== 'little' && kept !== 'fits');
  if (clear.length === answers.length) return shortAnswers(recommendation).map(shortSentence);
  return clear.map((answer) => shortSentence(shortAnswer(recommendation, answer)));
}

function shortAnswer(recommendation: Recommendation, answer: Answer): ShortAnswer {
  const { goal, chosen, refusal } = answer;
  const { lead } = AIM_PHRASES[goal.kind];
  if (chosen === undefined)
    return refusal?.code === 'baseline-invalid'
      ? { lead, act: 'change nothing for now', because: 'no trial of the baseline counts' }
      : {
          lead,
          act: `stay at ${recommendation.baseline ?? 'the current setting'}`,
          ...whyRefused(recommendation, answer),
        };
  if (chosen.baseline) return { lead, act: `keep ${chosen.label}`, because: whyKept(answer) };
  return { lead, act: `set ${chosen.label}`, ...whyChosen(answer) };
}

/** The effect under the workload where it is least favourable: dearest for memory, with least saved for CPU. */
function whyChosen(answer: Answer): Reason {
  const { goal, effects, settings, chosen } = answer;
  if (goal.kind !== 'memory' && goal.kind !== 'cpu') {
    const gains = settings.find(({ label }) => label === chosen?.label)?.gains ?? [];
    const texts = gains.map((gain) => `${gains.length > 1 ? `${gain.workload} ` : ''}${gainText(gain, goal)}`);
    return { because: texts.join(', ') };
  }
  const known = effects.filter((view): view is EffectView & { effect: Effect } => view.effect !== undefined);
  const [worst] = known.toSorted((a, b) => costOf(b.effect) - costOf(a.effect));
  if (worst === undefined) return { because: 'better in what counts here' };
  const { memory, cost } = worst.effect;
  const parts =
    goal.kind === 'memory'
      ? [
          ...(memory === undefined ? [] : [saving(memory, 'memory')]),
          ...(cost === undefined ? [] : [`at ${briefChange(changeOf(cost))} CPU`]),
        ]
      : cost !== undefined && !isSaved(cost)
        ? [
            `the least CPU that fits, ${briefChange(changeOf(cost))}`,
            ...(memory === undefined ? [] : [`with ${briefChange(changeOf(memory))} memory`]),
          ]
        : [
            ...(cost === undefined ? [] : [saving(cost, 'CPU')]),
            ...(memory === undefined ? [] : [`for ${briefChange(changeOf(memory))} memory`]),
          ];
  return { because: parts.join(' '), under: known.length > 1 ? worst.workload : undefined };
}

function costOf({ cost }: Effect): number {
  return cost === undefined ? 0 : changeOf(cost).value;
}

/** `34 % (33–34) less memory`; a change whose direction is not certain has its sign. */
function saving(effect: MetricEffect, what: string): string {
  const change = changeOf(effect);
  return isSaved(effect)
    ? `${briefShare(mapped(change, (value) => -value))} less ${what}`
    : `${briefChange(change)} ${what}`;
}

function isSaved(effect: MetricEffect): boolean {
  const { high } = changeOf(effect);
  return high !== null && high < 0;
}

function whyKept({ kept, goal, limits }: Answer): string {
  const within = limits.length === 0 ? '' : ` with ${limitsText(limits)}`;
  switch (kept) {
    case 'little':
      return goal.kind === 'money'
        ? 'at these prices GOGC hardly matters'
        : 'nothing is shown to need less CPU, and what could be saved is small';
    case 'fits':
      return `it fits, and nothing else that fits is shown to need less CPU`;
    case 'best':
    case undefined:
      return `nothing measured is better${within}`;
  }
}

function whyRefused({ blocks, workloads }: Recommendation, { refusal, goal, limits, settings }: Answer): Reason {
  const obstacles = refusal?.obstacles ?? [];
  const of = (obstacle: Obstacle | undefined, because: string): Reason => ({
    because,
    under: workloads.length > 1 ? obstacle?.workload : undefined,
  });
  switch (refusal?.code) {
    case 'cells-invalid':
      return {
        because: settings.every(({ baseline }) => baseline)
          ? 'no other setting was measured'
          : 'no other setting has enough trials that count',
      };
    case 'too-few-blocks':
      return {
        because:
          refusal.blocksNeeded !== null && blocks >= refusal.blocksNeeded
            ? 'another setting has too few trials that count'
            : `${counted(blocks, 'block')} ${blocks === 1 ? 'is' : 'are'} too few for an interval`,
      };
    case 'overlap': {
      const limited = nearest(obstacles.filter(({ limit }) => limit !== undefined));
      const doubtful = limited && doubt(limited);
      return doubtful === undefined
        ? { because: `it is not certain that another setting keeps ${limitsText(limits)}` }
        : of(limited, doubtful);
    }
    case 'not-shown': {
      // The one that comes nearest to a saving: of another nobody would have expected one.
      const next = nearest(obstacles);
      return next?.estimate === undefined
        ? { because: 'nothing is shown to be better' }
        : of(
            next,
            `${next.setting} shows no saving: ${goal.kind === 'cpu' ? briefChange(next.estimate) : gainText({ change: next.estimate, of: next.of }, goal)}`,
          );
    }
    case 'limits-unmet':
      return { because: `no measured setting has ${limitsText(limits)}` };
    case 'limits-contradict':
      return { because: `no measured setting has ${limitsText(limits)} at once` };
    case 'baseline-invalid':
    case undefined:
      return { because: 'nothing can be compared' };
  }
}

/** What stands in the way of each setting most, in the order of the settings. */
function worstBySetting(obstacles: readonly Obstacle[]): readonly Obstacle[] {
  return [...Map.groupBy(obstacles, ({ setting }) => setting).values()].flatMap((own) =>
    own.toSorted((a, b) => valueOf(b) - valueOf(a)).slice(0, 1),
  );
}

/** What stands in the way of the setting that is nearest to its limit, or to a saving. */
function nearest(obstacles: readonly Obstacle[]): Obstacle | undefined {
  return worstBySetting(obstacles).toSorted((a, b) => valueOf(a) - valueOf(b))[0];
}

function valueOf({ estimate }: Obstacle): number {
  return estimate?.value ?? Infinity;
}

/** `GOGC=50 may exceed +10 % CPU: +12 % (−1 to +29)`; undefined where no limit stands in its way. */
function doubt({ setting, limit, estimate, workload }: Obstacle): string | undefined {
  if (limit === undefined) return undefined;
  if (estimate === undefined) return `${setting} has no value under ${workload}`;
  const figure = limit.kind === 'change' ? `: ${briefChange(mapped(estimate, (ratio) => ratio - 1))}` : '';
  return `${setting} may exceed ${limitText(limit)} ${LIMIT_NAMES[limit.name]}${figure}`;
}

/** What would decide a refused answer. */
export interface BlocksToDecide {
  readonly blocks: number;
  /** How long so many take; undefined where that is not known. */
  readonly seconds: number | undefined;
}

/** How many blocks would decide what is refused; undefined where nothing is, or more blocks would not. */
export function blocksToDecide({ answers, blockSeconds }: Recommendation): BlocksToDecide | undefined {
  const needed = answers.flatMap(({ refusal }) => refusal?.blocksNeeded ?? []);
  if (needed.length === 0) return undefined;
  const blocks = Math.max(...needed);
  return { blocks, seconds: blockSeconds === null ? undefined : blockSeconds * blocks };
}

/** A change relative to the baseline; of what has no ratio, relative to what it is of. */
function changeOf({ ratio, difference, from }: MetricEffect): Estimate {
  return ratio === undefined ? mapped(difference, (value) => value / from.value) : mapped(ratio, (value) => value - 1);
}
