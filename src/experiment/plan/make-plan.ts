import { seededStream } from '../../statistics/random.ts';
import type { Experiment, Gogc, Gomemlimit, Levels } from '../experiment.ts';
import type { Cell, Plan, PlannedTrial } from './plan.ts';
import { writeSize } from '../../units/units.ts';

/** Longest slug in a trial's id: with a run's folder it must fit into the 260 characters of a Windows path. */
const LONGEST_SLUG = 80;

/** Every combination of levels by workload, in the order of the matrix; after each workload its A/A cell. */
export function makeCells(experiment: Experiment): Cell[] {
  const { matrix, baseline } = experiment;
  return matrix.workload.flatMap((workload) => {
    const cells = matrix.gomemlimit.flatMap((gomemlimit) =>
      matrix.gogc.map((gogc): Cell => {
        const levels = { gogc, gomemlimit, workload };
        const isBaseline = gogc === baseline.gogc && gomemlimit === baseline.gomemlimit;
        return { id: cellId(experiment, levels), levels, role: 'level', baseline: isBaseline };
      }),
    );
    const again = cells
      .filter((cell) => cell.baseline)
      .map((cell): Cell => ({ ...cell, id: `${cell.id} (A/A)`, role: 'a-a', baseline: false }));
    return [...cells, ...again];
  });
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

/** How a level is written: as in the environment of the target, and in names of cells. */
export function writeLevel(level: Gogc | Gomemlimit, factor: 'gogc' | 'gomemlimit'): string {
  return level === 'off' || factor === 'gogc' ? String(level) : writeSize(level);
}

/** The factors that vary; GOGC where none does, so that no cell is nameless. */
function cellId({ matrix }: Experiment, levels: Levels): string {
  const parts = [
    ...(matrix.gogc.length > 1 || (matrix.gomemlimit.length === 1 && matrix.workload.length === 1)
      ? [`gogc=${writeLevel(levels.gogc, 'gogc')}`]
      : []),
    ...(matrix.gomemlimit.length > 1 ? [`gomemlimit=${writeLevel(levels.gomemlimit, 'gomemlimit')}`] : []),
    ...(matrix.workload.length > 1 ? [`workload=${levels.workload}`] : []),
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
