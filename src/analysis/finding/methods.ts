import { varyingFactors } from '../../experiment/factors.ts';
import { counted, listed, percent } from '../../text/words.ts';
import { formatBytes, formatSeconds, formatUnit, type MetricUnit } from '../../units/format-units.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { SERVED_PROBES } from '../../experiment/probe-ids.ts';
import { isCompared } from '../../experiment/workloads/kinds.ts';
import { METRIC_IDS, METRICS, rankedBy } from '../../metrics/metrics.ts';
import { blocksOf, shardName, shareOf } from '../../experiment/plan/shard.ts';
import type { RunEnding, RunManifest } from '../../results/format.ts';
import { leastN } from '../../statistics/least-n.ts';
import type { Method, WorkloadAnalysis } from '../analysis.ts';
import { countedTrials } from '../per-cell/cells.ts';
import { LEAST_CYCLES } from '../per-trial/gc-figures.ts';
import type { CgroupFigures } from '../per-trial/cgroup-figures.ts';
import type { TrialFigures } from '../per-trial/reduce-trial.ts';
import { primaryFamily } from '../inference/primary-family.ts';
import { quantity } from './words.ts';

/** How the figures came about, for the methods section. */
export function methodsOf(
  manifest: RunManifest,
  trials: readonly TrialFigures[],
  workloads: readonly WorkloadAnalysis[],
  ended: RunEnding | undefined,
): readonly Method[] {
  const { experiment, plan } = manifest;
  const planned = shareOf(plan, manifest.shard).trials.length;
  const tried = new Set(trials.map(({ record }) => `${record.block}/${record.cell}`)).size;
  const groups = Map.groupBy(trials, ({ record }) => record.cell);
  const valid = [...groups.values()].reduce((sum, group) => sum + countedTrials(group).length, 0);
  const attempts = trials.length === tried ? '' : `, in ${trials.length} attempts`;
  return [
    ...measurement([
      `The unit of replication is the trial: ${planned} were planned in ${blocksOf(plan, manifest.shard).length} randomised blocks (seed ${plan.seed}), ${tried} were run${attempts}, and ${valid} count.`,
      ...sharedOut(manifest),
      endSentence(manifest, tried, ended),
      ...chosenLevels(experiment),
      `Intervals have a confidence of at least ${percent(experiment.confidence)} and state the confidence attained. An interval needs at least ${leastN(experiment.confidence)} trials or blocks.`,
      'Each cell is summarised by the median over its trials, with the exact order-statistic interval.',
      `GC CPU is measured between the ends of GC cycles, because the runtime updates its figures only when a cycle ends. With fewer than ${LEAST_CYCLES} cycles in the window, no figure is given.`,
      ...loadPrograms(manifest),
      ...preloads(manifest, trials),
      ...sources(trials),
      ...readFromMemory(trials),
      ...besideTheProcess(trials),
    ]),
    // Last, as where they are written anew beside those of a published analysis.
    ...inferenceMethods(experiment, workloads),
  ];
}

function measurement(texts: readonly string[]): readonly Method[] {
  return texts.map((text) => ({ about: 'measurement', text }));
}

/** Where the blocks were run, of a part of a plan and of a run that was joined of parts. */
function sharedOut({ plan, shard, nodes }: RunManifest): readonly string[] {
  if (shard !== undefined) {
    const own = counted(blocksOf(plan, shard).length, 'block');
    return [`This is part ${shardName(shard)} of the plan, with ${own} of it. gctune merge joins the parts.`];
  }
  if (nodes === undefined) return [];
  return [
    `The run was joined of parts that were run on ${counted(nodes.length, 'node')}. A block is run on one node, and contrasts are taken within blocks, so that what a node adds to all cells of a block cancels out.`,
  ];
}

