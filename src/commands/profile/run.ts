import { resolve } from 'node:path';
import { ExitCode, UserError } from '../../errors.ts';
import { formatBytes, formatWait } from '../../units/format-units.ts';
import type { Cell } from '../../experiment/plan/plan.ts';
import type { FormatValue } from '../../profile/format-top.ts';
import { differenceOf } from '../../profile/stacks.ts';
import { topOf } from '../../profile/top.ts';
import { openRun, type RunFolder } from '../../results/run-folder.ts';
import type { ProfileKind } from '../../results/trial-folder.ts';
import type { Io } from '../../cli/io.ts';
import { chooseCell, stacksOfCell, type CellStacks } from './profile-cell.ts';
import { isFolder } from '../../session/input-file.ts';
import { addressHint, isAddress, stacksNamed } from './profile-source.ts';
import { formatOf, profileDocument, type ByteUnit } from './profile-document.ts';
import type { Fact } from '../../report/document/document.ts';
import { printAnswer, type PrintValues } from '../../session/print-answer.ts';

/** What `gctune profile` is called with. */
export interface ProfileValues extends PrintValues {
  readonly source: string;
  readonly cell: string | undefined;
  readonly workload: string | undefined;
  readonly type: string | undefined;
  readonly diff: string | undefined;
  readonly top: number;
  readonly unit: ByteUnit;
}

/** One side of the answer: whose profile, and of what. */
interface Side extends CellStacks {
  /** For people: a cell with its workload, or a file. */
  readonly name: string;
  /** For people: when or over which time it was taken. */
  readonly taken: string;
}

/** Prints which functions a cell's memory, or a profile's, comes from. */
export async function showProfile(values: ProfileValues, io: Io): Promise<ExitCode> {
  const { source } = values;
  const ofRun = source !== '-' && !isAddress(source) && (await isFolder(source, io, '<source>', addressHint(source)));
  const [side, base] = ofRun ? await sidesOfRun(values, io.cwd) : await sidesInFiles(values, io);
  const set = base === undefined ? side.set : differenceOf(side.set, base.set);
  const flat = topOf(set, { count: values.top, by: 'flat' });
  const cum = topOf(set, { count: values.top, by: 'cum' });
  const sides = base === undefined ? [side] : [side, base];
  const bySide = { profile: told(side), ...(base === undefined ? {} : { base: told(base) }) };
  const json = { formatVersion: 1, ...side.type, ...bySide, total: flat.total, flat: flat.lines, cum: cum.lines };
  const format = formatOf(side.type, values.unit);
  const document = profileDocument({
    about: [...sideFacts(side, base), ...precisionFacts(sides, format), ...doubtFacts(sides)],
    flat,
    cum,
    format,
    totals: base === undefined ? [set.total] : [side.set.total, base.set.total],
  });
  await printAnswer({ title: `Profile of ${side.name}`, document, json }, values, io);
  return ExitCode.ok;
}

async function sidesOfRun(values: ProfileValues, cwd: string): Promise<readonly [Side, Side | undefined]> {
  const run = await openRun(resolve(cwd, values.source));
  const type = values.type ?? 'inuse_space';
  const cell = chooseCell(run, values.cell, values.workload, '--cell');
  // Two cells are compared under one workload, unless the flag names another.
  const other =
    values.diff === undefined
      ? undefined
      : chooseCell(run, values.diff, /workload=/.test(values.diff) ? undefined : cell.levels.workload, '--diff');
  const kinds: readonly ProfileKind[] = type.startsWith('alloc_') ? ['allocs', 'heap'] : ['heap'];
  for (const kind of kinds) {
    const own = await stacksOfCell(run, cell, kind, type);
    const base = other === undefined ? undefined : await stacksOfCell(run, other, kind, type);
    if (own !== undefined && (other === undefined || base !== undefined))
      return [sideOf(run, cell, kind, own), other && base && sideOf(run, other, kind, base)];
  }
  const of = `${cell.id}${other === undefined ? '' : ` and ${other.id}`}`;
  // A run may be published without its trials, which hold the profiles.
  const { done } = await run.trials()[Symbol.asyncIterator]().next();
  throw new UserError(
    done === true
      ? {
          code: 'no-trials',
          message: `the folder of the run has no trials, so no profiles of ${of}`,
          at: values.source,
          hint: 'use the folder in which it ran; gctune report shows the allocation sites of the baseline',
        }
      : {
          code: 'no-profiles',
          message: `the run kept no profiles of ${of}`,
          at: values.source,
          hint: 'profiles: { heap: true, allocs: true } in the experiment keeps them, where the target serves net/http/pprof',
        },
  );
}

