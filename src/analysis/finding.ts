import type { Experiment } from '../experiment/experiment.ts';
import { METRICS, type MetricId } from '../experiment/metrics.ts';
import { leastN } from '../statistics/least-n.ts';
import type { CellAnalysis, Contrast, WorkloadAnalysis } from './analysis.ts';
import { gcSentences } from './finding-gc.ts';
import { costPhrase, memoryPhrase, relative } from './finding-phrases.ts';
import { sideOf, withinNoise } from './noise-floor.ts';
import { mayBeChance, primaryFamily, type PrimaryFamily } from './primary-family.ts';
import { counted, listed, nameOf, percent, quantity, signedInterval } from './words.ts';

/** The finding in plain sentences, for each workload the strongest first. */
export function findingOf(experiment: Experiment, workloads: readonly WorkloadAnalysis[]): readonly string[] {
  const family = primaryFamily(experiment, workloads);
  return [
    ...workloads.flatMap((workload) =>
      sentencesOf(experiment, workload, family).map((text) => `${workload.workload}: ${text}`),
    ),
    ...familySentence(experiment, workloads, family),
  ];
}

/** That no p can be small enough is no reason to doubt a wide gap, but the reader must know what the intervals are. */
function familySentence(
  { confidence }: Experiment,
  workloads: readonly WorkloadAnalysis[],
  { comparisons, needed, reachable }: PrimaryFamily,
): readonly string[] {
  const shown = workloads.some(({ contrasts }) =>
    contrasts.some(({ family, difference }) => family === 'primary' && difference.low !== null),
  );
  if (reachable || !shown) return [];
  return [
    `Each interval holds by itself: with ${comparisons} comparisons in the primary metrics it takes ${needed} blocks before one can be significant after Holm’s correction at ${percent(confidence)}.`,
  ];
}

function sentencesOf(experiment: Experiment, workload: WorkloadAnalysis, family: PrimaryFamily): readonly string[] {
  const baseline = workload.cells.find((cell) => cell.baseline && cell.role === 'level');
  if (baseline === undefined) return ['nothing can be said: the plan has no baseline cell.'];
  if (baseline.valid === 0) {
    return [
      `nothing can be said: no trial of the baseline ${baseline.label} counts (${baseline.shortfall ?? 'none was run'}).`,
    ];
  }
  const levels = workload.cells.filter((cell) => cell !== baseline && cell.role === 'level');
  const { memory, cost } = workload.axes;
  const ranked = rank({ experiment, workload, family, levels }, memory, cost);
  return [
    ...ranked.map(({ cell, note }) => levelSentence(experiment, workload, family, baseline, cell, note, memory, cost)),
    ...gcSentences(baseline, levels),
    ...noiseSentence(experiment, workload, memory, cost),
  ];
}

/** What the levels of a workload are judged in. */
interface Field {
  readonly experiment: Experiment;
  readonly workload: WorkloadAnalysis;
  readonly family: PrimaryFamily;
  readonly levels: readonly CellAnalysis[];
}

/** Levels in the order of what they are worth knowing: least memory, least cost (where shown at all), then the matrix. */
function rank(
  field: Field,
  memory: MetricId | undefined,
  cost: MetricId | undefined,
): readonly { cell: CellAnalysis; note: string | undefined }[] {
  const [lean, cheap] = [lowest(field, memory), lowest(field, cost)];
  return [...new Set([lean, cheap, ...field.levels])].flatMap((cell) => {
    if (cell === undefined) return [];
    const best = [
      ...(cell === lean ? ['the least memory'] : []),
      ...(cell === cheap && cost !== undefined ? [`the least ${nameOf(cost, field.workload.unit)}`] : []),
    ];
    return [{ cell, note: best.length === 0 ? undefined : `measured with ${listed(best)}` }];
  });
}

/** The level with the least of a metric, of those that are shown to have less than the baseline, beyond the noise. */
function lowest(
  { experiment, workload, family, levels }: Field,
  metric: MetricId | undefined,
): CellAnalysis | undefined {
  if (metric === undefined) return undefined;
  const less = workload.contrasts.filter(
    (contrast) =>
      contrast.metric === metric &&
      contrast.kind === 'level' &&
      sideOf(contrast.difference, 0) === 'below' &&
      !withinNoise(workload.contrasts, contrast) &&
      !mayBeChance(contrast, family, experiment.confidence),
  );
  const least = less.toSorted((a, b) => a.difference.value - b.difference.value)[0];
  return levels.find((cell) => cell.id === least?.cell);
}

