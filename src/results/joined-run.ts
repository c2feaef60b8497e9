import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeAtomically, writing } from './disk.ts';
import type { JournalEvent, RunManifest } from './format.ts';
import { runFiles, trialFolder } from './layout.ts';
import { makeFolder, writeManifest, type MadeFolder, type RunFolderOptions } from './make-folder.ts';
import { modeOf, type FileMode } from './plain-file.ts';
import { runFolder, type RunFolder } from './run-folder.ts';
import { lockRun, type Owner } from './run-lock.ts';
import { copyTrial } from './trial-folder.ts';

/** A run that is joined of parts, some of which may come later. Without a manifest it is not one yet. */
export interface JoinedRun extends AsyncDisposable {
  readonly id: string;
  readonly folder: string;
  /** Removes what was joined before, so that it can be joined again from its parts. */
  clear(): Promise<void>;
  /** Copies an attempt of a part, as it lies there. */
  adopt(from: RunFolder, trial: string, attempt: number): Promise<void>;
  /** Says what the run is by now, in the place of what was said before. */
  publish(manifest: RunManifest, events: readonly JournalEvent[]): Promise<RunFolder>;
  /** Removes the whole folder: for a run in which nothing was joined. */
  discard(): Promise<void>;
}

/** Makes the folder of a run that is to be joined, as `createRun` does. */
export async function createJoinedRun(
  root: string,
  id: string,
  experimentText: string,
  { mode = 0o644, owner }: RunFolderOptions = {},
): Promise<JoinedRun> {
  const made = await makeFolder(root, id, experimentText, { mode, owner });
  return joinedRun(made, mode);
}

/** Opens and locks a run that is to be joined again from its parts; what was joined before stays until it is cleared. Throws UserError `run-in-use`. */
export async function reopenJoinedRun(folder: string, owner: Owner): Promise<JoinedRun> {
  const mode = await modeOf(join(folder, runFiles.experiment));
  return joinedRun({ id: basename(folder), folder, lock: await lockRun(folder, owner, mode) }, mode);
}

function joinedRun({ id, folder, lock }: MadeFolder, mode: FileMode): JoinedRun {
  return {
    id,
    folder,
    clear: () => clearJoined(folder),
    adopt: (from, trial, attempt) => adoptTrial(folder, from, trial, attempt, mode),
    publish: async (manifest, events) => {
      const journal = events.map((event) => `${JSON.stringify(event)}\n`).join('');
      await writeAtomically(join(folder, runFiles.journal), journal, mode);
      await writeManifest(folder, { ...manifest, id }, mode);
      return runFolder(folder, { ...manifest, id });
    },
    discard: () => rm(folder, { recursive: true, force: true }),
    [Symbol.asyncDispose]: async () => lock?.[Symbol.asyncDispose](),
  };
}

async function clearJoined(folder: string): Promise<void> {
  const trials = join(folder, runFiles.trials);
  await writing(trials, async () => {
    // First: without it what is left of the trials is not taken for a run.
    await rm(join(folder, runFiles.manifest), { force: true });
    await rm(trials, { recursive: true, force: true });
    await mkdir(trials);
  });
}

async function adoptTrial(
  folder: string,
  from: RunFolder,
  trial: string,
  attempt: number,
  mode: FileMode,
): Promise<void> {
  const own = trialFolder(folder, trial, attempt);
  await writing(own, async () => {
    await mkdir(own);
    copyTrial(trialFolder(from.folder, trial, attempt), own, mode);
  });
}
