import { randomUUID } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { z } from 'zod';
import { UserError } from '../errors.ts';
import { plainText } from '../text/plain-text.ts';
import type { Warning } from '../metrics/warning.ts';
import { redactExperiment } from '../experiment/secrets/redact-experiment.ts';
import { diskError, writeAtomically, writing } from './disk.ts';
import { FORMAT_VERSION, type JournalEvent, type RunEnding, type RunManifest, type TrialRecord } from './format.ts';
import { attemptName, partialAttempt, readmeText, runFiles, trialFolder } from './layout.ts';
import { isRealFolder, modeOf, openToAppend, readPlainFile, UnfitFile, type FileMode } from './plain-file.ts';
import { lockRun, type Owner } from './run-lock.ts';
import { problemIn } from './shape/parts.ts';
import { manifest as manifestShape } from './shape/run-shape.ts';
import { journalEvent } from './shape/trial-shape.ts';
import { corrupt, unfit } from './corrupt.ts';
import { parseLines, readFile, readText } from './read-lines.ts';
import { copyTrial, readTrial, type StoredTrial } from './trial-folder.ts';
import { TrialWriter } from './trial-writer.ts';

const MiB = 2 ** 20;
/** No file of a run comes near these; one that is larger is not read into memory. */
const limits = { manifest: 64 * MiB, experiment: 64 * MiB, journal: 256 * MiB, analysis: 256 * MiB };

/** Runs of one experiment and seed that begin in one second. */
const MOST_OF_ONE_NAME = 1000;

/** An opened run folder. */
export interface RunFolder {
  readonly folder: string;
  readonly manifest: RunManifest;
  /** Finished trials in the order of their names, which is the order of the plan; every attempt. */
  trials(): AsyncIterable<StoredTrial>;
  /** The folder of one attempt; undefined where it is not there or damaged. */
  trial(id: string, attempt: number): StoredTrial | undefined;
  /** What was found damaged in the trials that were read so far, as warnings that name them. */
  damage(): readonly Warning[];
  /** The experiment file as it was given; empty where it was not kept. */
  experimentText(): string;
  /** Its journal, of which a torn last line is passed over. */
  journal(): readonly JournalEvent[];
  /** What ended the run, by its journal; undefined while it runs, or where it was killed. */
  ended(): Promise<RunEnding | undefined>;
  /** The text of `analysis.json` of a folder whose trials were left out, as those of a published run; undefined where there are trials, from which it is made again. */
  analysisWithoutTrials(): Promise<string | undefined>;
  /** Writes a file that can always be made again (`analysis.json`, `report.html`); returns its path. */
  writeDerived(name: string, text: string): Promise<string>;
}

/** A run folder that is being written. */
export interface RunWriter extends RunFolder, AsyncDisposable {
  /** Appends to the journal and syncs it. */
  log(...events: readonly JournalEvent[]): Promise<void>;
  /** Begins an attempt at a trial. */
  beginTrial(trial: string, attempt: number): Promise<TrialWriter>;
  /** Removes the whole folder: for a run in which nothing could be started. */
  discard(): Promise<void>;
}

