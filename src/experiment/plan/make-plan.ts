import { seededStream } from '../../statistics/random.ts';
import type { Experiment, Levels, Matrix } from '../experiment.ts';
import { atBaseline, combinations, factorsText } from '../factors.ts';
import { fitsSelector, writeLevel } from './cell-selector.ts';
import type { Cell, Plan, PlannedTrial } from './plan.ts';

/** Longest slug in a trial's id: with a run's folder it must fit into the 260 characters of a Windows path. */
const LONGEST_SLUG = 80;

/** Every combination of levels by stratum (workload and further factors), in the order of the matrix; after each stratum its A/A cell. */
export function makeCells(experiment: Pick<Experiment, 'matrix' | 'baseline'>): Cell[] {
  const { matrix, baseline } = experiment;
  return matrix.workload.flatMap((workload) =>
    combinations(matrix.factors ?? []).flatMap((factors) => {
      const cells = settingsOf(matrix, { workload, ...(matrix.factors === undefined ? {} : { factors }) }).map(
        (levels): Cell => {
          const isBaseline = levels.gogc === baseline.gogc && levels.gomemlimit === baseline.gomemlimit;
          return { id: cellId(experiment, levels), levels, role: 'level', baseline: isBaseline };
        },
      );
      const again = cells
        // Where a stratum is one setting, its baseline again would be half of all trials: one for the workload tells the noise.
        .filter((cell) => cell.baseline && (cells.length > 1 || atBaseline(matrix, cell.levels)))
        .map((cell): Cell => ({ ...cell, id: `${cell.id} (A/A)`, role: 'a-a', baseline: false }));
      return [...cells, ...again];
    }),
  );
}

/** The settings of a stratum that `include` and `exclude` leave, in the order of the matrix. */
function settingsOf(matrix: Matrix, stratum: Omit<Levels, 'gogc' | 'gomemlimit'>): readonly Levels[] {
  return matrix.gomemlimit
    .flatMap((gomemlimit) => matrix.gogc.map((gogc): Levels => ({ gogc, gomemlimit, ...stratum })))
    .filter((levels) => isCell(matrix, levels));
}

/** Whether a combination of levels is a cell. */
function isCell({ include, exclude = [] }: Matrix, levels: Levels): boolean {
  const fits = (selector: string): boolean => fitsSelector(levels, selector);
  return (include === undefined || include.some(fits)) && !exclude.some(fits);
}

/**
 * Randomised complete blocks: every cell once in each block, in an order drawn from the seed. More blocks of the same
 * seed leave the earlier ones as they are, and a sweep that is stopped between two blocks is balanced.
 */
export function makePlan(experiment: Experiment, seed: number): Plan {
  const cells = makeCells(experiment);
  const trials: PlannedTrial[] = [];
  for (let block = 1; block <= experiment.blocks; block++) {
    const trialSeed = seededStream(seed, 'trial', block).int(2 ** 32);
    const order = seededStream(seed, 'order', block).shuffle(cells);
    for (const [index, cell] of order.entries()) {
      const position = index + 1;
      trials.push({ id: trialId(block, position, cell), block, position, cell: cell.id, seed: trialSeed });
    }
  }
  return { seed, blocks: experiment.blocks, cells, trials, profiling: profilingTrials(experiment, seed, cells) };
}

/** One for each level, in the order of the matrix. */
function profilingTrials(experiment: Experiment, seed: number, cells: readonly Cell[]): readonly PlannedTrial[] {
  if (!experiment.profiles.allocs) return [];
  const block = experiment.blocks + 1;
  const trialSeed = seededStream(seed, 'trial', 'profile').int(2 ** 32);
  return cells
    .filter(({ role }) => role === 'level')
    .map((cell, index) => {
      const position = index + 1;
      return { id: trialId('profile', position, cell), block, position, cell: cell.id, seed: trialSeed };
    });
}

/** The factors that vary; GOGC where none does, so that no cell is nameless. */
function cellId({ matrix }: Pick<Experiment, 'matrix'>, levels: Levels): string {
  const workload = matrix.workload.length > 1 ? `workload=${levels.workload}` : '';
  const stratum = [workload, factorsText(matrix, levels)].filter((part) => part !== '').join(' ');
  const parts = [
    ...(matrix.gogc.length > 1 || (matrix.gomemlimit.length === 1 && stratum === '')
      ? [`gogc=${writeLevel(levels.gogc, 'gogc')}`]
      : []),
    ...(matrix.gomemlimit.length > 1 ? [`gomemlimit=${writeLevel(levels.gomemlimit, 'gomemlimit')}`] : []),
    ...(stratum === '' ? [] : [stratum]),
  ];
  return parts.join(' ');
}

/** `003-07-gogc-25-workload-steady`: lower-case letters, digits and hyphens, which every file system takes. */
function trialId(block: number | 'profile', position: number, cell: Cell): string {
  const slug = cell.id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_SLUG)
    .replace(/^-+|-+$/g, '');
  return `${String(block).padStart(3, '0')}-${String(position).padStart(2, '0')}-${slug}`;
}