/** What ended the run. */
function endSentence(
  { experiment, plan, shard, missing }: RunManifest,
  tried: number,
  ended: RunEnding | undefined,
): string {
  const { adaptive } = experiment;
  const blocks = `after ${counted(ended?.blocks ?? plan.blocks, 'block')} of at most ${plan.blocks}`;
  const asked = adaptive === undefined ? '' : `±${quantity(adaptive.precision, 'fraction')}`;
  if (ended?.why === 'precision-reached') {
    return `The run ended ${blocks}, because the expected margin of error of every primary contrast had come down to ${asked} of the baseline. The stopping rule uses only the scatter of the A/A trials, never the contrasts.`;
  }
  if (ended?.why === 'budget-spent') {
    return `The run ended ${blocks}, because its time budget of ${formatSeconds(adaptive?.budgetSeconds ?? NaN)} was spent before the expected margin of error of every primary contrast had come down to ${asked} of the baseline.`;
  }
  if (tried < shareOf(plan, shard).trials.length)
    return missing === undefined
      ? 'The run is incomplete: it ended before all planned trials were run.'
      : 'The run is incomplete: parts of its plan are missing.';
  return adaptive === undefined
    ? 'The run ended after all planned trials.'
    : `The run ended with the last of its ${counted(plan.blocks, 'block')}, before the expected margin of error of every primary contrast had come down to ${asked} of the baseline.`;
}

/** Where levels come from that the file does not have. */
function chosenLevels({ matrix: { chosen } }: Experiment): readonly string[] {
  if (chosen === undefined) return [];
  const before = `A separate pilot before the run (${chosen.pilot}; its trials are not included here)`;
  return [
    chosen.levels.length === 0
      ? `${before} showed no need for another level (levels: auto).`
      : `${before} added GOGC=${listed(chosen.levels.map(String))} where its cost model had the widest gaps (levels: auto).`,
  ];
}

/** How contrasts are judged, and with how many others. */
export function inferenceMethods(
  { confidence, matters = 0, matrix }: Experiment,
  workloads: readonly WorkloadAnalysis[],
): readonly Method[] {
  const comparisons = primaryFamily(workloads).length;
  const least =
    matters === 0
      ? 'however small it is (matters: 0%)'
      : `and it is larger than the smallest change that matters, ${percent(matters)}`;
  return [
    'A contrast pairs the trials of each block. It gives the Hodges–Lehmann shift and ratio (on the log scale) with the exact signed-rank interval, the exact two-sided signed-rank p, and the matched-pairs rank-biserial correlation as effect size. It is judged by the ratio or, where not all values are above zero, by the difference. A percentage in a sentence is the Hodges–Lehmann estimate over blocks, which may differ from the change between the medians in a table.',
    ...omnibusSentence(workloads),
    `A difference counts as shown where its interval excludes zero and its adjusted p is at most ${percent(1 - confidence)}, ${least}.`,
    comparisons === 0
      ? 'There are no primary contrasts to test.'
      : `${comparisons === 1 ? 'There is one primary contrast. Its p' : `The ${comparisons} primary contrasts are one family. Their p`} is adjusted by step-down max-T (Westfall and Young) with joint sign flips of whole blocks, and is never below the contrast’s own p. With this method, ${counted(leastN(confidence), 'block')} can show any number of differences. All other contrasts are exploratory; their p is adjusted by the Benjamini–Hochberg procedure.`,
    ...factorMethods(matrix),
    'The A/A cell repeats the baseline’s setting in each block. Noise is the standard deviation of the difference between the two. Whether their contrast includes zero is a check of the apparatus; no other contrast is compared with it. The detectable difference is the one that this number of blocks finds with 80 % power by the rule above, for normal noise of that scatter, allowing for the uncertainty of the scatter itself; for an exploratory metric, by the interval alone.',
  ].map((text) => ({ about: 'inference', text }));
}

/** How the levels of further factors are contrasted. */
function factorMethods(matrix: Experiment['matrix']): readonly string[] {
  const varying = varyingFactors(matrix);
  if (varying.length === 0) return [];
  const names = listed(varying.map(({ name, baseline }) => `${name} (baseline ${baseline})`));
  return [
    `In addition to GOGC and GOMEMLIMIT there varied ${names}. A stratum is a workload with one level of each of them; the contrasts of settings are within strata. The levels of each such factor are contrasted with its baseline at equal levels of everything else, paired within blocks, in the same way; the primary contrasts of one factor are a family of their own, and so are its other ones.`,
  ];
}

