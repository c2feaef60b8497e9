import { formatBytes, formatSeconds } from '../../units/format-units.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { rankedBy } from '../../metrics/metrics.ts';
import type { RunEnding, RunManifest } from '../../results/format.ts';
import { leastN } from '../../statistics/least-n.ts';
import type { Method, WorkloadAnalysis } from '../analysis.ts';
import { countedTrials } from '../per-cell/cells.ts';
import { LEAST_CYCLES } from '../per-trial/gc-figures.ts';
import type { TrialFigures } from '../per-trial/reduce-trial.ts';
import { primaryFamily } from '../inference/primary-family.ts';
import { counted, listed, percent, quantity } from './words.ts';

/** How the figures came about, for the methods section. */
export function methodsOf(
  manifest: RunManifest,
  trials: readonly TrialFigures[],
  workloads: readonly WorkloadAnalysis[],
  ended: RunEnding | undefined,
): readonly Method[] {
  const { experiment, plan } = manifest;
  const planned = plan.trials.length;
  const tried = new Set(trials.map(({ record }) => `${record.block}/${record.cell}`)).size;
  const groups = Map.groupBy(trials, ({ record }) => record.cell);
  const valid = [...groups.values()].reduce((sum, group) => sum + countedTrials(group).length, 0);
  const attempts = trials.length === tried ? '' : `, in ${trials.length} attempts`;
  return [
    ...measurement([
      `The trial is the unit: ${planned} were planned in ${plan.blocks} randomised blocks (seed ${plan.seed}), ${tried} were run${attempts}, ${valid} count.`,
      endSentence(manifest, tried, ended),
      ...chosenLevels(experiment),
      `Intervals have at least ${percent(experiment.confidence)} confidence and say which one they attain; an interval needs ${leastN(experiment.confidence)} trials or blocks.`,
      'A cell is summarised by the median over its trials with the exact order-statistic interval.',
      `GC CPU is taken between GC cycles, for the runtime brings its figures up to date only when a cycle ends; under ${LEAST_CYCLES} cycles in the window there is none.`,
      ...preloads(manifest, trials),
      ...sources(trials),
    ]),
    // Last, as where they are written anew beside those of a published analysis.
    ...inferenceMethods(experiment, workloads),
  ];
}

function measurement(texts: readonly string[]): readonly Method[] {
  return texts.map((text) => ({ about: 'measurement', text }));
}

/** What ended the run. */
function endSentence({ experiment, plan }: RunManifest, tried: number, ended: RunEnding | undefined): string {
  const { adaptive } = experiment;
  const blocks = `after ${counted(ended?.blocks ?? plan.blocks, 'block')} of at most ${plan.blocks}`;
  const asked = adaptive === undefined ? '' : `±${quantity(adaptive.precision, 'fraction')}`;
  if (ended?.why === 'precision-reached') {
    return `The run ended ${blocks}, because every primary interval could be expected to be within ${asked} of the baseline; the rule looks at the scatter of the A/A trials, never at what the contrasts say.`;
  }
  if (ended?.why === 'budget-spent') {
    return `The run ended ${blocks}, because its time of ${formatSeconds(adaptive?.budgetSeconds ?? NaN)} was spent before every primary interval could be expected to be within ${asked} of the baseline.`;
  }
  if (tried < plan.trials.length) return 'The run is not complete: it ended before the plan was done.';
  return adaptive === undefined
    ? 'The run ended when the plan was done.'
    : `The run ended with the last of its ${counted(plan.blocks, 'block')}, before every primary interval could be expected to be within ${asked} of the baseline.`;
}

/** Where levels come from that the file does not have. */
function chosenLevels({ matrix: { chosen } }: Experiment): readonly string[] {
  if (chosen === undefined) return [];
  const before = `Before the run a pilot of its own (${chosen.pilot}), whose trials do not count here,`;
  return [
    chosen.levels.length === 0
      ? `${before} gave no reason to add a level (levels: auto).`
      : `${before} chose GOGC=${listed(chosen.levels.map(String))} where its cost model had the widest gaps (levels: auto).`,
  ];
}

