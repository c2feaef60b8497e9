import { lstatSync, readdirSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { ExitCode, UserError } from '../errors.ts';
import { writeAtomically, writing } from './disk.ts';
import {
  FORMAT_VERSION,
  type JournalEvent,
  type Reading,
  type RunEnding,
  type RunManifest,
  type TrialRecord,
} from './format.ts';
import { readmeText, runFiles, trialFiles } from './layout.ts';
import {
  isRealFolder,
  openToAppend,
  readPlainFile,
  readPlainFileIfAny,
  UnfitFile,
  writeNewFile,
  type FileMode,
} from './plain-file.ts';
import { TrialWriter } from './trial-writer.ts';

const MiB = 2 ** 20;
/** No file of a run comes near these; one that is larger is not read into memory. */
const limits = { manifest: 64 * MiB, record: 64 * MiB, lines: 256 * MiB, analysis: 256 * MiB, profile: 64 * MiB };

/** One trial as it lies on disk. */
export interface StoredTrial {
  readonly record: TrialRecord;
  /** Parsed one by one when asked for; a line that was cut short by a kill is passed over. */
  readonly readings: Iterable<Reading>;
  /** The bytes of a pprof profile as the target sent it; undefined where none was kept. */
  readonly profile: (kind: ProfileKind) => Promise<Uint8Array | undefined>;
}

/** `heap`: read after the window; `allocs`: what was allocated during it, in trials that only profile. */
export type ProfileKind = 'heap' | 'allocs';

/** An opened run folder. */
export interface RunFolder {
  readonly folder: string;
  readonly manifest: RunManifest;
  /** Finished trials in the order of their names, which is the order of the plan; every attempt. */
  trials(): AsyncIterable<StoredTrial>;
  /** Lines of the journal; a torn last line is passed over. */
  journal(): Promise<readonly JournalEvent[]>;
  /** What ended the run; undefined while it runs, or where it was killed. */
  ended(): Promise<RunEnding | undefined>;
  /** The text of `analysis.json` of a folder whose trials were left out, as those of a published run; undefined where there are trials, from which it is made again. */
  analysisWithoutTrials(): Promise<string | undefined>;
  /** Writes a file that can always be made again (`analysis.json`, `report.html`); returns its path. */
  writeDerived(name: string, text: string): Promise<string>;
}

/** A run folder that is being written. */
export interface RunWriter extends RunFolder, AsyncDisposable {
  /** Appends to the journal and syncs it. */
  log(event: JournalEvent): Promise<void>;
  /** Begins an attempt at a trial. */
  beginTrial(trial: string, attempt: number): Promise<TrialWriter>;
  /** Removes the whole folder: for a run in which nothing could be started. */
  discard(): Promise<void>;
}

/** Makes a run folder under the results root and locks it; every file gets `mode`. Throws EnvironmentError `output-not-writable` or `disk-full`. */
export async function createRun(
  root: string,
  manifest: RunManifest,
  experimentText: string,
  mode: FileMode = 0o644,
): Promise<RunWriter> {
  const folder = resolve(root, manifest.id);
  await writing(folder, async () => {
    await mkdir(root, { recursive: true });
    await mkdir(folder);
    await mkdir(join(folder, runFiles.trials));
  });
  await writeAtomically(join(folder, runFiles.readme), readmeText(manifest.id), mode);
  await writeAtomically(join(folder, runFiles.experiment), experimentText, mode);
  await writeAtomically(join(folder, runFiles.manifest), `${JSON.stringify(manifest, null, 1)}\n`, mode);
  return runWriter(folder, manifest, mode);
}

async function runWriter(folder: string, manifest: RunManifest, mode: FileMode): Promise<RunWriter> {
  const lockPath = join(folder, runFiles.lock);
  await writing(lockPath, () => writeNewFile(lockPath, `${process.pid}\n`, mode));
  const journalPath = join(folder, runFiles.journal);
  const reader = runFolder(folder, manifest);
  return {
    ...reader,
    log: (event) =>
      writing(journalPath, async () => {
        const file = await openToAppend(journalPath, mode);
        try {
          await file.appendFile(`${JSON.stringify(event)}\n`);
          await file.sync();
        } finally {
          await file.close();
        }
      }),
    beginTrial: (trial, attempt) => TrialWriter.open(folder, trial, attempt, mode),
    discard: () => rm(folder, { recursive: true, force: true }),
    [Symbol.asyncDispose]: () => rm(lockPath, { force: true }),
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
    throw corrupt(
      'not-a-run',
      `${path} is not a run of gctune: it has no ${runFiles.manifest}`,
      'gctune list shows the runs there are',
      error,
    );
  }
  let manifest: RunManifest;
  try {
    manifest = JSON.parse(text) as RunManifest;
  } catch (error) {
    throw corrupt(
      'corrupt-run',
      `${manifestPath} is not valid JSON: ${String(error)}`,
      'the trials may still be whole; restore run.json from a copy',
      error,
    );
  }
  if (
    typeof manifest !== 'object' ||
    manifest === null ||
    typeof manifest.formatVersion !== 'number' ||
    manifest.plan === undefined
  ) {
    throw corrupt(
      'corrupt-run',
      `${manifestPath} does not look like the manifest of a run`,
      'restore run.json from a copy',
    );
  }
  if (manifest.formatVersion > FORMAT_VERSION) {
    throw corrupt(
      'newer-format',
      `${path} has format ${manifest.formatVersion}; this gctune reads up to ${FORMAT_VERSION}`,
      'use a newer gctune',
    );
  }
  const trials = join(folder, runFiles.trials);
  if (lstatSync(trials, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw unfit(new UnfitFile(trials, 'not-plain', 'is not a folder'));
  }
  // Runs made before there were profiling trials have no list of them.
  return runFolder(folder, { ...manifest, plan: { ...manifest.plan, profiling: manifest.plan.profiling ?? [] } });
}

/** The runs below a results root, oldest first; a missing root holds none. */
export async function listRuns(root: string): Promise<readonly string[]> {
  let names: string[];
  try {
    names = await readdir(root);
  } catch {
    return [];
  }
  const runs: { readonly folder: string; readonly startedAt: string }[] = [];
  for (const name of names) {
    const folder = join(root, name);
    try {
      await stat(join(folder, runFiles.manifest));
      runs.push({ folder, startedAt: (await openRun(folder)).manifest.startedAt });
    } catch {
      continue;
    }
  }
  return runs
    .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt) || a.folder.localeCompare(b.folder))
    .map((run) => run.folder);
}

