/** A Mach-O file of 64 bits as small as it can be, with build info in the form of Go 1.18 and newer (mach-o/loader.h). */
export function smallMachO(version: string, modules: string): Buffer {
  const base = 0x100000000;
  const infoAt = 256;
  const file = Buffer.alloc(4096);
  const u64 = (at: number, value: number): number => file.writeBigUInt64LE(BigInt(value), at);
  file.writeUInt32LE(0xfeedfacf, 0);
  file.writeUInt32LE(0x01000007, 4);
  file.writeUInt32LE(2, 12); // MH_EXECUTE
  file.writeUInt32LE(1, 16);
  file.writeUInt32LE(152, 20);
  // LC_SEGMENT_64 with one section.
  file.writeUInt32LE(0x19, 32);
  file.writeUInt32LE(152, 36);
  file.write('__DATA', 40, 'latin1');
  u64(56, base);
  u64(64, file.length);
  u64(72, 0);
  u64(80, file.length);
  file.writeUInt32LE(3, 88);
  file.writeUInt32LE(3, 92);
  file.writeUInt32LE(1, 96);
  file.write('__go_buildinfo', 104, 'latin1');
  file.write('__DATA', 120, 'latin1');
  u64(136, base + infoAt);
  u64(144, 1024);
  file.write('\xff Go buildinf:', infoAt, 'latin1');
  file[infoAt + 14] = 8;
  file[infoAt + 15] = 2;
  let end = infoAt + 32;
  for (const text of [version, modules]) {
    // Shorter than 128 bytes, so that the length is one byte.
    file[end] = Buffer.byteLength(text);
    end += 1 + file.write(text, end + 1);
  }
  return file;
}