/** How the folder of a run is made. */
export interface RunFolderOptions {
  /** Permissions of every file. */
  readonly mode?: FileMode;
  /** Who writes to it, and locks it. Without one it is not locked. */
  readonly owner?: Owner;
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

/** A run that is joined of parts, some of which may come later. Without a manifest it is not one yet. */
export interface JoinedRun extends AsyncDisposable {
  readonly id: string;
  readonly folder: string;
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

/** Opens and locks a run that is to be joined again from its parts: what was joined before is removed. Throws UserError `run-in-use`. */
export async function reopenJoinedRun(folder: string, owner: Owner): Promise<JoinedRun> {
  const mode = await modeOf(join(folder, runFiles.experiment));
  const lock = await lockRun(folder, owner, mode);
  try {
    const trials = join(folder, runFiles.trials);
    await writing(trials, async () => {
      await rm(join(folder, runFiles.manifest), { force: true });
      await rm(trials, { recursive: true, force: true });
      await mkdir(trials);
    });
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
  return joinedRun({ id: basename(folder), folder, lock }, mode);
}

function joinedRun({ id, folder, lock }: MadeFolder, mode: FileMode): JoinedRun {
  return {
    id,
    folder,
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

/** A folder that was made, and its lock. */
interface MadeFolder {
  readonly id: string;
  readonly folder: string;
  readonly lock: AsyncDisposable | undefined;
}

/** Makes and locks the folder of a run, with what does not depend on what is measured. `more`: what else belongs to it from its beginning. */
async function makeFolder(
  root: string,
  wanted: string,
  experimentText: string,
  { mode, owner }: { readonly mode: FileMode; readonly owner: Owner | undefined },
  more: (own: Omit<MadeFolder, 'lock'>) => Promise<void> = () => Promise.resolve(),
): Promise<MadeFolder> {
  const id = await freeName(root, wanted, mode);
  const folder = resolve(root, id);
  let lock: AsyncDisposable | undefined;
  try {
    await writing(folder, () => mkdir(join(folder, runFiles.trials)));
    lock = owner === undefined ? undefined : await lockRun(folder, owner, mode);
    await writeAtomically(join(folder, runFiles.readme), readmeText(id), mode);
    await writeAtomically(join(folder, runFiles.experiment), experimentText, mode);
    await more({ id, folder });
  } catch (error) {
    // Half a run can be neither read nor gone on with.
    await lock?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return { id, folder, lock };
}

function writeManifest(folder: string, manifest: RunManifest, mode: FileMode): Promise<void> {
  return writeAtomically(join(folder, runFiles.manifest), `${JSON.stringify(manifest, null, 1)}\n`, mode);
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

/** Makes the folder of a run, and gives the name under which that could be done. */
async function freeName(root: string, id: string, mode: FileMode): Promise<string> {
  await writing(root, () => mkdir(root, { recursive: true }));
  for (let count = 1; ; count++) {
    const name = count === 1 ? id : `${id}-${count}`;
    const folder = resolve(root, name);
    try {
      // A folder of private files is private, so that not even their names are seen.
      await mkdir(folder, (mode & 0o077) === 0 ? 0o700 : 0o777);
      return name;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || count >= MOST_OF_ONE_NAME)
        throw diskError(error, folder);
    }
  }
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

/** Opens a finished, interrupted or running run. Throws UserError (exit 7) where the folder is not a run or its format is newer. */
export async function openRun(path: string): Promise<RunFolder> {
  const folder = resolve(path);
  const manifestPath = join(folder, runFiles.manifest);
  let text: string;
  try {
    text = readPlainFile(manifestPath, limits.manifest).toString('utf8');
  } catch (error) {
    if (!(error instanceof UnfitFile)) throw error;
    if (error.kind !== 'missing') throw unfit(error);
    if (lstatSync(join(folder, runFiles.cluster), { throwIfNoEntry: false }) !== undefined)
      throw corrupt(
        'not-joined',
        `${path} is a run on Kubernetes whose blocks are not joined yet`,
        `gctune resume ${path} goes on with it`,
        error,
      );
    throw corrupt(
      'not-a-run',
      `${path} is not a run of gctune: it has no ${runFiles.manifest}`,
      'gctune list shows the runs',
      error,
    );
  }
  const value = parseJson(text, manifestPath);
  const version = versionOf(value);
  if (version !== undefined && version > FORMAT_VERSION) {
    throw corrupt(
      'newer-format',
      `${path} has format ${version}; this gctune reads up to ${FORMAT_VERSION}`,
      'use a newer gctune',
    );
  }
  const manifest = checked(manifestShape, value, manifestPath);
  const trials = join(folder, runFiles.trials);
  if (lstatSync(trials, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw unfit(new UnfitFile(trials, 'not-plain', 'is not a folder'));
  }
  // Runs made before secrets were kept apart hold whatever their file held.
  const { pilotOf } = manifest;
  return runFolder(folder, {
    ...manifest,
    experiment: redactExperiment(manifest.experiment),
    ...(pilotOf === undefined ? {} : { pilotOf: redactExperiment(pilotOf) }),
  });
}

/** Checks the value of a file of a run against its shape. Throws UserError (exit 7) that names the file, the place and what is wrong. */
export function checked<T>(shape: z.ZodType<T>, value: unknown, path: string): T {
  const result = safely(() => shape.safeParse(value));
  if (result === undefined) throw corrupt('corrupt-run', `${path} is damaged: it is nested too deeply`, RESTORE);
  if (result.success) return result.data;
  throw corrupt('corrupt-run', `${path} is damaged: ${problemIn(result.error)}`, RESTORE);
}

/** Parses a file of a run. Throws UserError (exit 7) that names it. */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw corrupt(
      'corrupt-run',
      `${path} is damaged: it is not JSON: ${plainText((error as Error).message)}`,
      RESTORE,
      error,
    );
  }
}

const RESTORE = 'restore the file from a copy, or measure again';

/** A value that is nested a thousand times is nothing of ours, but ends the stack of who looks at it. */
function safely<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function versionOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !('formatVersion' in value)) return undefined;
  return typeof value.formatVersion === 'number' ? value.formatVersion : undefined;
}

/** A folder below a results root that holds a run, or what is left of one. */
export interface ListedFolder {
  readonly folder: string;
  /** Undefined where the run cannot be read. */
  readonly run: RunFolder | undefined;
  /** Why it cannot be read. */
  readonly problem?: string;
}

/** The runs below a results root, those that cannot be read first, then the oldest; a missing root holds none. */
export async function listRuns(root: string): Promise<readonly ListedFolder[]> {
  let names: readonly string[];
  try {
    const entries = await readdir(root, { withFileTypes: true });
    names = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => name);
  } catch {
    return [];
  }
  const runs: ListedFolder[] = [];
  for (const name of names) {
    const folder = join(root, name);
    if (lstatSync(join(folder, runFiles.manifest), { throwIfNoEntry: false }) === undefined) continue;
    try {
      runs.push({ folder, run: await openRun(folder) });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      runs.push({ folder, run: undefined, problem: error.message });
    }
  }
  const started = ({ run }: ListedFolder): string => run?.manifest.startedAt ?? '';
  return runs.toSorted((a, b) => started(a).localeCompare(started(b)) || a.folder.localeCompare(b.folder));
}

function runFolder(folder: string, manifest: RunManifest): RunFolder {
  const damage = new Map<string, Warning>();
  const journal = (): readonly JournalEvent[] => [
    ...parseLines(readText(join(folder, runFiles.journal), limits.journal), (value) => {
      const event = journalEvent.safeParse(value);
      return event.success ? event.data : undefined;
    }),
  ];
  return {
    folder,
    manifest,
    async *trials() {
      for (const name of trialNames(folder)) {
        const stored = readTrial(join(folder, runFiles.trials, name), name, damage);
        if (stored !== undefined) yield stored;
      }
    },
    trial: (id, attempt) => readTrial(trialFolder(folder, id, attempt), attemptName(id, attempt), damage),
    damage: () => [...damage.values()],
    experimentText: () => readText(join(folder, runFiles.experiment), limits.experiment),
    journal,
    ended: async () => {
      const last = journal().findLast(({ type }) => ['run-started', 'run-resumed', 'run-ended'].includes(type));
      return last?.type === 'run-ended' ? { why: last.why, blocks: last.blocks } : undefined;
    },
    analysisWithoutTrials: async () => {
      const trials = await stat(join(folder, runFiles.trials)).catch(() => undefined);
      if (trials !== undefined) return undefined;
      return readFile(join(folder, runFiles.analysis), limits.analysis)?.toString('utf8');
    },
    writeDerived: async (name, text) => {
      const path = join(folder, basename(name));
      await writeAtomically(path, text, await modeOf(join(folder, runFiles.manifest)));
      return path;
    },
  };
}

function trialNames(folder: string): readonly string[] {
  const trials = join(folder, runFiles.trials);
  try {
    if (!isRealFolder(trials)) return [];
    return readdirSync(trials)
      .filter((name) => !name.startsWith('.'))
      .toSorted();
  } catch {
    return [];
  }
}
