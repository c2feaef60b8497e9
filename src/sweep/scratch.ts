import { lstatSync } from 'node:fs';
import { chmod, lstat, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import { readPlainFile, writeNewFile } from '../results/plain-file.ts';
import { ownerMark, ownerState } from '../runner/owner.ts';
import type { Leftover, Reaped } from '../runner/runner.ts';
import { BUILD_RUN, unfinishedBuilds } from '../target/build-cache.ts';
import { ownPlace } from '../target/cache-directory.ts';

/** Every scratch folder of ours begins so, and holds a file that says which run and which gctune it belongs to. */
const prefix = 'gctune-scratch-';
const ownerFile = '.gctune-owner.json';
/** What such a file holds is a few hundred bytes. */
const ownerLimitBytes = 4096;

/** A run's scratch folder; gone when disposed. */
export interface Scratch extends AsyncDisposable {
  readonly folder: string;
}

/**
 * Makes a run's scratch folder, which only this user can look into: in the user's own cache, or, where that is not safe, below
 * TMPDIR. With another user it is below TMPDIR, and that one may go through it to a folder of its own. Throws EnvironmentError
 * `not-reachable`.
 */
export async function makeScratch(runId: string, another?: { readonly uid: number }): Promise<Scratch> {
  const place = another === undefined ? ownPlace(process.env, 'scratch') : await reachable(tmpdir());
  const folder = await mkdtemp(join(place ?? tmpdir(), prefix));
  if (another !== undefined) await chmod(folder, 0o711);
  await writeNewFile(join(folder, ownerFile), JSON.stringify({ runId, owner: await ownerMark() }), 0o600);
  return { folder, [Symbol.asyncDispose]: () => removeFolder(folder) };
}

/** The real path of a folder that every user can go through. */
async function reachable(path: string): Promise<string> {
  const real = await realpath(path);
  for (let at = real; at !== dirname(at); at = dirname(at)) {
    if (((await lstat(at)).mode & 0o001) !== 0) continue;
    throw new EnvironmentError('not-reachable', `${at} is closed to other users, and so is a data folder in it`, {
      hint: 'set TMPDIR to a folder that the user of the service can reach, such as /tmp',
    });
  }
  return real;
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

/**
 * The folders that killed runs of this user left: scratch and unfinished builds; with `runId` only those of that run. Below
 * TMPDIR anybody may make a folder of any name, so that only what is this user's own is looked at.
 */
export async function leftFolders(runId?: string): Promise<readonly Leftover[]> {
  const left: Leftover[] = [];
  const add = async (folder: string, mark: Mark): Promise<void> => {
    if (runId !== undefined && mark.runId !== runId) return;
    if ((await ownerState(mark.owner)) === 'dead') left.push({ kind: 'directory', id: folder, runId: mark.runId });
  };
  const places = new Set([ownPlace(process.env, 'scratch'), tmpdir()].filter((place) => place !== undefined));
  for (const place of places) {
    for (const name of await readdir(place).catch(() => [])) {
      const mark = name.startsWith(prefix) ? readMark(join(place, name)) : undefined;
      if (mark !== undefined) await add(join(place, name), mark);
    }
  }
  for (const { folder, owner } of await unfinishedBuilds(ownPlace(process.env, 'builds'))) {
    await add(folder, { runId: BUILD_RUN, owner });
  }
  return left;
}

/** Removes the folders that killed runs left; one that cannot be removed does not keep the others. */
export async function reapFolders(runId?: string): Promise<readonly Reaped[]> {
  const reaped: Reaped[] = [];
  for (const each of await leftFolders(runId)) {
    const problem = await removeFolder(each.id).then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    );
    reaped.push(problem === undefined ? each : { ...each, problem });
  }
  return reaped;
}

interface Mark {
  readonly runId: string;
  readonly owner: string;
}

/** Whose a scratch folder is; undefined where it is not one that this user has made. */
function readMark(folder: string): Mark | undefined {
  const uid = process.geteuid?.();
  try {
    const status = lstatSync(folder);
    if (!status.isDirectory() || (uid !== undefined && status.uid !== uid)) return undefined;
    const mark: unknown = JSON.parse(readPlainFile(join(folder, ownerFile), ownerLimitBytes, uid).toString('utf8'));
    return isMark(mark) ? mark : undefined;
  } catch {
    return undefined;
  }
}

function isMark(value: unknown): value is Mark {
  if (typeof value !== 'object' || value === null || !('runId' in value) || !('owner' in value)) return false;
  return typeof value.runId === 'string' && typeof value.owner === 'string';
}
