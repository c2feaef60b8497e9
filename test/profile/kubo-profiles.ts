import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readProfile } from '../../src/profile/read-profile.ts';
import { sampleTypeIndex } from '../../src/profile/profile.ts';
import { stacksOf, type StackSet } from '../../src/profile/stacks.ts';

/** Real profiles and what pprof prints for them; see its make.sh. */
export const FOLDER = join(import.meta.dirname, '../fixtures/profile');

/** The bytes of a file among the fixtures. */
export function fixture(name: string): Buffer<ArrayBuffer> {
  return readFileSync(join(FOLDER, name));
}

/** The stacks of a profile in a file, by one sample type. */
export function stacksIn(bytes: Uint8Array, type: string): StackSet {
  const profile = readProfile(bytes);
  return stacksOf(profile, sampleTypeIndex(profile, type));
}

/** The lines of a table of pprof below its head, with one space between what it says. */
export function wordsOf(table: string): string {
  const head = /^ *flat +flat% .*\n/m.exec(table);
  const lines = table
    .slice(head === null ? table.length : head.index + head[0].length)
    .trimEnd()
    .split('\n');
  return lines.map((line) => line.trim().replace(/ +/g, ' ')).join('\n');
}
