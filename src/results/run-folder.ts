import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
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
import { TrialWriter } from './trial-writer.ts';

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

/** Makes a run folder under the results root and locks it. Throws EnvironmentError `output-not-writable` or `disk-full`. */
export async function createRun(root: string, manifest: RunManifest, experimentText: string): Promise<RunWriter> {
  const folder = resolve(root, manifest.id);
  await writing(folder, async () => {
    await mkdir(root, { recursive: true });
    await mkdir(folder);
    await mkdir(join(folder, runFiles.trials));
  });
  await writeAtomically(join(folder, runFiles.readme), readmeText(manifest.id));
  await writeAtomically(join(folder, runFiles.experiment), experimentText);
  await writeAtomically(join(folder, runFiles.manifest), `${JSON.stringify(manifest, null, 1)}\n`);
  return runWriter(folder, manifest);
}

async function runWriter(folder: string, manifest: RunManifest): Promise<RunWriter> {
  const lockPath = join(folder, runFiles.lock);
  const lock = await writing(lockPath, () => open(lockPath, 'wx'));
  await writing(lockPath, () => lock.writeFile(`${process.pid}\n`));
  const journalPath = join(folder, runFiles.journal);
  const reader = runFolder(folder, manifest);
  return {
    ...reader,
    log: (event) =>
      writing(journalPath, async () => {
        const file = await open(journalPath, 'a');
        try {
          await file.appendFile(`${JSON.stringify(event)}\n`);
          await file.sync();
        } finally {
          await file.close();
        }
      }),
    beginTrial: (trial, attempt) => TrialWriter.open(folder, trial, attempt),
    discard: () => rm(folder, { recursive: true, force: true }),
    [Symbol.asyncDispose]: async () => {
      await lock.close();
      await rm(lockPath, { force: true });
    },
  };
}

/** Opens a finished, interrupted or running run. Throws UserError (exit 7) where the folder is not a run or its format is newer. */
export async function openRun(path: string): Promise<RunFolder> {
  const folder = resolve(path);
  const manifestPath = join(folder, runFiles.manifest);
  let text: string;
  try {
    text = await readFile(manifestPath, 'utf8');
  } catch (error) {
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
  const journal = async (): Promise<readonly JournalEvent[]> => [
    ...parseLines<JournalEvent>(await readFile(join(folder, runFiles.journal), 'utf8').catch(() => '')),
  ];
  return {
    folder,
    manifest,
    async *trials() {
      for (const name of trialNames(folder)) {
        const stored = await readTrial(join(folder, runFiles.trials, name));
        if (stored !== undefined) yield stored;
      }
    },
    journal,
    ended: async () => {
      const last = (await journal()).findLast(({ type }) => type === 'run-ended');
      return last?.type === 'run-ended' ? { why: last.why, blocks: last.blocks } : undefined;
    },
    analysisWithoutTrials: async () => {
      const trials = await stat(join(folder, runFiles.trials)).catch(() => undefined);
      if (trials !== undefined) return undefined;
      return readFile(join(folder, runFiles.analysis), 'utf8').catch(() => undefined);
    },
    writeDerived: async (name, text) => {
      const path = join(folder, basename(name));
      await writeAtomically(path, text);
      return path;
    },
  };
}

function trialNames(folder: string): readonly string[] {
  try {
    return readdirSync(join(folder, runFiles.trials))
      .filter((name) => !name.startsWith('.'))
      .toSorted();
  } catch {
    return [];
  }
}

async function readTrial(folder: string): Promise<StoredTrial | undefined> {
  let record: TrialRecord;
  try {
    record = JSON.parse(await readFile(join(folder, trialFiles.record), 'utf8')) as TrialRecord;
    // The two are one time; early runs wrote the latter by another clock, which had parted from this one by seconds.
    const started = Date.parse(record.startedAt) / 1000;
    if (Number.isFinite(started)) record = { ...record, startUnixSeconds: started };
  } catch {
    return undefined;
  }
  return {
    record,
    readings: {
      [Symbol.iterator]: () => parseLines<Reading>(readText(join(folder, trialFiles.readings))),
    },
    profile: async (kind) => {
      const path = join(folder, kind === 'heap' ? trialFiles.heapProfile : trialFiles.allocsProfile);
      return readFile(path).catch(() => undefined);
    },
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
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

function corrupt(code: string, message: string, hint: string, cause?: unknown): UserError {
  const error = new UserError({ code, message, hint }, ExitCode.corruptResults);
  if (cause !== undefined) error.cause = cause;
  return error;
}