function levelSentence(
  experiment: Experiment,
  workload: WorkloadAnalysis,
  family: PrimaryFamily,
  baseline: CellAnalysis,
  cell: CellAnalysis,
  note: string | undefined,
  memory: MetricId | undefined,
  cost: MetricId | undefined,
): string {
  if (cell.valid === 0) return `${cell.label} cannot be judged: ${cell.shortfall ?? 'no trial of it was run'}.`;
  const name = note === undefined ? cell.label : `${cell.label}, ${note},`;
  const found = spokenOf(experiment, memory, cost).flatMap((metric) => {
    const one = workload.contrasts.find((contrast) => contrast.cell === cell.id && contrast.metric === metric);
    return one === undefined ? [] : [one];
  });
  if (found.length === 0) return `${name} cannot be judged: no block has it and ${baseline.label} measured alike.`;
  const n = Math.min(...found.map(({ difference }) => difference.n));
  const doubtOf = (contrast: Contrast): string =>
    doubt(experiment, workload, family, contrast, contrast.metric === memory);
  const phrases = found.map(
    (contrast) => phraseOf(workload, contrast, baseline, contrast.metric === memory) + doubtOf(contrast),
  );
  const refused = found.some(({ difference }) => difference.low === null);
  const blocks = `n = ${counted(n, 'block')}`;
  const most = Math.max(...found.map(({ difference }) => difference.n));
  const end = refused
    ? `no interval can be given with ${blocks}, ${leastN(experiment.confidence)} are needed`
    : most === n
      ? blocks
      : `n = ${n} to ${most} blocks`;
  return `${name} ${listed(phrases)} against ${baseline.label} (${end}).`;
}

function phraseOf(workload: WorkloadAnalysis, contrast: Contrast, baseline: CellAnalysis, isMemory: boolean): string {
  return isMemory ? memoryPhrase(contrast, baseline, workload.unit) : costPhrase(contrast, workload.unit);
}

/** Why what seems a change is none, or may be none; nothing where the interval says it already. */
function doubt(
  { confidence }: Experiment,
  { contrasts }: WorkloadAnalysis,
  family: PrimaryFamily,
  contrast: Contrast,
  isMemory: boolean,
): string {
  const side = sideOf(isMemory ? contrast.difference : relative(contrast).effect, 0);
  if (side !== 'below' && side !== 'above') return '';
  if (withinNoise(contrasts, contrast)) return ', no more than the same setting run twice differs,';
  return mayBeChance(contrast, family, confidence)
    ? `, which among ${counted(family.comparisons, 'comparison')} may be chance (adjusted p = ${contrast.adjustedP?.toPrecision(2)}),`
    : '';
}

/** What two runs of the same setting differ by: the measure of all the rest. */
function noiseSentence(
  experiment: Experiment,
  workload: WorkloadAnalysis,
  memory: MetricId | undefined,
  cost: MetricId | undefined,
): readonly string[] {
  const repeated = workload.contrasts.filter(({ kind }) => kind === 'a-a');
  if (repeated.length === 0) {
    return ['the noise of this machine is not known: no A/A cell counts, so that small differences may be chance.'];
  }
  const spoken = spokenOf(experiment, memory, cost).flatMap((metric) => {
    const contrast = repeated.find((one) => one.metric === metric);
    return contrast === undefined ? [] : [contrast];
  });
  const n = Math.min(...(spoken.length > 0 ? spoken : repeated).map(({ difference }) => difference.n));
  const parts = spoken.flatMap((contrast) => {
    const { metric } = contrast;
    const { effect, scale } =
      metric === memory ? { effect: contrast.difference, scale: 'bytes' as const } : relative(contrast);
    if (effect.low === null || effect.high === null) return [];
    return [`${signedInterval(effect.low, effect.high, scale)} in ${nameOf(metric, workload.unit)}`];
  });
  if (parts.length === 0) {
    const needed = leastN(experiment.confidence);
    return [`the noise of this machine is not known: the A/A cell has ${counted(n, 'block')}, ${needed} are needed.`];
  }
  return [
    `the same setting run twice differs by ${listed(parts)} (n = ${counted(n, 'block')}): smaller differences are no findings.${detectableSentence(workload, spoken, memory)}`,
  ];
}

/** What could have been found: the least difference that so many blocks find in 4 of 5 sweeps. */
function detectableSentence(
  workload: WorkloadAnalysis,
  spoken: readonly Contrast[],
  memory: MetricId | undefined,
): string {
  const parts = spoken.flatMap(({ metric }) => {
    const noise = workload.noise.find((one) => one.metric === metric);
    const inUnits = metric === memory || noise?.relativeDetectable === null;
    const least = inUnits ? noise?.detectable : noise?.relativeDetectable;
    if (least === undefined || least === null) return [];
    return [`${quantity(least, inUnits ? METRICS[metric].unit : 'fraction')} in ${nameOf(metric, workload.unit)}`];
  });
  return parts.length === 0 ? '' : ` From ${listed(parts)} on, 4 of 5 such sweeps find a difference.`;
}

/** Memory, cost, then the primaries that are neither. */
function spokenOf(
  experiment: Experiment,
  memory: MetricId | undefined,
  cost: MetricId | undefined,
): readonly MetricId[] {
  const known = [memory, cost, ...experiment.primaries].filter((metric) => metric !== undefined);
  return [...new Set(known)];
}
