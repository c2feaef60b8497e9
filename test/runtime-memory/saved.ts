import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { findBooks, findLimiter, findWork } from '../../src/runtime-memory/identities.ts';
import { layoutOf } from '../../src/runtime-memory/layout.ts';
import type { Run } from '../../src/runtime-memory/process-memory.ts';
import { readStats } from '../../src/runtime-memory/variables.ts';
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

/** Bytes around a variable that belong to its excerpt. */
const AROUND = 512;
/** More than the largest variable. */
const LARGEST = 8192;

/** Of the saved data only what is around the variables, so that damage done to it mostly meets them. */
export function excerptOf(version: string): Buffer {
  const runs = runsOf(savedBytes(version));
  const layout = layoutOf(`go${version}`);
  const places = findBooks(runs, layout).flatMap(({ controller, stats }) => {
    const run = runs.find(({ address, words }) => stats >= address && stats < address + words.bytes.length);
    if (run === undefined) return [];
    const said = readStats(run.words, stats - run.address, layout);
    return [controller, stats, ...findWork(runs, layout, said), ...findLimiter(runs, layout, said)];
  });
  return Buffer.concat(
    places.flatMap((place) => {
      const run = runs.find(({ address, words }) => place >= address && place < address + words.bytes.length);
      if (run === undefined) return [];
      const from = Math.max(0, place - run.address - AROUND);
      const bytes = run.words.bytes.subarray(from, place - run.address + LARGEST + AROUND);
      const head = Buffer.alloc(16);
      head.writeBigUInt64LE(BigInt(run.address + from), 0);
      head.writeBigUInt64LE(BigInt(bytes.length), 8);
      return [head, bytes];
    }),
  );
}