/** How contrasts are judged, and with how many others. */
export function inferenceMethods(
  { confidence, matters = 0 }: Experiment,
  workloads: readonly WorkloadAnalysis[],
): readonly Method[] {
  const comparisons = primaryFamily(workloads).length;
  const least =
    matters === 0 ? 'however small it is (matters: 0%)' : `and it is greater than the ${percent(matters)} that matter`;
  return [
    'A contrast pairs the trials of one block: Hodges–Lehmann shift and ratio (on the log scale) with the exact signed-rank interval, the exact two-sided signed-rank p, and the matched-pairs rank-biserial correlation as effect size. It is judged by the ratio, or where not all values are above zero by the difference. In a sentence the per cent is the Hodges–Lehmann estimate over blocks, which need not be that between the medians of a table.',
    ...omnibusSentence(workloads),
    `A difference is called one where its interval excludes zero and the p of its family is at most ${percent(1 - confidence)}, ${least}.`,
    comparisons === 0
      ? 'There are no primary contrasts to test.'
      : `The ${comparisons === 1 ? 'one primary contrast is' : `${comparisons} primary contrasts are one family`}: p is adjusted by step-down max-T (Westfall and Young) with joint sign flips of whole blocks, with which ${counted(leastN(confidence), 'block')} can show any number of differences, and is never below the contrast’s own. All other contrasts are exploratory, adjusted after Benjamini and Hochberg.`,
    'The A/A cell is the baseline’s setting run a second time in each block. Noise is the standard deviation of the difference between the two; whether their contrast includes zero is a check of the apparatus, and no other contrast is held against it. The detectable difference is what so many blocks find in 4 of 5 sweeps by the rule above, for normal noise of that scatter, whose own uncertainty is in it; of an exploratory metric by the interval alone.',
  ].map((text) => ({ about: 'inference', text }));
}

/** Whether the levels differ at all, beside the contrasts that say which. */
function omnibusSentence(workloads: readonly WorkloadAnalysis[]): readonly string[] {
  const parts = workloads.flatMap(({ workload, omnibus = [] }) =>
    omnibus.map(({ metric, p, cells, n }) => {
      const found = p === null ? 'no p, for all are equal' : `p = ${p.toPrecision(2)}`;
      return `${found} in ${metric} of ${workload} (${cells} levels, n = ${counted(n, 'block')})`;
    }),
  );
  if (parts.length === 0) return [];
  return [`Whether the levels differ at all, by permutation within blocks (Friedman), unadjusted: ${listed(parts)}.`];
}

/** What the preload of each workload came to at the baseline, where there was one. */
function preloads({ plan }: RunManifest, trials: readonly TrialFigures[]): readonly string[] {
  const baselines = plan.cells.filter((cell) => cell.baseline);
  return baselines.flatMap(({ id, levels }) => {
    const done = trials.flatMap(({ record }) => (record.cell === id ? (record.preload ?? []) : []));
    const heaps = done.flatMap(({ heapAllocBytes }) => heapAllocBytes ?? []);
    if (done.length === 0) return [];
    const requests = Math.max(...done.map((each) => each.requests));
    const reached =
      heaps.length === 0
        ? ''
        : `, after which HeapAlloc stood at ${range(heaps, formatBytes)} over ${heaps.length} ${heaps.length === 1 ? 'trial' : 'trials'} of the baseline`;
    const seconds = range(
      done.map((each) => each.seconds),
      formatSeconds,
    );
    return [`Before the warm-up of ${levels.workload} a preload made ${requests} requests in ${seconds}${reached}.`];
  });
}

function range(values: readonly number[], format: (value: number) => string): string {
  const [least, most] = [format(Math.min(...values)), format(Math.max(...values))];
  return least === most ? least : `${least} to ${most}`;
}

function sources(trials: readonly TrialFigures[]): readonly string[] {
  const found = rankedBy(({ sourced }) => sourced).flatMap((metric) => {
    const names = [...new Set(trials.flatMap(({ figures }) => figures[metric]?.source ?? []))].sort();
    return names.length === 0 ? [] : [`${metric} from ${listed(names)}`];
  });
  return found.length === 0 ? [] : [`Sources: ${found.join('; ')}.`];
}
