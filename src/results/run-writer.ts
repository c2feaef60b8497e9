import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { unfit } from './corrupt.ts';
import { writing } from './disk.ts';
import type { JournalEvent, RunManifest, TrialRecord } from './format.ts';
import { attemptName, partialAttempt, runFiles } from './layout.ts';
import { makeFolder, writeManifest, type RunFolderOptions } from './make-folder.ts';
import { modeOf, openToAppend, UnfitFile, type FileMode } from './plain-file.ts';
import { readText } from './read-lines.ts';
import { limits, openRun, runFolder, type RunFolder } from './run-folder.ts';
import { lockRun, type Owner } from './run-lock.ts';
import { TrialWriter } from './trial-writer.ts';

/** A run folder that is being written. */
export interface RunWriter extends RunFolder, AsyncDisposable {
  /** Appends to the journal and syncs it. */
  log(...events: readonly JournalEvent[]): Promise<void>;
  /** Begins an attempt at a trial. */
  beginTrial(trial: string, attempt: number): Promise<TrialWriter>;
  /** Removes the whole folder: for a run in which nothing could be started. */
  discard(): Promise<void>;
}

/**
 * Makes a run folder under the results root and locks it. Where there is one of this name, as of two runs of one seed in one
 * second, the run and its folder get the next free name. Throws EnvironmentError `output-not-writable` or `disk-full`.
 */
export async function createRun(
  root: string,
  manifest: RunManifest,
  experimentText: string,
  { mode = 0o644, owner }: RunFolderOptions = {},
): Promise<RunWriter> {
  const { id, folder, lock } = await makeFolder(root, manifest.id, experimentText, { mode, owner }, (own) =>
    writeManifest(own.folder, { ...manifest, id: own.id }, mode),
  );
  return runWriter(runFolder(folder, { ...manifest, id }), mode, lock);
}

/** A run that is gone on with. */
export interface ResumedRun extends RunWriter {
  /** Names of the attempts that were under way when the run ended, and are gone now. */
  readonly discarded: readonly string[];
  /** Every attempt that has ended, by its name. */
  readonly attempts: ReadonlyMap<string, TrialRecord>;
}

/**
 * Opens and locks a run to go on with it. What was under way when it ended is removed: attempts that never ended, and those
 * that a signal aborted. Throws UserError as `openRun` does, and `run-in-use`.
 */
export async function resumeRun(path: string, owner: Owner): Promise<ResumedRun> {
  const run = await openRun(path);
  const mode = await modeOf(join(run.folder, runFiles.manifest));
  const lock = await lockRun(run.folder, owner, mode).catch((error: unknown) => {
    throw error instanceof UnfitFile ? unfit(error) : error;
  });
  try {
    const { discarded, attempts } = await discardUnended(run);
    await endLastLine(join(run.folder, runFiles.journal), mode);
    return { ...runWriter(run, mode, lock), discarded, attempts };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

/** A line that a power cut left without its end must not be one with the next. */
async function endLastLine(path: string, mode: FileMode): Promise<void> {
  const text = readText(path, limits.journal);
  if (text === '' || text.endsWith('\n')) return;
  await writing(path, async () => {
    await using file = await openToAppend(path, mode);
    await file.appendFile('\n');
  });
}

/** Removes what never ended, and puts aside what cannot be read, which is measured again too. */
async function discardUnended(run: RunFolder): Promise<Pick<ResumedRun, 'discarded' | 'attempts'>> {
  const trials = join(run.folder, runFiles.trials);
  const attempts = new Map<string, TrialRecord>();
  const aborted = new Set<string>();
  for await (const { record } of run.trials()) {
    const name = attemptName(record.id, record.attempt);
    if (record.outcome.kind === 'aborted') aborted.add(name);
    else attempts.set(name, record);
  }
  const discarded: string[] = [];
  await writing(trials, async () => {
    await mkdir(trials, { recursive: true });
    for (const name of await readdir(trials)) {
      const partial = partialAttempt(name);
      if (partial === undefined && (name.startsWith('.') || attempts.has(name))) continue;
      discarded.push(partial ?? name);
      if (partial !== undefined || aborted.has(name)) await rm(join(trials, name), { recursive: true, force: true });
      else await rename(join(trials, name), join(trials, `.${name}.${randomUUID().slice(0, 8)}.damaged`));
    }
  });
  // What has ended and is not there any more was taken away; it is measured again as what never ended is.
  const gone = run.journal().flatMap((event) => {
    if (event.type !== 'trial-ended' || event.outcome === 'aborted') return [];
    const name = attemptName(event.trial, event.attempt);
    return attempts.has(name) || discarded.includes(name) ? [] : [name];
  });
  return { discarded: [...new Set([...discarded, ...gone])].toSorted(), attempts };
}

function runWriter(run: RunFolder, mode: FileMode, lock: AsyncDisposable | undefined): RunWriter {
  const { folder } = run;
  const journalPath = join(folder, runFiles.journal);
  return {
    ...run,
    log: (...events) =>
      writing(journalPath, async () => {
        const file = await openToAppend(journalPath, mode);
        try {
          const { size } = await file.stat();
          const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
          await file.appendFile(lines).catch(async (error: unknown) => {
            // The next line would be appended to what a full disk took of this one, and neither could be read.
            await file.truncate(size);
            throw error;
          });
          await file.sync();
        } finally {
          await file.close();
        }
      }),
    beginTrial: (trial, attempt) => TrialWriter.open(folder, trial, attempt, mode),
    discard: () => rm(folder, { recursive: true, force: true }),
    [Symbol.asyncDispose]: async () => lock?.[Symbol.asyncDispose](),
  };
}
