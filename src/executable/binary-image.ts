import type { ByteSource } from './byte-source.ts';
import { readElf } from './elf.ts';
import { readMachO } from './mach-o.ts';
import type { Platform } from './platform.ts';

/** A part of a file that is mapped at an address. */
export interface Segment {
  readonly address: number;
  readonly offset: number;
  /** Bytes in the file; memory beyond them is zero. */
  readonly sizeBytes: number;
}

/** What the headers of an executable say, as far as build info needs it. */
export interface BinaryImage {
  readonly platform: Platform;
  readonly segments: readonly Segment[];
  /** Where the linker puts build info: a section of its own, or else the first writable data. */
  readonly data: { readonly address: number; readonly sizeBytes: number } | undefined;
}

/** Reads the headers of an ELF or Mach-O executable; undefined for anything else, and for headers that contradict themselves. */
export async function readBinaryImage(source: ByteSource): Promise<BinaryImage | undefined> {
  const magic = (await source.read(0, 4)).toString('latin1');
  if (magic === '\x7fELF') return readElf(source);
  return readMachO(source);
}

/** The bytes at an address, fewer where its segment ends in the file. */
export async function readAddress(
  source: ByteSource,
  segments: readonly Segment[],
  address: number,
  length: number,
): Promise<Buffer> {
  const segment = segments.find((each) => address >= each.address && address < each.address + each.sizeBytes);
  if (segment === undefined) return Buffer.alloc(0);
  const within = address - segment.address;
  return source.read(segment.offset + within, Math.min(length, segment.sizeBytes - within));
}