function runFolder(folder: string, manifest: RunManifest): RunFolder {
  const journal = (): readonly JournalEvent[] => [
    ...parseLines<JournalEvent>(readText(join(folder, runFiles.journal), limits.lines)),
  ];
  return {
    folder,
    manifest,
    async *trials() {
      for (const name of trialNames(folder)) {
        const stored = readTrial(join(folder, runFiles.trials, name));
        if (stored !== undefined) yield stored;
      }
    },
    journal: () => Promise.resolve(journal()),
    ended: async () => {
      const last = journal().findLast(({ type }) => type === 'run-ended');
      return last?.type === 'run-ended' ? { why: last.why, blocks: last.blocks } : undefined;
    },
    analysisWithoutTrials: async () => {
      const trials = await stat(join(folder, runFiles.trials)).catch(() => undefined);
      if (trials !== undefined) return undefined;
      return readFile(join(folder, runFiles.analysis), limits.analysis)?.toString('utf8');
    },
    writeDerived: async (name, text) => {
      const path = join(folder, basename(name));
      // What may be read by its owner only is not shown to others by what is made of it.
      const { mode } = await stat(join(folder, runFiles.manifest));
      await writeAtomically(path, text, (mode & 0o077) === 0 ? 0o600 : 0o644);
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

function readTrial(folder: string): StoredTrial | undefined {
  if (!isRealFolder(folder)) return undefined;
  let record: TrialRecord;
  try {
    record = JSON.parse(readText(join(folder, trialFiles.record), limits.record)) as TrialRecord;
    // The two are one time; early runs wrote the latter by another clock, which had parted from this one by seconds.
    const started = Date.parse(record.startedAt) / 1000;
    if (Number.isFinite(started)) record = { ...record, startUnixSeconds: started };
  } catch {
    return undefined;
  }
  return {
    record,
    readings: {
      [Symbol.iterator]: () => parseLines<Reading>(readText(join(folder, trialFiles.readings), limits.lines)),
    },
    profile: async (kind) => {
      const path = join(folder, kind === 'heap' ? trialFiles.heapProfile : trialFiles.allocsProfile);
      return readFile(path, limits.profile);
    },
  };
}

/** A file of the folder; undefined where it is not there. Throws UserError where the name stands for something else. */
function readFile(path: string, limitBytes: number): Buffer | undefined {
  try {
    return readPlainFileIfAny(path, limitBytes);
  } catch (error) {
    throw error instanceof UnfitFile ? unfit(error) : error;
  }
}

function readText(path: string, limitBytes: number): string {
  return readFile(path, limitBytes)?.toString('utf8') ?? '';
}

/** One value a line, without holding all of them; a line that is no JSON (cut short by a kill) is passed over. */
function* parseLines<T>(text: string): Generator<T, void, undefined> {
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf('\n', start);
    if (end === -1) end = text.length;
    if (end > start) {
      try {
        yield JSON.parse(text.slice(start, end)) as T;
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
    }
    start = end + 1;
  }
}

/** Something in the folder is not the plain file that it should be. */
function unfit(error: UnfitFile): UserError {
  const hint =
    error.kind === 'unreadable'
      ? 'make it readable, or ask for the run of somebody who may read it'
      : 'a run folder holds only plain files and folders; who made this one meant you to read or write something else';
  return corrupt('unsafe-run', error.message, hint, error);
}

function corrupt(code: string, message: string, hint: string, cause?: unknown): UserError {
  const error = new UserError({ code, message, hint }, ExitCode.corruptResults);
  if (cause !== undefined) error.cause = cause;
  return error;
}
