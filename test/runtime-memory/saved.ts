import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Run } from '../../src/runtime-memory/process-memory.ts';
import { Words } from '../../src/runtime-memory/words.ts';

/** The Go releases of which the data of a process was saved; see fixtures/runtime-memory/save.ts. */
export const SAVED = ['1.19.13', '1.22.12', '1.26.11'] as const;

/** The saved data of a process, as bytes. */
export function savedBytes(version: string): Buffer {
  return gunzipSync(readFileSync(new URL(`../fixtures/runtime-memory/go${version}.gz`, import.meta.url)));
}

/** Stretches of memory as save.ts wrote them. Lengths that are not there are cut. */
export function runsOf(bytes: Buffer): readonly Run[] {
  const runs: Run[] = [];
  for (let at = 0; at + 16 <= bytes.length;) {
    const address = Number(bytes.readBigUInt64LE(at));
    const size = Math.min(bytes.length - at - 16, Number(bytes.readBigUInt64LE(at + 8)));
    const words = new Words(size);
    words.bytes.set(bytes.subarray(at + 16, at + 16 + size));
    runs.push({ address, words });
    at += 16 + size;
  }
  return runs;
}
