import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { writeAtomically, writing } from './disk.ts';
import { runFiles } from './layout.ts';
import { readPlainFileIfAny, writeNewFile, type FileMode } from './plain-file.ts';

/** Who writes to a run: a mark of this process, and whether the process of any mark still lives. */
export interface Owner {
  readonly mark: string;
  readonly state: (mark: string) => Promise<'alive' | 'dead' | 'unknown'>;
}

/** A mark is far shorter. */
const LIMIT_BYTES = 4096;
/** Who has made a lock writes its mark into it at once; one that is empty for longer was left so, by a power cut. */
const EMPTY_SECONDS = 1;

/**
 * Takes the lock of a run's folder, which a living process holds or nobody: one that a dead process left is taken over.
 * Disposing gives it back. Throws UserError `run-in-use` where another process writes to the run, or may.
 */
export async function lockRun(folder: string, owner: Owner, mode: FileMode): Promise<AsyncDisposable> {
  return lock(join(folder, runFiles.lock), folder, owner, mode);
}

/**
 * A dead process's lock is changed only under a lock of its own, named after the dead: so of many who find it one takes it
 * over, and one who looked too long ago sees that it has changed.
 */
async function lock(path: string, folder: string, owner: Owner, mode: FileMode): Promise<AsyncDisposable> {
  const text = `${owner.mark}\n`;
  const giveBack = (): void => rmSync(path, { force: true });
  const held: AsyncDisposable = {
    [Symbol.asyncDispose]: async () => {
      process.off('exit', giveBack);
      await rm(path, { force: true });
    },
  };
  // Who is told to leave at once disposes of nothing.
  const hold = (): AsyncDisposable => {
    process.once('exit', giveBack);
    return held;
  };
  for (;;) {
    if (await isMade(path, text, mode)) return hold();
    const mark = markIn(path);
    // Given back since: try again.
    if (mark === undefined) continue;
    if (mark === '') await sleep(EMPTY_SECONDS * 1000);
    if (mark === '' && markIn(path) !== '') continue;
    const state = mark === '' ? 'dead' : await owner.state(mark);
    if (state !== 'dead') throw inUse(folder, path, mark, state);
    await using _ = await lock(`${path}.${digest(mark)}`, folder, owner, mode);
    if (markIn(path) !== mark) continue;
    await writeAtomically(path, text, mode);
    return hold();
  }
}

function digest(mark: string): string {
  return createHash('sha256').update(mark).digest('hex').slice(0, 8);
}

async function isMade(path: string, text: string, mode: FileMode): Promise<boolean> {
  try {
    await writing(path, () => writeNewFile(path, text, mode));
    return true;
  } catch (error) {
    const { cause } = error as { readonly cause?: NodeJS.ErrnoException };
    if (cause?.code === 'EEXIST') return false;
    throw error;
  }
}

function markIn(path: string): string | undefined {
  return readPlainFileIfAny(path, LIMIT_BYTES)?.toString('utf8').trim();
}

function inUse(folder: string, path: string, mark: string, state: 'alive' | 'unknown'): UserError {
  const [pid = ''] = mark.split(':');
  const process = /^\d{1,10}$/.test(pid) ? ` (process ${pid} there)` : '';
  return state === 'alive'
    ? new UserError({
        code: 'run-in-use',
        message: `another gctune (process ${pid}) is writing to ${folder}`,
        hint: 'wait for it, or stop it first',
      })
    : new UserError({
        code: 'run-in-use',
        message: `a gctune on another machine or in another container${process} may be writing to ${folder}`,
        hint: `if it has ended, remove ${path}`,
      });
}
