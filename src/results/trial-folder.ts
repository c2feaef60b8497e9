import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { plainText } from '../text/plain-text.ts';
import type { Warning } from '../metrics/warning.ts';
import type { Reading, TrialRecord } from './format.ts';
import { unfit } from './corrupt.ts';
import { attemptName, trialFiles } from './layout.ts';
import {
  copyPlainFile,
  digestPlainFile,
  type FileMode,
  isRealFolder,
  modeOf,
  readPlainFile,
  replaceFile,
  UnfitFile,
} from './plain-file.ts';
import { parseLines, readFile, readText } from './read-lines.ts';
import { problemIn } from './shape/parts.ts';
import { readingOf, trialRecord } from './shape/trial-shape.ts';

const MiB = 2 ** 20;
/** No file of a trial comes near these; one that is larger is not read into memory. */
const limits = { record: 64 * MiB, readings: 256 * MiB, profile: 64 * MiB, reduced: 16 * MiB };

const COPIED: Readonly<Record<keyof typeof trialFiles, number>> = {
  record: limits.record,
  readings: limits.readings,
  gctrace: limits.readings,
  output: limits.readings,
  latency: limits.record,
  heapProfile: limits.profile,
  allocsProfile: limits.profile,
  reduced: limits.reduced,
};

/** One trial as it lies on disk. */
export interface StoredTrial {
  readonly record: TrialRecord;
  /** Parsed one by one when asked for; a line that was cut short by a kill is passed over. */
  readonly readings: Iterable<Reading>;
  /** The bytes of a pprof profile as the target sent it; undefined where none was kept. */
  readonly profile: (kind: ProfileKind) => Promise<Uint8Array | undefined>;
  /** What the record and the readings are, byte for byte: of two trials with the same digest both are the same. */
  digest(): string;
  /** What was kept of its reduction, unchecked; undefined where nothing was that can be read. */
  kept(): unknown;
  /**
   * Keeps what it was reduced to beside it, where the folder is the user's own and can be written. Nothing is kept of a trial
   * whose readings were found damaged, so that every report tells of it.
   */
  keep(text: string): Promise<void>;
}

/** Copies the files of an attempt into the folder of another. Throws UserError where one of them is no plain file. */
export function copyTrial(from: string, to: string, mode: FileMode): void {
  for (const [key, name] of Object.entries(trialFiles) as [keyof typeof trialFiles, string][]) {
    try {
      copyPlainFile(join(from, name), join(to, name), COPIED[key], mode);
    } catch (error) {
      throw error instanceof UnfitFile ? unfit(error) : error;
    }
  }
}

/** `heap`: read after the window; `allocs`: what was allocated during it, in trials that only profile. */
export type ProfileKind = 'heap' | 'allocs';

/** Opens the folder of an attempt; undefined where it is damaged, which `damage` then tells. */
export function readTrial(folder: string, name: string, damage: Map<string, Warning>): StoredTrial | undefined {
  const id = name.replace(/~\d+$/, '');
  const note = (file: string, problem: string): void => {
    const message = `trial ${plainText(name)} is damaged: ${file}: ${problem}`;
    damage.set(`${name}/${file}`, { code: 'damaged-trial', message, trial: plainText(id) });
  };
  const record = readRecord(folder, name, note);
  if (record === undefined) return undefined;
  const path = (file: keyof typeof trialFiles): string => join(folder, trialFiles[file]);
  let bad = 0;
  return {
    record,
    readings: {
      *[Symbol.iterator]() {
        bad = 0;
        const text = readText(path('readings'), limits.readings);
        yield* parseLines(text, readingOf, () => bad++);
        if (bad > 0)
          note(trialFiles.readings, `${bad} ${bad === 1 ? 'line is not a reading' : 'lines are not readings'}`);
      },
    },
    profile: async (kind) => readFile(path(kind === 'heap' ? 'heapProfile' : 'allocsProfile'), limits.profile),
    digest: () => {
      const [own, readings] = [digestOf(path('record'), limits.record), digestOf(path('readings'), limits.readings)];
      return `${own} ${readings}`;
    },
    kept: (): unknown => {
      try {
        return JSON.parse(readPlainFile(path('reduced'), limits.reduced).toString('utf8')) as unknown;
      } catch (error) {
        if (error instanceof UnfitFile || error instanceof SyntaxError) return undefined;
        throw error;
      }
    },
    keep: async (text) => {
      if (bad > 0) return;
      try {
        const { uid } = await stat(folder);
        if (uid !== process.geteuid?.()) return;
        await replaceFile(path('reduced'), text, await modeOf(path('record')));
      } catch (error) {
        // It can always be made again: a full disk or a folder that cannot be written is no reason to have no report.
        if (!(error instanceof Error && 'syscall' in error)) throw error;
      }
    },
  };
}

function digestOf(path: string, limitBytes: number): string {
  try {
    return digestPlainFile(path, limitBytes) ?? 'none';
  } catch (error) {
    throw error instanceof UnfitFile ? unfit(error) : error;
  }
}

/** The record of a trial; undefined where it is damaged, which is noted. Throws UserError where it is no plain file. */
function readRecord(
  folder: string,
  name: string,
  note: (file: string, problem: string) => void,
): TrialRecord | undefined {
  const lost = 'it does not count';
  if (!isRealFolder(folder)) {
    note('.', `it is not a folder; ${lost}`);
    return undefined;
  }
  const bytes = readFile(join(folder, trialFiles.record), limits.record);
  let value: unknown;
  try {
    value = JSON.parse(bytes?.toString('utf8') ?? '');
  } catch {
    note(trialFiles.record, `${bytes === undefined ? 'it is missing' : 'it is not JSON'}; ${lost}`);
    return undefined;
  }
  const read = trialRecord.safeParse(value);
  if (!read.success) {
    note(trialFiles.record, `${problemIn(read.error)}; ${lost}`);
    return undefined;
  }
  const record = read.data;
  if (attemptName(record.id, record.attempt) !== name) {
    note(trialFiles.record, `it is that of trial ${attemptName(record.id, record.attempt)}; ${lost}`);
    return undefined;
  }
  // The two are one time; early runs wrote the latter by another clock, which had parted from this one by seconds.
  return { ...record, startUnixSeconds: Date.parse(record.startedAt) / 1000 };
}
