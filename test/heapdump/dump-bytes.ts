import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { analyseHeap, type AnalyseOptions } from '../../src/heapdump/analyse-heap.ts';
import type { HeapAnalysis } from '../../src/heapdump/heap-analysis.ts';
import { readHeapDump } from '../../src/heapdump/read-heap-dump.ts';
import type { DumpSource } from '../../src/heapdump/record-reader.ts';
import { byteSourceOf } from '../executable/bytes-in-memory.ts';

/** A committed dump, unpacked. */
export function fixtureDump(name: string): Buffer {
  return gunzipSync(readFileSync(new URL(`../fixtures/heapdump/${name}.gz`, import.meta.url)));
}

/** Reads and analyses a dump in memory. */
export async function analysed(bytes: Uint8Array, options: AnalyseOptions = {}): Promise<HeapAnalysis> {
  return analyseHeap(await readHeapDump(byteSourceOf(bytes)), options);
}

/** A source that gives at most so many bytes at a time, so that records are cut everywhere. */
export function trickle(bytes: Uint8Array, most: number): DumpSource {
  const source = byteSourceOf(bytes);
  return { sizeBytes: source.sizeBytes, read: (offset, length) => source.read(offset, Math.min(length, most)) };
}

/** Writes records as runtime/heapdump.go does. Pointers are 64 bits, little-endian, unless it is said otherwise. */
export class DumpWriter {
  readonly #bytes: number[] = [...Buffer.from('go1.7 heap dump\n')];
  readonly #words: { readonly bigEndian: boolean; readonly pointerBytes: number };

  #frames = 0;

  constructor(
    params: { readonly goVersion?: string; readonly bigEndian?: boolean; readonly pointerBytes?: number } = {},
  ) {
    const { goVersion = 'go1.21.0', bigEndian = false, pointerBytes = 8 } = params;
    this.#words = { bigEndian, pointerBytes };
    this.numbers(6, Number(bigEndian), pointerBytes, HEAP, HEAP + 2 ** 26)
      .text('amd64')
      .text(goVersion)
      .numbers(2);
  }

  numbers(...values: readonly (number | bigint)[]): this {
    for (const value of values) {
      let left = BigInt(value);
      for (; left >= 0x80n; left >>= 7n) this.#bytes.push(Number(left & 0x7fn) | 0x80);
      this.#bytes.push(Number(left));
    }
    return this;
  }

  text(text: string): this {
    const bytes = Buffer.from(text);
    this.numbers(bytes.length);
    this.#bytes.push(...bytes);
    return this;
  }

  /** Memory of so many bytes with pointers at offsets, and the list of these. */
  memory(
    sizeBytes: number,
    pointers: Readonly<Record<number, number>> = {},
    unmarked: Readonly<Record<number, number>> = {},
  ): this {
    const { bigEndian, pointerBytes } = this.#words;
    const memory = Buffer.alloc(sizeBytes);
    for (const [offset, value] of [...Object.entries(pointers), ...Object.entries(unmarked)]) {
      const word = Buffer.alloc(8);
      if (pointerBytes === 4) word[bigEndian ? 'writeUInt32BE' : 'writeUInt32LE'](value);
      else word[bigEndian ? 'writeBigUInt64BE' : 'writeBigUInt64LE'](BigInt(value));
      word.copy(memory, Number(offset), 0, pointerBytes);
    }
    this.numbers(sizeBytes);
    this.#bytes.push(...memory);
    for (const offset of Object.keys(pointers)) this.numbers(1, Number(offset));
    return this.numbers(0);
  }

  object(address: number, sizeBytes: number, pointers: Readonly<Record<number, number>> = {}): this {
    return this.numbers(1, address).memory(sizeBytes, pointers);
  }

  goroutine(address: number, id: number): this {
    return this.numbers(4, address, 0, id, 0, 4, 0, 0, 0).text('select').numbers(0, 0, 0, 0);
  }

  frame(
    name: string,
    pointers: Readonly<Record<number, number>>,
    unmarked: Readonly<Record<number, number>> = {},
  ): this {
    this.numbers(5, 0x7000, 0, 0);
    const { length } = this.#bytes;
    this.memory(64, pointers, unmarked);
    // The frame's own numbers stand between its memory and the list of its pointers.
    const fields = this.#bytes.splice(length + 1 + 64);
    const entry = 0x400000 + 0x1000 * this.#frames;
    this.#frames += 1;
    this.numbers(entry, entry + 16, entry + 16).text(name);
    this.#bytes.push(...fields);
    return this;
  }

  memStats(heapAlloc = 0): this {
    return this.numbers(10, 0, 0, 0, 0, 0, 0, heapAlloc, ...Array.from({ length: 17 + 256 + 1 }, () => 0));
  }

  end(): Buffer {
    return Buffer.from([...this.#bytes, 0]);
  }
}

/** Where the heap of written dumps begins. */
export const HEAP = 0xc000_0000;
