import type { BinaryImage, Segment } from './binary-image.ts';
import type { ByteSource } from './byte-source.ts';
import { fieldsOf } from './fields.ts';

const PT_LOAD = 1;
const PF_X = 1;
const PF_W = 2;

/** e_machine where it alone says the architecture (elf(5), linux/elf-em.h). */
const machines: Readonly<Record<number, string>> = {
  3: '386',
  22: 's390x',
  40: 'arm',
  62: 'amd64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
};
/** EI_OSABI; 0 (System V) and 3 are Linux as Go writes it. */
const systems: Readonly<Record<number, string>> = { 2: 'netbsd', 6: 'solaris', 9: 'freebsd', 12: 'openbsd' };

/** Most bytes of a table of headers: 65,535 entries of 64 bytes. */
const TABLE_BYTES = 4 << 20;
/** Most bytes of section names that are looked at. */
const NAMES_BYTES = 1 << 20;

/** What the headers of an ELF file say. */
export interface ElfImage extends BinaryImage {
  /** Where the program begins to run; for one that can be moved, before it is moved. */
  readonly entry: number;
  /** What is mapped for writing: initialised data, and the zeros behind it. */
  readonly writable: readonly { readonly address: number; readonly sizeBytes: number }[];
}

/** Reads the headers of an ELF file (elf(5)); undefined where they are cut off. */
export async function readElf(source: ByteSource): Promise<ElfImage | undefined> {
  const head = await source.read(0, 64);
  const wide = head[4] === 2;
  const littleEndian = head[5] === 1;
  const header = fieldsOf(head, littleEndian);
  const pointerBytes = wide ? 8 : 4;
  const at = (narrowAt: number, wideAt: number): number => (wide ? wideAt : narrowAt);
  const machine = header.u16(18);
  const arch = architecture(machine, wide, littleEndian);
  if ((head[4] !== 1 && !wide) || (head[5] !== 1 && head[5] !== 2) || arch === undefined) return undefined;

  const table = async (
    offsetAt: number,
    entryAt: number,
    countAt: number,
    leastEntry: number,
  ): Promise<ReturnType<typeof fieldsOf>[]> => {
    const entry = header.u16(entryAt);
    const count = header.u16(countAt);
    if (!(entry >= leastEntry)) return [];
    const bytes = await source.read(header.pointer(offsetAt, pointerBytes), Math.min(TABLE_BYTES, entry * count));
    return Array.from({ length: Math.floor(bytes.length / entry) }, (_, i) =>
      fieldsOf(bytes.subarray(i * entry, (i + 1) * entry), littleEndian),
    );
  };
  const programs = (await table(at(28, 32), at(42, 54), at(44, 56), at(32, 56))).map((entry) => ({
    type: entry.u32(0),
    flags: entry.u32(at(24, 4)),
    offset: entry.pointer(at(4, 8), pointerBytes),
    address: entry.pointer(at(8, 16), pointerBytes),
    sizeBytes: entry.pointer(at(16, 32), pointerBytes),
    memoryBytes: entry.pointer(at(20, 40), pointerBytes),
  }));
  const segments: Segment[] = programs.filter(({ type }) => type === PT_LOAD);
  const sections = await table(at(32, 40), at(46, 58), at(48, 60), at(40, 64));
  const strings = sections[header.u16(at(50, 62))];
  const names =
    strings === undefined
      ? undefined
      : await source.read(
          strings.pointer(at(16, 24), pointerBytes),
          Math.min(NAMES_BYTES, strings.pointer(at(20, 32), pointerBytes)),
        );
  const ownName = '.go.buildinfo';
  const own = sections.find(
    (entry) => names !== undefined && fieldsOf(names, littleEndian).text(entry.u32(0), 64) === ownName,
  );
  const writable = programs.filter(({ type, flags }) => type === PT_LOAD && (flags & PF_W) === PF_W);
  const first = writable.find(({ flags }) => (flags & PF_X) === 0);
  const data =
    own === undefined
      ? first && { address: first.address, sizeBytes: first.sizeBytes }
      : { address: own.pointer(at(12, 16), pointerBytes), sizeBytes: own.pointer(at(20, 32), pointerBytes) };
  return {
    platform: { os: systems[header.u8(7)] ?? 'linux', arch },
    segments,
    data,
    entry: header.pointer(24, pointerBytes),
    writable: writable.map(({ address, memoryBytes }) => ({ address, sizeBytes: memoryBytes })),
  };
}

function architecture(machine: number, wide: boolean, littleEndian: boolean): string | undefined {
  if (machine === 8) return `mips${wide ? '64' : ''}${littleEndian ? 'le' : ''}`;
  if (machine === 21) return `ppc64${littleEndian ? 'le' : ''}`;
  return Number.isNaN(machine) ? undefined : (machines[machine] ?? `machine-${machine}`);
}
