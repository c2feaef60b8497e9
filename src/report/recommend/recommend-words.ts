import { counted } from '../../text/words.ts';
import type {
  Answer,
  Effect,
  EffectView,
  MetricEffect,
  Recommendation,
} from '../../analysis/recommend/recommendation.ts';
import { formatUnit, type MetricUnit } from '../../units/format-units.ts';
import { METRICS, type MetricId } from '../../metrics/metrics.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { briefChange, briefName } from '../brief/brief-figure.ts';
import { mapped } from '../figure.ts';
import { AIM_PHRASES } from './aim-phrases.ts';
import { refusalSentences } from './refusal-words.ts';
import { candidPhrase, candidText, gainText, judgementText, limitsText, sizeText } from './rule-words.ts';

/** p99 that may be this many times the baseline's is a caution, in a sentence of its own. */
const CAUTION = 1.5;
/** From here on it may have doubled. */
const DOUBLED = 1.9;
const MORE_THAN_DOUBLED = 2.5;

/** The answer in sentences, the most important one first; both directions where both are asked. Untrusted names. */
export function answerSentences(recommendation: Recommendation): readonly string[] {
  return answerGroups(recommendation).flat();
}

/** The sentences of each direction that is asked, its answer first; one group where both say the same. Untrusted names. */
export function answerGroups(recommendation: Recommendation): readonly (readonly string[])[] {
  const { answers } = recommendation;
  const told = answers.map((answer) => sentencesOf(recommendation, answer));
  const [first, second] = told;
  // What keeps anything from being said keeps it from being said of both.
  if (first !== undefined && (second === undefined || first.join() === second.join())) return [first];
  return answers.map(({ goal }, i) =>
    (told[i] ?? []).map((sentence, j) =>
      j === 0 ? `${AIM_PHRASES[goal.kind].lead}: ${decapitalised(sentence)}` : sentence,
    ),
  );
}

function sentencesOf(recommendation: Recommendation, answer: Answer): readonly string[] {
  const { chosen, effects } = answer;
  if (chosen === undefined) return refusalSentences(recommendation, answer);
  if (chosen.baseline) return [keepSentence(answer)];
  const place = placeOf(answer);
  return [
    ...effects.flatMap((view) =>
      view.effect === undefined
        ? []
        : [
            `${place(view)}${effectSentence(recommendation, answer, view, view.effect)}${alternativeSentence(answer, view)}`,
          ],
    ),
    ...latencyCautions(answer),
    ...moneySentence(answer),
    ...inDoubt(answer),
  ];
}

/** A rise of p99 under the chosen setting that may be large, a sentence for each workload. Untrusted names. */
function latencyCautions(answer: Answer): readonly string[] {
  const place = cautionPlace(answer);
  return answer.effects.flatMap((view) => {
    const caution = view.effect?.latency && cautionText(view.effect.latency);
    return caution === undefined ? [] : [`Caution: ${place(view)}${caution}.`];
  });
}

/** The same in one line, of the workload where p99 may rise most: `GOGC=50, add: p99 may have doubled: +18 % (−24 to +100)`. Untrusted names. */
export function shortCautions(answer: Answer): readonly string[] {
  const place = cautionPlace(answer);
  const told = answer.effects.flatMap((view) => {
    const { ratio, metric } = view.effect?.latency ?? {};
    const most = ratio && mostText(ratio);
    if (ratio === undefined || metric === undefined || most === undefined) return [];
    const text = `${place(view)}${briefName(metric)} ${most}: ${briefChange(mapped(ratio, (value) => value - 1))}`;
    return [{ text, high: ratio.high ?? 0 }];
  });
  return told
    .toSorted((a, b) => b.high - a.high)
    .slice(0, 1)
    .map(({ text }) => text);
}

/** What a caution is about: there may be two answers above it, with a setting each. */
function cautionPlace({ chosen, effects }: Answer): (view: EffectView) => string {
  return ({ workload }) => `${[chosen?.label ?? [], effects.length > 1 ? workload : []].flat().join(', ')}: `;
}

function placeOf({ effects }: Answer): (view: EffectView) => string {
  return ({ workload }) => (effects.length > 1 ? `${workload}: ` : '');
}

