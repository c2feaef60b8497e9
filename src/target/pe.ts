import type { BinaryImage } from './binary-image.ts';
import type { ByteSource } from './byte-source.ts';
import { fieldsOf } from './fields.ts';

/** COFF machine types (Microsoft, PE Format). */
const machines: Readonly<Record<number, string>> = { 0x14c: '386', 0x1c4: 'arm', 0x8664: 'amd64', 0xaa64: 'arm64' };

const OPTIONAL_MAGIC_WIDE = 0x20b;
/** IMAGE_SCN_CNT_INITIALIZED_DATA | IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_WRITE. */
const WRITABLE_DATA = 0xc0000040;
/** The alignment, which old linkers write into object files only, but Go's reader ignores too. */
const ALIGNMENT = 0x600000;

/** Reads the headers of a PE file; undefined for other programs that begin with MZ. */
export async function readPe(source: ByteSource): Promise<BinaryImage | undefined> {
  const start = fieldsOf(await source.read(0, 64), true).u32(0x3c);
  const header = fieldsOf(await source.read(start, 24 + 64), true);
  if (header.text(0, 4) !== 'PE') return undefined;
  const machine = header.u16(4);
  const sectionCount = header.u16(6);
  const optionalBytes = header.u16(20);
  const base = header.u16(24) === OPTIONAL_MAGIC_WIDE ? header.u64(24 + 24) : header.u32(24 + 28);
  if (![machine, sectionCount, optionalBytes, base].every(Number.isFinite)) return undefined;

  const table = await source.read(start + 24 + optionalBytes, sectionCount * 40);
  const sections = Array.from({ length: Math.floor(table.length / 40) }, (_, i) => {
    const entry = fieldsOf(table.subarray(i * 40, (i + 1) * 40), true);
    return {
      memoryBytes: entry.u32(8),
      address: entry.u32(12) + base,
      sizeBytes: entry.u32(16),
      offset: entry.u32(20),
      isWritableData: (entry.u32(36) & ~ALIGNMENT) >>> 0 === WRITABLE_DATA,
    };
  });
  const writable = sections.find(
    ({ isWritableData, sizeBytes, address }) => isWritableData && sizeBytes > 0 && address > base,
  );
  return {
    platform: { os: 'windows', arch: machines[machine] ?? `machine-${machine}` },
    segments: sections,
    data: writable && { address: writable.address, sizeBytes: writable.memoryBytes },
  };
}
