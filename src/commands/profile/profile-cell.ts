import { lastOfBlocks } from '../../analysis/per-cell/cells.ts';
import { UserError } from '../../errors.ts';
import { fitsSelector } from '../../experiment/plan/cell-selector.ts';
import type { Cell } from '../../experiment/plan/plan.ts';
import { meanStacks } from '../../profile/stacks.ts';
import type { RunFolder } from '../../results/run-folder.ts';
import type { ProfileKind, StoredTrial } from '../../results/trial-folder.ts';
import { readStacks, type ReadStacks } from './profile-source.ts';

/** The cell of a run that a flag such as `gogc=10` names; without one the baseline. Throws UserError. */
export function chooseCell(
  { manifest }: RunFolder,
  wanted: string | undefined,
  workload: string | undefined,
  at: string,
): Cell {
  const { cells } = manifest.plan;
  const exact = cells.find(({ id }) => id === wanted);
  if (exact !== undefined) return exact;
  const levels = cells.filter(({ role }) => role === 'level');
  const ofWorkload = levels.filter((cell) => workload === undefined || cell.levels.workload === workload);
  if (ofWorkload.length === 0) {
    const names = [...new Set(levels.map((cell) => cell.levels.workload))];
    throw new UserError({
      code: 'no-such-workload',
      message: `the run has no workload ${workload ?? ''}`,
      at: '--workload',
      hint: `it has ${names.join(', ')}`,
    });
  }
  const fitting = ofWorkload.filter((cell) =>
    wanted === undefined ? cell.baseline : fitsSelector(cell.levels, wanted),
  );
  const [first, second] = fitting;
  if (first !== undefined && second === undefined) return first;
  const several = second !== undefined;
  const workloads = [...new Set(fitting.map((cell) => cell.levels.workload))];
  throw new UserError({
    code: several ? 'ambiguous-cell' : 'no-such-cell',
    message: several
      ? `${wanted ?? 'the baseline'} matches ${fitting.length} cells of the run`
      : `the run has no cell ${wanted ?? 'of the baseline'}`,
    at,
    hint:
      several && workloads.length > 1
        ? `choose one with --workload: ${workloads.join(', ')}`
        : `it has ${(several ? fitting : ofWorkload).map(({ id }) => id).join('; ')}`,
  });
}

/** The trials of a cell whose profiles of one kind count, in the order of blocks. */
async function trialsOf(run: RunFolder, cell: Cell, kind: ProfileKind): Promise<readonly StoredTrial[]> {
  const trials = await Array.fromAsync(run.trials());
  return lastOfBlocks(
    trials.filter(({ record }) => record.cell === cell.id && (record.purpose === 'profile') === (kind === 'allocs')),
  );
}

/** The mean profile of a cell. */
export interface CellStacks extends ReadStacks {
  /** Ids of the trials whose profiles it is the mean of. */
  readonly trials: readonly string[];
}

/** The mean over the trials of a cell that kept a profile of this kind; undefined where none did. Throws UserError for one that cannot be read. */
export async function stacksOfCell(
  run: RunFolder,
  cell: Cell,
  kind: ProfileKind,
  type: string,
): Promise<CellStacks | undefined> {
  const read: { readonly trial: string; readonly stacks: ReadStacks }[] = [];
  for (const { record, profile } of await trialsOf(run, cell, kind)) {
    const bytes = await profile(kind);
    const shown = `the ${kind} profile of the trial ${record.id}`;
    if (bytes !== undefined) read.push({ trial: record.id, stacks: readStacks(bytes, shown, type, '<source>') });
  }
  const [first] = read;
  if (first === undefined) return undefined;
  const durations = read.flatMap(({ stacks }) => stacks.durationSeconds ?? []);
  return {
    set: meanStacks(read.map(({ stacks }) => stacks.set)),
    type: first.stacks.type,
    durationSeconds:
      durations.length === 0 ? undefined : durations.reduce((sum, one) => sum + one, 0) / durations.length,
    period: first.stacks.period,
    doubts: read.flatMap(({ stacks }) => stacks.doubts),
    trials: read.map(({ trial }) => trial),
  };
}