/** `GOGC=50 saves 38 MiB (33–44) of 142 MiB anonymous memory at +6.1 % CPU per request (4.9–7.4); latency p99 +1.2 %, not certain (−3.0 to +5.1)`. */
function effectSentence(
  { baseline }: Recommendation,
  { chosen, goal }: Answer,
  view: EffectView,
  effect: Effect,
): string {
  const { memory, cost, latency } = effect;
  const n = Math.min(...[memory, cost].flatMap((one) => (one === undefined ? [] : [one.difference.n])));
  const phrases =
    goal.kind === 'cpu'
      ? [
          ...(cost === undefined ? [] : [costPhrase(cost, view)]),
          ...(memory === undefined ? [] : [`${cost === undefined ? '' : 'and '}${memoryPhrase(memory)}`]),
        ]
      : [
          ...(memory === undefined ? [] : [memoryPhrase(memory)]),
          ...(cost === undefined ? [] : [`at ${changePhrase(cost, view)}`]),
        ];
  const p99 = latency === undefined || cautionText(latency) !== undefined ? '' : `; ${latencyPhrase(latency)}`;
  return `${chosen?.label ?? ''} ${phrases.join(' ')} against ${baseline ?? ''} (n = ${counted(n, 'block')})${p99}.`;
}

function memoryPhrase({ metric, from, difference }: MetricEffect): string {
  const name = METRICS[metric].label;
  const level = formatUnit(from.value, 'bytes');
  const { low, high } = difference;
  if (low !== null && low > 0) return `takes ${sizeText(difference)} on top of ${level} ${name}`;
  if (high !== null && high < 0) return `saves ${sizeText(negated(difference))} of ${level} ${name}`;
  return `changes ${level} ${name} by ${candidText(difference, 'bytes')},`;
}

function costPhrase(effect: MetricEffect, view: EffectView): string {
  const { metric, ratio } = effect;
  const name = costName(metric, view.unit);
  const size = (change: (ratio: number) => number): string =>
    sizeText(mapped(effect.ratio ?? effect.difference, change), 'fraction');
  const { low = null, high = null } = ratio ?? {};
  if (high !== null && high < 1) return `saves ${size((value) => 1 - value)} of ${name}`;
  if (low !== null && low > 1) return `needs ${size((value) => value - 1)} more ${name}`;
  return `has ${changePhrase(effect, view)}`;
}

/** The estimate beside its interval; an end of the interval by itself would be read as a promise. */
function latencyPhrase(effect: MetricEffect): string {
  const name = METRICS[effect.metric].label;
  if (effect.ratio === undefined || effect.ratio.high === null) return `${name} is unknown with so few blocks`;
  return `${name} ${changeText(effect)}`;
}

/** A rise of p99 that may be large; undefined where it is not. */
function cautionText(effect: MetricEffect): string | undefined {
  const { ratio, metric } = effect;
  const most = ratio && mostText(ratio);
  return most === undefined ? undefined : `${METRICS[metric].label} ${most}: ${changeText(effect)}`;
}

function mostText({ low, high }: Estimate): string | undefined {
  if (high === null || low === null || high < CAUTION) return undefined;
  return high >= DOUBLED && high < MORE_THAN_DOUBLED
    ? 'may have doubled'
    : `may be ${high.toPrecision(2)} times the baseline’s`;
}

/** ` Next on the front, GOGC=25 saves 19 MiB more (15–22) at +9 % (7–11) CPU per request against that.`, or nothing. */
function alternativeSentence({ settings }: Answer, view: EffectView): string {
  const { alternative } = view;
  if (alternative?.memory === undefined || alternative.cost === undefined) return '';
  const { memory, cost, label } = alternative;
  const states = (settings.find((setting) => setting.label === label)?.judgements ?? [])
    .filter(({ workload }) => workload === view.workload)
    .map(({ state }) => state);
  const standing = states.includes('broken')
    ? ' (beyond a limit)'
    : states.includes('open')
      ? ' (not certain to be within the limits)'
      : '';
  const saving = memory.difference.value < 0;
  const size = sizeText(saving ? negated(memory.difference) : memory.difference);
  return ` Next on the Pareto front, ${label}${standing} ${saving ? 'saves' : 'takes'} ${size} more at ${changePhrase(cost, view)} against that (n = ${counted(memory.difference.n, 'block')}).`;
}

/** What the chosen setting changes in money, where prices were given. */
function moneySentence({ chosen, settings, goal }: Answer): readonly string[] {
  if (goal.kind !== 'money') return [];
  const gains = settings.find(({ label }) => label === chosen?.label)?.gains ?? [];
  const parts = gains.flatMap((gain) =>
    gain.change === undefined
      ? []
      : [`${gain.workload} ${gainText(gain, goal)} (n = ${counted(gain.change.n, 'block')})`],
  );
  return parts.length === 0 ? [] : [`In money: ${parts.join('; ')}.`];
}