/** Whether the levels differ at all, beside the contrasts that say which. */
function omnibusSentence(workloads: readonly WorkloadAnalysis[]): readonly string[] {
  const parts = workloads.flatMap(({ workload, omnibus = [] }) =>
    omnibus.map(({ metric, p, cells, n }) => {
      const found = p === null ? 'no p (all values are equal)' : `p = ${p.toPrecision(2)}`;
      return `${found} in ${metric} of ${workload} (${cells} levels, n = ${counted(n, 'block')})`;
    }),
  );
  if (parts.length === 0) return [];
  return [
    `Omnibus test of whether the levels differ at all (Friedman, by permutation within blocks, unadjusted): ${listed(parts)}.`,
  ];
}

/** How the windows of load programs came about, and what is not compared under a closed loop. */
function loadPrograms({ experiment: { matrix, workloads }, loads }: RunManifest): readonly string[] {
  return matrix.workload.flatMap((name) => {
    const spec = workloads[name];
    if (spec?.kind !== 'command') return [];
    const program = loads?.[name]?.description ?? 'a program';
    const window = `The load of ${name} is made by ${program}: one run of it or more warms the target up, and the window is the next run, from its start to its end. What the run did, and its latencies, are what the program reports.`;
    if (spec.loop !== 'closed') return [window];
    const left = METRIC_IDS.filter((id) => !isCompared(id, spec)).map((id) => METRICS[id].label);
    return [
      `${window} It is a closed loop, in which each connection waits for an answer before the next request, so that the amount of work differs between settings: figures per request are compared, and those per second (${listed(left)}) are not; memory is that at the pace of each setting.`,
    ];
  });
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
        : `, after which HeapAlloc was ${range(heaps, formatBytes)} over ${counted(heaps.length, 'trial')} of the baseline`;
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

/** What the kernel told of the targets' cgroups beside their own memory and CPU time, from the least trial to the most. */
function besideTheProcess(trials: readonly TrialFigures[]): readonly string[] {
  const of = (key: keyof CgroupFigures, name: string, unit: MetricUnit): readonly string[] => {
    const values = countedTrials(trials).flatMap(({ cgroup }) => cgroup?.[key] ?? []);
    return values.length === 0 ? [] : [`${name} ${range(values, (value) => formatUnit(value, unit))}`];
  };
  const throttled = countedTrials(trials).flatMap(({ throttledShare }) => throttledShare ?? []);
  const told = [
    ...of('fileBytes', 'page cache', 'bytes'),
    ...of('fileRefaults', 'refaults of file pages', 'per-second'),
    ...of('anonRefaults', 'refaults of anonymous pages', 'per-second'),
    ...of('memoryPressure', 'waiting for memory', 'fraction'),
    ...of('cpuPressure', 'waiting for a CPU', 'fraction'),
    ...of('highEvents', 'slowed by memory.high', 'per-second'),
    ...(throttled.length === 0
      ? []
      : [`throttled periods ${range(throttled, (value) => formatUnit(value, 'fraction'))}`]),
  ];
  return told.length === 0
    ? []
    : [`The target’s cgroup over the window, from the lowest trial to the highest: ${told.join('; ')}.`];
}

/** That memory of the target was read, which is not what every reader expects of a measurement. */
function readFromMemory(trials: readonly TrialFigures[]): readonly string[] {
  const read = trials.filter(({ record }) => record.probes.includes('memory'));
  if (read.length === 0) return [];
  const which = read.length === trials.length ? 'each trial' : `${read.length} of ${trials.length} trials`;
  const checked = read.filter(({ record: { tried = [] } }) =>
    tried.some(({ probe, ok }) => ok && (SERVED_PROBES as readonly string[]).includes(probe)),
  );
  const compared =
    checked.length === 0
      ? 'The target serves none that they could be compared with.'
      : `In ${checked.length === read.length ? 'all' : checked.length} of these they were first compared with what the target serves.`;
  return [
    `In ${which} the counters of the Go runtime were read from the memory of the target’s process (/proc/PID/mem), which takes no part in that. ${compared}`,
  ];
}

function sources(trials: readonly TrialFigures[]): readonly string[] {
  const found = rankedBy(({ sourced }) => sourced).flatMap((metric) => {
    const names = [...new Set(trials.flatMap(({ figures }) => figures[metric]?.source ?? []))].sort();
    return names.length === 0 ? [] : [`${metric} from ${listed(names)}`];
  });
  return found.length === 0 ? [] : [`Sources: ${found.join('; ')}.`];
}
