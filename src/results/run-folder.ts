import { lstatSync, readdirSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { z } from 'zod';
import { UserError } from '../errors.ts';
import { plainText } from '../text/plain-text.ts';
import type { Warning } from '../metrics/warning.ts';
import { redactExperiment } from '../experiment/secrets/redact-experiment.ts';
import { writeAtomically } from './disk.ts';
import { FORMAT_VERSION, type JournalEvent, type RunEnding, type RunManifest } from './format.ts';
import { attemptName, runFiles, trialFolder } from './layout.ts';
import { isRealFolder, modeOf, readPlainFile, UnfitFile } from './plain-file.ts';
import { problemIn } from './shape/parts.ts';
import { manifest as manifestShape } from './shape/run-shape.ts';
import { journalEvent } from './shape/trial-shape.ts';
import { corrupt, unfit } from './corrupt.ts';
import { parseLines, readFile, readText } from './read-lines.ts';
import { readTrial, type StoredTrial } from './trial-folder.ts';

const MiB = 2 ** 20;
/** No file of a run comes near these; one that is larger is not read into memory. */
export const limits = { manifest: 64 * MiB, experiment: 64 * MiB, journal: 256 * MiB, analysis: 256 * MiB };

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

export function runFolder(folder: string, manifest: RunManifest): RunFolder {
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