function keepSentence(answer: Answer): string {
  const { chosen, kept, goal, limits, settings, effects } = answer;
  const label = chosen?.label ?? '';
  const { better } = AIM_PHRASES[goal.kind];
  const within = limits.length === 0 ? '' : ` with ${limitsText(limits)}`;
  const open = openGains(answer);
  const candidates = open.length === 0 ? '' : `: ${open.join(', ')}`;
  switch (kept) {
    case 'little':
      return goal.kind === 'money'
        ? `Keep ${label}: at these prices GOGC hardly matters, and no other setting is shown to cost less${candidates}.`
        : `Keep ${label}: no other setting${within} is shown to need less CPU, and what one may save is small${candidates}.`;
    case 'fits': {
      const own = settings.find(({ baseline }) => baseline)?.judgements ?? [];
      return `Keep ${label}: it has ${limitsText(limits)} (${own
        .filter(({ estimate }) => estimate !== undefined)
        .map(judgementText)
        .join(
          '; ',
        )}), and none of the others that do is shown to need less CPU${effects.length > 1 ? ' under every workload' : ''}${candidates}.`;
    }
    case 'best':
    case undefined: {
      const broken = settings.flatMap(({ label: other, judgements }) => {
        const judgement = judgements.find(({ state }) => state === 'broken');
        return judgement === undefined ? [] : [`${other} (${judgementText(judgement)})`];
      });
      const beyond = broken.length === 0 ? '' : ` Beyond a limit: ${broken.join('; ')}.`;
      return `Keep ${label}: no other measured setting ${better}${within}.${beyond}`;
    }
  }
}

/** What other settings may gain that is not shown, those that may gain by their estimate before all: `GOGC=200 (add: CPU −3.7 %, not certain (−15.6 to +8.3), n = 10 blocks)`. */
function openGains({ settings, goal }: Answer): readonly string[] {
  const open = settings.filter(
    ({ excluded, judgements, gains }) =>
      excluded === undefined &&
      !judgements.some(({ state }) => state === 'broken') &&
      gains.some(({ state }) => state === 'open' || state === 'chance') &&
      !gains.some(({ state }) => state === 'loss'),
  );
  const hopeful = open.filter(({ gains }) => gains.some(({ change }) => (change?.value ?? 0) < 0));
  return (hopeful.length > 0 && goal.kind !== 'money' ? hopeful : open).map(({ label, gains }) => {
    const parts = gains.map(
      (gain) =>
        `${gain.workload}: ${AIM_PHRASES[goal.kind].subject}${gainText(gain, goal)}${gain.state === 'chance' ? ', which may be chance among so many comparisons' : ''}, n = ${counted(gain.change?.n ?? 0, 'block')}`,
    );
    return `${label} (${parts.join('; ')})`;
  });
}

/** Settings that might do better still but are not shown to meet the limits. */
function inDoubt({ chosen, settings }: Answer): readonly string[] {
  const doubtful = settings.flatMap(({ label, excluded, judgements, gains }) => {
    if (label === chosen?.label || excluded !== undefined) return [];
    const open = judgements.filter(({ state }) => state === 'open');
    const [first] = open;
    if (first === undefined || judgements.some(({ state }) => state === 'broken')) return [];
    if (gains.some(({ state }) => state === 'loss')) return [];
    return [`${label} (${judgementText(first)})`];
  });
  return doubtful.length === 0 ? [] : [`Not shown to be within the limits: ${doubtful.join('; ')}.`];
}

/** What a metric's CPU is called for one workload: a batch does runs. */
function costName(metric: MetricId, unit: EffectView['unit']): string {
  const { label } = METRICS[metric];
  return unit === 'run' ? label.replace('per request', 'per run') : label;
}

function changeText(effect: MetricEffect): string {
  return candidText(...changeOf(effect));
}

function changePhrase(effect: MetricEffect, { unit }: EffectView): string {
  return candidPhrase(...changeOf(effect), costName(effect.metric, unit));
}

function changeOf({ difference, ratio, metric }: MetricEffect): [Estimate, MetricUnit] {
  return ratio === undefined ? [difference, METRICS[metric].unit] : [mapped(ratio, (value) => value - 1), 'fraction'];
}

function negated(estimate: Estimate): Estimate {
  return mapped(estimate, (value) => -value);
}

/** `Stay at …` after `For memory: `; names of settings keep their capitals. */
function decapitalised(sentence: string): string {
  return /^(?:Keep|Stay|No|Change) /.test(sentence) ? sentence.slice(0, 1).toLowerCase() + sentence.slice(1) : sentence;
}