function sideOf({ manifest }: RunFolder, cell: Cell, kind: ProfileKind, stacks: CellStacks): Side {
  const several = manifest.plan.cells.some(({ levels }) => levels.workload !== cell.levels.workload);
  const named = several && !cell.id.includes('workload=') ? `${cell.id} workload=${cell.levels.workload}` : cell.id;
  const { durationSeconds, type } = stacks;
  const taken =
    kind === 'allocs'
      ? `allocated during the window${durationSeconds === undefined ? '' : ` (${formatWait(durationSeconds)})`}`
      : type.type.startsWith('alloc_')
        ? 'allocated since the process started: no trial profiled the window alone'
        : 'as the last garbage collection left it after the window';
  return { ...stacks, name: named, taken };
}

async function sidesInFiles(values: ProfileValues, io: Io): Promise<readonly [Side, Side | undefined]> {
  for (const flag of ['cell', 'workload'] as const) {
    if (values[flag] !== undefined) {
      throw new UserError({
        code: 'bad-combination',
        message: `--${flag} is for runs, and ${isAddress(values.source) ? 'an address' : values.source} is a profile`,
        at: `--${flag}`,
      });
    }
  }
  const side = async (file: string, at: string, type: string | undefined): Promise<Side> => {
    const stacks = await stacksNamed(file, io, type, at);
    const { durationSeconds } = stacks;
    const taken = durationSeconds === undefined ? 'a snapshot' : `over ${formatWait(durationSeconds)}`;
    return { ...stacks, taken, trials: [] };
  };
  const own = await side(values.source, '<source>', values.type);
  return [own, values.diff === undefined ? undefined : await side(values.diff, '--diff', own.type.type)];
}

function sideFacts(side: Side, base: Side | undefined): readonly Fact[] {
  const text = ({ name, trials, taken, type }: Side): string =>
    `${name}: ${type.type}, ${taken}${trials.length === 0 ? '' : `; ${meanText(trials)}`}`;
  return [['profile', text(side)], ...(base === undefined ? [] : [['less', text(base)] as const])];
}

/**
 * How well a heap profile knows its total. Of objects much smaller than the period r, an amount A is made of some A ÷ r
 * samples, a Poisson number: the standard error is √(A × r), and of the mean of n trials √(A × r ÷ n). Larger objects
 * are known better. Source: runtime/mprof.go, scaleHeapSample in runtime/pprof.
 */
function precisionFacts(sides: readonly Side[], format: FormatValue): readonly Fact[] {
  const errors = sides.map(({ set, period, trials, type }) =>
    period === undefined || type.unit !== 'bytes' ? NaN : Math.sqrt((set.total * period) / Math.max(1, trials.length)),
  );
  const error = Math.hypot(...errors);
  const [{ period = 0 } = {}] = sides;
  if (!(error > 0)) return [];
  const what = sides.length === 1 ? 'the total' : 'the difference of the totals';
  const text = `one sample represents ${formatBytes(period)}, so ${what} has a standard error of ±${format(error)}`;
  return [['precision', text]];
}

function doubtFacts(sides: readonly Side[]): readonly Fact[] {
  return sides.flatMap(({ name, doubts }) =>
    doubts.map((text) => ['doubt', sides.length === 1 ? text : `${name}: ${text}`] as const),
  );
}

function meanText(trials: readonly string[]): string {
  return trials.length === 1 ? `trial ${trials.join()}` : `mean of ${trials.length} trials (${trials.join(', ')})`;
}

function told({ name, taken, trials, durationSeconds, period, set, doubts }: Side): Readonly<Record<string, unknown>> {
  return { name, taken, trials, durationSeconds, period, total: set.total, doubts };
}
