import type { BinaryImage, Segment } from './binary-image.ts';
import type { ByteSource } from './byte-source.ts';
import { fieldsOf } from './fields.ts';

// mach-o/loader.h and mach-o/fat.h
const MAGIC_NARROW = 0xfeedface;
const MAGIC_WIDE = 0xfeedfacf;
const FAT_MAGIC = 0xcafebabe;
const FAT_MAGIC_WIDE = 0xcafebabf;
const LC_SEGMENT = 0x1;
const LC_SEGMENT_64 = 0x19;
const READ_WRITE = 3;

const cpuTypes: Readonly<Record<number, string>> = {
  7: '386',
  12: 'arm',
  0x01000007: 'amd64',
  0x0100000c: 'arm64',
};

/** Most bytes of load commands that are looked at; real files have a few KiB. */
const COMMANDS_BYTES = 4 << 20;

/** Reads the headers of a Mach-O file, of a universal one its first part; undefined for anything else. */
export async function readMachO(source: ByteSource): Promise<BinaryImage | undefined> {
  const fat = fieldsOf(await source.read(0, 40), false);
  const fatMagic = fat.u32(0);
  if (fatMagic === FAT_MAGIC) return readThin(source, fat.u32(16));
  if (fatMagic === FAT_MAGIC_WIDE) return readThin(source, fat.u64(16));
  return readThin(source, 0);
}

/** Reads the one architecture that begins at `start`; offsets in it count from there. */
async function readThin(source: ByteSource, start: number): Promise<BinaryImage | undefined> {
  const head = await source.read(start, 32);
  const littleEndian = [MAGIC_NARROW, MAGIC_WIDE].includes(fieldsOf(head, true).u32(0));
  const header = fieldsOf(head, littleEndian);
  const magic = header.u32(0);
  if (magic !== MAGIC_NARROW && magic !== MAGIC_WIDE) return undefined;
  const wide = magic === MAGIC_WIDE;
  const at = (narrowAt: number, wideAt: number): number => (wide ? wideAt : narrowAt);
  const pointerBytes = wide ? 8 : 4;

  const segments: Segment[] = [];
  let data: BinaryImage['data'];
  let writable: BinaryImage['data'];
  const commandBytes = await source.read(start + at(28, 32), Math.min(COMMANDS_BYTES, header.u32(20)));
  const commands = fieldsOf(commandBytes, littleEndian);
  for (let here = 0, left = header.u32(16); left > 0; left -= 1) {
    const sizeBytes = commands.u32(here + 4);
    if (!(sizeBytes >= 8)) break;
    if (commands.u32(here) === (wide ? LC_SEGMENT_64 : LC_SEGMENT)) {
      const address = commands.pointer(here + 24, pointerBytes);
      const fileBytes = commands.pointer(here + at(36, 48), pointerBytes);
      const offset = start + commands.pointer(here + at(32, 40), pointerBytes);
      // __PAGEZERO maps nothing.
      if (fileBytes > 0) segments.push({ address, offset, sizeBytes: fileBytes });
      const [most, initial] = [commands.u32(here + at(40, 56)), commands.u32(here + at(44, 60))];
      if (address > 0 && fileBytes > 0 && most === READ_WRITE && initial === READ_WRITE) {
        writable ??= { address, sizeBytes: fileBytes };
      }
      const sectionBytes = at(68, 80);
      const sections = Math.min(commands.u32(here + at(48, 64)), Math.floor((sizeBytes - at(56, 72)) / sectionBytes));
      for (let section = 0; section < sections; section += 1) {
        const sectionAt = here + at(56, 72) + section * sectionBytes;
        if (commands.text(sectionAt, 16) === '__go_buildinfo') {
          data ??= {
            address: commands.pointer(sectionAt + 32, pointerBytes),
            sizeBytes: commands.pointer(sectionAt + at(36, 40), pointerBytes),
          };
        }
      }
    }
    here += sizeBytes;
  }
  const cpuType = header.u32(4);
  return { platform: { os: 'darwin', arch: cpuTypes[cpuType] ?? `cpu-${cpuType}` }, segments, data: data ?? writable };
}
