import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import { ownerMark, ownerState } from '../runner/owner.ts';
import type { Reaped } from '../runner/runner.ts';

/** Every scratch folder of ours begins so, and holds a file that says which run and which gctune it belongs to. */
const prefix = 'gctune-scratch-';
const ownerFile = '.gctune-owner.json';

/** A run's scratch folder; gone when disposed. */
export interface Scratch extends AsyncDisposable {
  readonly folder: string;
}

/** Makes a run's scratch folder, which only this user can look into. */
export async function makeScratch(runId: string): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  await writeFile(join(folder, ownerFile), JSON.stringify({ runId, owner: await ownerMark() }));
  return { folder, [Symbol.asyncDispose]: () => removeFolder(folder) };
}

/**
 * Removes a folder with all that is in it; one that is not there is no error. Throws EnvironmentError `not-removable`
 * where a target that ran as another user has left files that this one may not remove.
 */
export async function removeFolder(folder: string): Promise<void> {
  try {
    // A program that was killed a moment ago may have been writing still.
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw new EnvironmentError('not-removable', `${folder} cannot be removed: ${(error as Error).message}`, {
      hint: 'the target ran as another user and left files there; remove the folder as root',
      cause: error,
    });
  }
}

/** Removes scratch folders of killed runs; with `runId` only those of that run. With `dryRun` it only says which. */
export async function reapScratch(
  options: { readonly runId?: string; readonly dryRun?: boolean } = {},
): Promise<readonly Reaped[]> {
  const reaped: Reaped[] = [];
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const folder = join(tmpdir(), name);
    const mark = await readMark(folder);
    if (mark === undefined || (options.runId !== undefined && mark.runId !== options.runId)) continue;
    if ((await ownerState(mark.owner)) !== 'dead') continue;
    if (options.dryRun !== true) await removeFolder(folder);
    reaped.push({ kind: 'directory', id: folder, runId: mark.runId });
  }
  return reaped;
}

async function readMark(folder: string): Promise<{ readonly runId: string; readonly owner: string } | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, ownerFile), 'utf8')) as { runId: string; owner: string };
  } catch {
    return undefined;
  }
}
