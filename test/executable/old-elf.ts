/** An ELF file as small as it can be, with build info in the form of Go 1.13 to 1.17: a header that points at two Go strings. */
export function oldElf(wide: boolean, littleEndian: boolean, version: string, modules: string): Buffer {
  const base = 0x400000;
  const pointerBytes = wide ? 8 : 4;
  const headerBytes = wide ? 64 : 52;
  const programBytes = wide ? 56 : 32;
  const infoAt = 128;
  const file = Buffer.alloc(4096);
  const u16 = (at: number, value: number) =>
    littleEndian ? file.writeUInt16LE(value, at) : file.writeUInt16BE(value, at);
  const u32 = (at: number, value: number) =>
    littleEndian ? file.writeUInt32LE(value, at) : file.writeUInt32BE(value, at);
  const pointer = (at: number, value: number) => {
    if (wide) u32(at + (littleEndian ? 4 : 0), 0);
    u32(at + (wide && !littleEndian ? 4 : 0), value);
  };

  file.write('\x7fELF', 'latin1');
  file.set([wide ? 2 : 1, littleEndian ? 1 : 2, 1], 4);
  u16(16, 2); // ET_EXEC
  u16(18, wide ? (littleEndian ? 62 : 22) : littleEndian ? 3 : 8);
  u32(20, 1);
  pointer(24 + pointerBytes, headerBytes); // e_phoff
  const tail = wide ? 52 : 40; // e_ehsize
  u16(tail, headerBytes);
  u16(tail + 2, programBytes);
  u16(tail + 4, 1);
  u16(tail + 6, wide ? 64 : 40); // e_shentsize, of no section

  const program = headerBytes;
  u32(program, 1); // PT_LOAD
  u32(program + (wide ? 4 : 24), 6); // readable, writable
  pointer(program + (wide ? 16 : 8), base);
  pointer(program + (wide ? 32 : 16), file.length);
  pointer(program + (wide ? 40 : 20), file.length);

  file.write('\xff Go buildinf:', infoAt, 'latin1');
  file[infoAt + 14] = pointerBytes;
  file[infoAt + 15] = littleEndian ? 0 : 1;
  let end = 256;
  for (const [index, text] of [version, modules].entries()) {
    const string = end;
    pointer(infoAt + 16 + index * pointerBytes, base + string);
    pointer(string, base + string + 2 * pointerBytes);
    pointer(string + pointerBytes, Buffer.byteLength(text));
    end = Math.ceil((string + 2 * pointerBytes + file.write(text, string + 2 * pointerBytes)) / 16) * 16;
  }
  return file;
}
