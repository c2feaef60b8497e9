import type { Effect, MetricEffect, Recommendation, WorkloadView } from '../../analysis/recommend/recommendation.ts';
import { formatUnit } from '../../experiment/format-units.ts';
import { METRICS, type MetricId } from '../../experiment/metrics.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { mapped } from '../figure.ts';
import { counted } from '../words.ts';
import { refusalSentences } from './refusal-words.ts';
import { gainText, judgementText, ruleText, signedText, sizeText } from './rule-words.ts';

/** The answer in sentences, the most important one first. Untrusted names. */
export function answerSentences(recommendation: Recommendation): readonly string[] {
  const { chosen, workloads } = recommendation;
  if (chosen === undefined) return refusalSentences(recommendation);
  if (chosen.baseline) return [keepSentence(recommendation), ...inDoubt(recommendation)];
  const several = workloads.length > 1;
  return [
    ...workloads.flatMap((view) => {
      const text = view.effect && effectSentence(chosen.label, recommendation.baseline ?? '', view, view.effect);
      return text === undefined ? [] : [`${several ? `${view.workload}: ` : ''}${text}${alternativeSentence(view)}`];
    }),
    ...moneySentence(recommendation),
    ...inDoubt(recommendation),
  ];
}

/** `GOGC=50 saves 38 MiB (33–44) of 142 MiB anonymous memory at +6.1 % CPU per request (4.9–7.4); p99 is no worse than +5 %`. */
function effectSentence(label: string, baseline: string, view: WorkloadView, effect: Effect): string {
  const { memory, cost, latency } = effect;
  const n = Math.min(...[memory, cost].flatMap((one) => (one === undefined ? [] : [one.difference.n])));
  const parts = [
    ...(memory === undefined ? [] : [memoryPhrase(memory)]),
    ...(cost === undefined ? [] : [`at ${changeText(cost)} ${costName(cost.metric, view.unit)}`]),
  ];
  const p99 = latency === undefined ? '' : `; ${latencyPhrase(latency)}`;
  return `${label} ${parts.join(' ')} against ${baseline} (n = ${counted(n, 'block')})${p99}.`;
}

function memoryPhrase({ metric, from, difference }: MetricEffect): string {
  const name = METRICS[metric].label;
  const level = formatUnit(from.value, 'bytes');
  const { low, high } = difference;
  if (low !== null && low > 0) return `takes ${sizeText(difference)} on top of ${level} ${name}`;
  if (high !== null && high < 0) return `saves ${sizeText(negated(difference))} of ${level} ${name}`;
  return `changes ${level} ${name} by ${signedText(difference, 'bytes')}`;
}

/** Non-inferiority from the end of the interval; never "no difference". */
function latencyPhrase({ metric, ratio }: MetricEffect): string {
  const name = METRICS[metric].label;
  if (ratio === undefined || ratio.high === null) return `of ${name} nothing can be said with so few blocks`;
  // Rounded away from what would please.
  const bound = Math.ceil((ratio.high - 1) * 1000 - 1e-9) / 1000;
  if (bound < 0) return `${name} is lower by at least ${formatUnit(-bound, 'fraction')}`;
  return `${name} is no worse than +${formatUnit(bound, 'fraction')}`;
}

/** ` GOGC=25 saves 19 MiB more (15–22) for another +9 % (7–11).`, or nothing. */
function alternativeSentence({ alternative, unit }: WorkloadView): string {
  if (alternative?.memory === undefined || alternative.cost === undefined) return '';
  const { memory, cost, label } = alternative;
  const saving = memory.difference.value < 0;
  const size = sizeText(saving ? negated(memory.difference) : memory.difference);
  return ` Next on the front, ${label} ${saving ? 'saves' : 'takes'} ${size} more at ${changeText(cost)} ${costName(cost.metric, unit)} against that (n = ${counted(memory.difference.n, 'block')}).`;
}

/** What the chosen setting changes in money, where prices were given. */
function moneySentence({ chosen, settings, wishes }: Recommendation): readonly string[] {
  if (wishes.goal.kind !== 'money') return [];
  const gains = settings.find(({ label }) => label === chosen?.label)?.gains ?? [];
  const parts = gains.flatMap(({ workload, change }) =>
    change === undefined ? [] : [`${workload} ${gainText(change, wishes.goal)} (n = ${counted(change.n, 'block')})`],
  );
  return parts.length === 0 ? [] : [`In money: ${parts.join('; ')}.`];
}

function keepSentence({ chosen, settings, wishes }: Recommendation): string {
  const broken = settings.flatMap(({ label, judgements }) => {
    const judgement = judgements.find(({ state }) => state === 'broken');
    return judgement === undefined ? [] : [`${label} (${judgementText(judgement)})`];
  });
  const beyond = broken.length === 0 ? '' : ` Beyond a limit: ${broken.join('; ')}.`;
  return `Keep ${chosen?.label ?? ''}: nothing measured is better in what was asked for, ${ruleText(wishes)}.${beyond}`;
}

/** Settings that might do better still but are not shown to meet the limits. */
function inDoubt({ chosen, settings }: Recommendation): readonly string[] {
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
function costName(metric: MetricId, unit: WorkloadView['unit']): string {
  const { label } = METRICS[metric];
  return unit === 'run' ? label.replace('per request', 'per run') : label;
}

function changeText({ difference, ratio, metric }: MetricEffect): string {
  if (ratio === undefined) return signedText(difference, METRICS[metric].unit);
  return signedText(
    mapped(ratio, (value) => value - 1),
    'fraction',
  );
}

function negated(estimate: Estimate): Estimate {
  return mapped(estimate, (value) => -value);
}
