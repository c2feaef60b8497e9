import type { MetricId } from '../experiment/metrics.ts';
import type { RunManifest } from '../results/format.ts';
import { leastN } from '../statistics/least-n.ts';
import { countedTrials } from './cells.ts';
import { LEAST_CYCLES } from './gc-figures.ts';
import type { TrialFigures } from './reduce-trial.ts';
import { listed, percent } from './words.ts';

/** The metrics whose source a reader must know to judge them. */
const SOURCED: readonly MetricId[] = ['memory.anon', 'cpu.used', 'heap.live', 'gc.cpu_window'];

/** How the figures came about, for the methods section. */
export function methodsOf(manifest: RunManifest, trials: readonly TrialFigures[]): readonly string[] {
  const { experiment, plan } = manifest;
  const planned = plan.trials.length;
  const tried = new Set(trials.map(({ record }) => `${record.block}/${record.cell}`)).size;
  const groups = Map.groupBy(trials, ({ record }) => record.cell);
  const counted = [...groups.values()].reduce((sum, group) => sum + countedTrials(group).length, 0);
  const attempts = trials.length === tried ? '' : `, in ${trials.length} attempts`;
  return [
    `The trial is the unit: ${planned} were planned in ${plan.blocks} randomised blocks (seed ${plan.seed}), ${tried} were run${attempts}, ${counted} count.`,
    tried === planned
      ? 'The run ended when the plan was done.'
      : 'The run is not complete: it ended before the plan was done.',
    `Intervals have at least ${percent(experiment.confidence)} confidence and say which one they attain; an interval needs ${leastN(experiment.confidence)} trials or blocks.`,
    'A cell is summarised by the median over its trials with the exact order-statistic interval.',
    'A contrast pairs the trials of one block: Hodges–Lehmann shift and ratio (on the log scale) with the exact signed-rank interval; p is exact, two-sided and not adjusted for the number of comparisons.',
    'The noise floor is the farther end of the interval of the A/A contrast: the baseline run a second time in each block, against the baseline.',
    `GC CPU is taken between GC cycles, for the runtime brings its figures up to date only when a cycle ends; under ${LEAST_CYCLES} cycles in the window there is none.`,
    ...sources(trials),
  ];
}

function sources(trials: readonly TrialFigures[]): readonly string[] {
  const found = SOURCED.flatMap((metric) => {
    const names = [...new Set(trials.flatMap(({ figures }) => figures[metric]?.source ?? []))].sort();
    return names.length === 0 ? [] : [`${metric} from ${listed(names)}`];
  });
  return found.length === 0 ? [] : [`Sources: ${found.join('; ')}.`];
}
