import { counted, listed } from '../../text/words.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { METRICS, type MetricId } from '../../metrics/metrics.ts';
import { leastN } from '../../statistics/least-n.ts';
import type { CellAnalysis, Contrast, Finding, MetricNoise, WorkloadAnalysis } from '../analysis.ts';
import { baselineOf } from '../inference/baseline-cell.ts';
import { gcSentences } from './finding-gc.ts';
import { phraseOf, type PhraseContext } from './finding-phrases.ts';
import { primaryFamily } from '../inference/primary-family.ts';
import { nameOf, quantity } from './words.ts';

/** The finding in plain sentences, for each workload the strongest first. */
export function findingOf(experiment: Experiment, workloads: readonly WorkloadAnalysis[]): readonly Finding[] {
  const comparisons = primaryFamily(workloads).length;
  return workloads.flatMap((workload) =>
    sentencesOf(experiment, workload, comparisons).map((text) => ({ workload: workload.workload, text })),
  );
}

function sentencesOf(experiment: Experiment, workload: WorkloadAnalysis, comparisons: number): readonly string[] {
  const baseline = baselineOf(workload.cells);
  if (baseline === undefined) return ['No comparison is possible: the plan has no baseline cell.'];
  if (baseline.valid === 0) {
    return [
      `No comparison is possible: no trial of the baseline ${baseline.label} counts (${baseline.shortfall ?? 'none was run'}).`,
    ];
  }
  const levels = workload.cells.filter((cell) => cell !== baseline && cell.role === 'level');
  const context = { baseline, unit: workload.unit, comparisons, matters: experiment.matters ?? 0 };
  return [
    ...ranked(workload, levels).map(({ cell, note }) => levelSentence(experiment, workload, context, cell, note)),
    ...gcSentences(baseline, levels),
    ...noiseSentences(experiment, workload),
  ];
}

/** Levels in the order of what they are worth knowing: least memory, least cost (where shown at all), then the matrix. */
function ranked(
  workload: WorkloadAnalysis,
  levels: readonly CellAnalysis[],
): readonly { cell: CellAnalysis; note: string | undefined }[] {
  const { memory, cost } = workload.axes;
  const [lean, cheap] = [lowest(workload, levels, memory), lowest(workload, levels, cost)];
  return [...new Set([lean, cheap, ...levels])].flatMap((cell) => {
    if (cell === undefined) return [];
    const best = [
      ...(cell === lean ? ['memory'] : []),
      ...(cell === cheap && cost !== undefined ? [nameOf(cost, workload.unit)] : []),
    ];
    return [{ cell, note: best.length === 0 ? undefined : `lowest measured ${listed(best)}` }];
  });
}

/** The level with the least of a metric, of those that are shown to have less than the baseline. */
function lowest(
  { contrasts }: WorkloadAnalysis,
  levels: readonly CellAnalysis[],
  metric: MetricId | undefined,
): CellAnalysis | undefined {
  const less = contrasts.filter(
    (one) => one.metric === metric && one.kind === 'level' && one.verdict.claim === 'better',
  );
  const size = ({ ratio, difference }: Contrast): number => ratio?.value ?? difference.value;
  const least = less.toSorted((a, b) => size(a) - size(b))[0];
  return levels.find((cell) => cell.id === least?.cell);
}

function levelSentence(
  experiment: Experiment,
  workload: WorkloadAnalysis,
  context: PhraseContext,
  cell: CellAnalysis,
  note: string | undefined,
): string {
  if (cell.valid === 0) return `${cell.label} cannot be judged: ${cell.shortfall ?? 'no trial of it was run'}.`;
  const name = note === undefined ? cell.label : `${cell.label} (${note})`;
  const found = spokenOf(experiment, workload).flatMap((metric) => {
    const one = workload.contrasts.find((contrast) => contrast.cell === cell.id && contrast.metric === metric);
    return one === undefined ? [] : [one];
  });
  const { label } = context.baseline;
  if (found.length === 0)
    return `${name} cannot be judged: no block has comparable measurements of it and of ${label}.`;
  const phrases = found.map((contrast) => phraseOf(contrast, contrast.metric === workload.axes.memory, context));
  const sizes = found.map(({ difference }) => difference.n);
  const [n, most] = [Math.min(...sizes), Math.max(...sizes)];
  const blocks = `n = ${counted(n, 'block')}`;
  const end = found.some(({ verdict }) => verdict.claim === 'none')
    ? `${blocks}; an interval needs ${leastN(experiment.confidence)}`
    : most === n
      ? blocks
      : `n = ${n} to ${most} blocks`;
  const texts = phrases.map(({ text }) => text);
  // What is in doubt has commas of its own.
  const joined = phrases.some(({ doubted }) => doubted) ? texts.join('; ') : listed(texts);
  return `${name} ${joined} against ${label} (${end}).`;
}

/** What two runs of the same setting show: how much a pair of them scatters, whether they differ, and what could be found. */
function noiseSentences(experiment: Experiment, workload: WorkloadAnalysis): readonly string[] {
  if (workload.noise.length === 0) {
    return ['The noise of this machine is unknown: there is no usable A/A cell.'];
  }
  const spoken = spokenOf(experiment, workload).flatMap((metric) => {
    const noise = workload.noise.find((one) => one.metric === metric);
    return noise === undefined ? [] : [noise];
  });
  const n = Math.min(...(spoken.length > 0 ? spoken : workload.noise).map((noise) => noise.n));
  const needed = leastN(experiment.confidence);
  if (n < needed) {
    return [`The noise of this machine is unknown: the A/A cell has ${counted(n, 'block')}, and ${needed} are needed.`];
  }
  const name = (metric: MetricId): string => nameOf(metric, workload.unit);
  const scatter = spoken.flatMap((noise) => inWords(noise, noise.relativeSd, noise.sd, name));
  const found = spoken.flatMap((noise) => inWords(noise, noise.relativeDetectable, noise.detectable, name));
  const odd = spoken.filter(({ holdsZero }) => holdsZero === false).map(({ metric }) => name(metric));
  const check =
    odd.length === 0
      ? 'the A/A check passes: none of their intervals excludes zero'
      : `the A/A check fails for ${listed(odd)}`;
  return [
    ...(scatter.length === 0
      ? []
      : [
          `Noise: the difference between two trials of the same setting in one block has a standard deviation of ${listed(scatter)} (n = ${counted(n, 'block')}); ${check}.`,
        ]),
    ...(found.length === 0 ? [] : [`This run had 80 % power to detect differences of at least ${listed(found)}.`]),
  ];
}

function inWords(
  { metric }: MetricNoise,
  relative: number | null,
  absolute: number | null,
  name: (metric: MetricId) => string,
): readonly string[] {
  if (relative !== null) return [`${quantity(relative, 'fraction')} in ${name(metric)}`];
  return absolute === null ? [] : [`${quantity(absolute, METRICS[metric].unit)} in ${name(metric)}`];
}

/** Memory, cost, then the primaries that are neither. */
function spokenOf({ primaries }: Experiment, { axes: { memory, cost } }: WorkloadAnalysis): readonly MetricId[] {
  return [...new Set([memory, cost, ...primaries].filter((metric) => metric !== undefined))];
}
