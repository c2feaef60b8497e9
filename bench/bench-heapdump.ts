import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { measured } from './measure.ts';
import type { BenchRow } from './row.ts';

const HEAP = 0xc0_0000_0000;
const SLOT_BYTES = 64;
/** Small objects with two pointers each: most of the work that a dump of this size can make. */
const OBJECTS = 14_000_000;
const PER_CHUNK = 50_000;

/** `gctune heapdump` on a generated dump of 1 GiB. */
export async function benchHeapdump(root: string): Promise<readonly BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-bench-'));
  try {
    const file = join(folder, 'heap.dump');
    await pipeline(Readable.from(dump()), createWriteStream(file));
    const { size } = await stat(file);
    const { code, wallSeconds, peakBytes, stdout, stderr } = await measured(process.execPath, [
      join(root, 'dist/main.js'),
      'heapdump',
      file,
      '--output',
      join(folder, 'heap.html'),
    ]);
    const ok = code === 0 && stdout.includes(OBJECTS.toLocaleString('en'));
    return [
      {
        name: `heapdump on ${(size / 2 ** 30).toFixed(2)} GiB, ${OBJECTS / 1e6} million objects`,
        value: `${wallSeconds.toFixed(1)} s`,
        limit: '≤ 120 s',
        ok: ok && wallSeconds <= 120,
        ...(ok ? {} : { detail: stderr.trim() }),
      },
      {
        name: '… its peak memory',
        value: `${(peakBytes / 2 ** 20).toFixed(0)} MiB`,
        limit: '≤ 2048 MiB',
        ok: peakBytes <= 2 ** 31,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A heap of one tree whose every object also points to one far away, held by one variable. */
function* dump(): Generator<Buffer> {
  const end = HEAP + Math.ceil((OBJECTS * SLOT_BYTES) / 2 ** 26) * 2 ** 26;
  const text = (value: string): readonly number[] => [value.length, ...Buffer.from(value)];
  yield Buffer.from('go1.7 heap dump\n');
  yield Buffer.from([6, 0, 8, ...varint(HEAP), ...varint(end), ...text('amd64'), ...text('go1.21.0'), 2]);
  const address = (object: number): number => HEAP + object * SLOT_BYTES;
  for (let from = 0; from < OBJECTS; from += PER_CHUNK) {
    const chunk = Buffer.alloc(PER_CHUNK * 80);
    let at = 0;
    for (let object = from; object < Math.min(OBJECTS, from + PER_CHUNK); object += 1) {
      chunk[at] = 1;
      at += 1;
      for (const byte of varint(address(object))) at = chunk.writeUInt8(byte, at);
      chunk[at] = SLOT_BYTES;
      const next = (object * 2 + 1) % OBJECTS;
      // 48-bit addresses: the upper half of the word stays 0 but for its lower bits.
      chunk.writeUIntLE(address(next), at + 1, 6);
      chunk.writeUIntLE(address((object * 2 + 2) % OBJECTS), at + 9, 6);
      at += 1 + SLOT_BYTES;
      for (const byte of [1, 0, 1, 8, 0]) at = chunk.writeUInt8(byte, at);
    }
    yield chunk.subarray(0, at);
  }
  const root = Buffer.alloc(8);
  root.writeUIntLE(HEAP, 0, 6);
  yield Buffer.from([12, ...varint(0x60_0000), 8, ...root, 1, 0, 0]);
  yield Buffer.from([10, ...Array.from({ length: 281 }, () => 0), 0]);
}

function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  bytes.push(left);
  return bytes;
}
