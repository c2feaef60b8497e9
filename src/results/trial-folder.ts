import { join } from 'node:path';
import { plainText } from '../text/plain-text.ts';
import type { Warning } from '../metrics/warning.ts';
import type { Reading, TrialRecord } from './format.ts';
import { attemptName, trialFiles } from './layout.ts';
import { isRealFolder } from './plain-file.ts';
import { parseLines, readFile, readText } from './read-lines.ts';
import { problemIn } from './shape/parts.ts';
import { readingOf, trialRecord } from './shape/trial-shape.ts';

const MiB = 2 ** 20;
/** No file of a trial comes near these; one that is larger is not read into memory. */
const limits = { record: 64 * MiB, readings: 256 * MiB, profile: 64 * MiB };

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

/** Opens the folder of an attempt; undefined where it is damaged, which `damage` then tells. */
export function readTrial(folder: string, name: string, damage: Map<string, Warning>): StoredTrial | undefined {
  const id = name.replace(/~\d+$/, '');
  const note = (file: string, problem: string): void => {
    const message = `trial ${plainText(name)} is damaged: ${file}: ${problem}`;
    damage.set(`${name}/${file}`, { code: 'damaged-trial', message, trial: plainText(id) });
  };
  const record = readRecord(folder, name, note);
  if (record === undefined) return undefined;
  return {
    record,
    readings: {
      *[Symbol.iterator]() {
        let bad = 0;
        const text = readText(join(folder, trialFiles.readings), limits.readings);
        yield* parseLines(text, readingOf, () => bad++);
        if (bad > 0)
          note(trialFiles.readings, `${bad} ${bad === 1 ? 'line is not a reading' : 'lines are not readings'}`);
      },
    },
    profile: async (kind) => {
      const path = join(folder, kind === 'heap' ? trialFiles.heapProfile : trialFiles.allocsProfile);
      return readFile(path, limits.profile);
    },
  };
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
