import type { MetricId } from '../experiment/metrics.ts';
import { leastN } from '../statistics/least-n.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { CellAnalysis, Contrast, WorkloadAnalysis } from './analysis.ts';
import { gcSentences } from './finding-gc.ts';
import { costPhrase, memoryPhrase, METRIC_WORDS } from './finding-phrases.ts';
import { noiseFloor, sideOf, withinNoise } from './noise-floor.ts';
import { blocks, intervalOnly, listed, quantity, relativeInterval } from './words.ts';

/** Memory as operators pay for it, best source first: the first that every contrast can be made in is spoken of. */
const MEMORY: readonly MetricId[] = ['memory.anon', 'memory.rss', 'memory.go', 'memory.peak'];
/** What memory is paid with, best first. */
const COST: readonly MetricId[] = ['cpu.per_request', 'batch.duration', 'cpu.used'];

/** The finding in plain sentences, for each workload the strongest first. */
export function findingOf(experiment: Experiment, workloads: readonly WorkloadAnalysis[]): readonly string[] {
  return workloads.flatMap((workload) =>
    sentencesOf(experiment, workload).map((text) => `${workload.workload}: ${text}`),
  );
}

function sentencesOf(experiment: Experiment, workload: WorkloadAnalysis): readonly string[] {
  const baseline = workload.cells.find((cell) => cell.baseline && cell.role === 'level');
  if (baseline === undefined) return ['nothing can be said: the plan has no baseline cell.'];
  if (baseline.valid === 0) {
    return [`nothing can be said: no trial of the baseline ${baseline.label} counts (${attempts(baseline)}).`];
  }
  const levels = workload.cells.filter((cell) => cell !== baseline && cell.role === 'level');
  const memory = firstShared(workload, MEMORY);
  const cost = firstShared(workload, COST);
  const ranked = rank(levels, baseline, memory, cost);
  return [
    ...ranked.map(({ cell, note }) => levelSentence(experiment, workload, baseline, cell, note, memory, cost)),
    ...gcSentences(baseline, levels),
    ...noiseSentence(experiment, workload, memory, cost),
  ];
}

/** Levels in the order of what they are worth knowing: least memory, least cost, then the matrix. */
function rank(
  levels: readonly CellAnalysis[],
  baseline: CellAnalysis,
  memory: MetricId | undefined,
  cost: MetricId | undefined,
): readonly { cell: CellAnalysis; note: string | undefined }[] {
  const least = (metric: MetricId | undefined): CellAnalysis | undefined => {
    if (metric === undefined) return undefined;
    const known = [baseline, ...levels].filter((cell) => cell.estimates[metric] !== undefined);
    const value = (cell: CellAnalysis): number => cell.estimates[metric]?.value as number;
    return known.length < 2 ? undefined : known.toSorted((a, b) => value(a) - value(b))[0];
  };
  const [lean, cheap] = [least(memory), least(cost)];
  const notes = (cell: CellAnalysis): string | undefined => {
    const all = [
      ...(cell === lean ? ['the least memory'] : []),
      ...(cell === cheap && cost !== undefined ? [`the least ${METRIC_WORDS[cost]}`] : []),
    ];
    return all.length === 0 ? undefined : `the level with ${listed(all)}`;
  };
  return [...new Set([lean, cheap, ...levels])].flatMap((cell) =>
    cell === undefined || cell === baseline ? [] : [{ cell, note: notes(cell) }],
  );
}

function levelSentence(
  experiment: Experiment,
  workload: WorkloadAnalysis,
  baseline: CellAnalysis,
  cell: CellAnalysis,
  note: string | undefined,
  memory: MetricId | undefined,
  cost: MetricId | undefined,
): string {
  if (cell.valid === 0) return `${cell.label} cannot be judged: no trial of it counts (${attempts(cell)}).`;
  const name = note === undefined ? cell.label : `${cell.label}, ${note},`;
  const others = experiment.primaries.filter((metric) => metric !== memory && metric !== cost);
  const found = [memory, cost, ...others].flatMap((metric) => {
    const one = workload.contrasts.find((contrast) => contrast.cell === cell.id && contrast.metric === metric);
    return one === undefined ? [] : [one];
  });
  if (found.length === 0) return `${name} cannot be judged: no block has it and ${baseline.label} measured alike.`;
  const n = Math.min(...found.map(({ difference }) => difference.n));
  const phrases = found.map((contrast) => phraseOf(workload, contrast, baseline, contrast.metric === memory));
  const refused = found.some(({ difference }) => difference.low === null);
  const end = refused
    ? `no interval can be given with ${blocks(n)}, ${leastN(experiment.confidence)} are needed`
    : found.every(({ difference }) => difference.n === n)
      ? blocks(n)
      : `n = ${n} to ${Math.max(...found.map(({ difference }) => difference.n))} blocks`;
  return `${name} ${listed(phrases)} against ${baseline.label} (${end}).`;
}

function phraseOf(workload: WorkloadAnalysis, contrast: Contrast, baseline: CellAnalysis, isMemory: boolean): string {
  const phrase = isMemory ? memoryPhrase(contrast, baseline) : costPhrase(contrast);
  const side = sideOf(contrast.difference, 0);
  const doubtful = (side === 'below' || side === 'above') && withinNoise(workload.contrasts, contrast);
  return doubtful ? `${phrase}, no more than the same setting run twice differs,` : phrase;
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
  const parts = [memory, cost].flatMap((metric) => {
    const contrast = repeated.find((one) => one.metric === metric);
    if (metric === undefined || contrast === undefined || noiseFloor(repeated, metric) === undefined) return [];
    const { difference, ratio } = contrast;
    const { low, high } = difference as { low: number; high: number };
    const relative = ratio !== undefined && ratio.low !== null && ratio.high !== null && metric !== memory;
    const range = relative
      ? relativeInterval(ratio.low as number, ratio.high as number)
      : intervalOnly(low, high, metric === memory ? 'bytes' : metric === 'cpu.used' ? 'cores' : 'seconds');
    return [`${range} in ${METRIC_WORDS[metric]}`];
  });
  const n = repeated[0]?.difference.n ?? 0;
  if (parts.length === 0) {
    return [
      `the noise of this machine is not known: the A/A cell has ${blocks(n)}, ${leastN(experiment.confidence)} are needed.`,
    ];
  }
  return [
    `the same setting run twice differs by ${listed(parts)} (${blocks(n)}): smaller differences are no findings.`,
  ];
}

function firstShared(workload: WorkloadAnalysis, metrics: readonly MetricId[]): MetricId | undefined {
  return metrics.find((metric) => workload.contrasts.some((contrast) => contrast.metric === metric));
}

function attempts(cell: CellAnalysis): string {
  if (cell.attempted === 0) return 'none was run';
  return Object.entries(cell.outcomes)
    .map(([kind, count]) => `${quantity(count, 'count').replace(/\.0$/, '')} ${kind}`)
    .sort()
    .join(', ');
}
