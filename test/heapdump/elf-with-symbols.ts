/** An ELF program of 64 bits with a symbol table: one variable, one function, and the linker's two marks. */
export function programWithSymbols(): Buffer {
  const names = ['main.cache', 'main.run', 'runtime.data', 'runtime.edata'];
  const strings = Buffer.from(`\0${names.join('\0')}\0`);
  const symbol = (name: string, type: number, address: number, sizeBytes: number): Buffer => {
    const entry = Buffer.alloc(24);
    entry.writeUInt32LE(strings.indexOf(`\0${name}\0`) + 1, 0);
    entry[4] = 0x10 | type;
    entry.writeBigUInt64LE(BigInt(address), 8);
    entry.writeBigUInt64LE(BigInt(sizeBytes), 16);
    return entry;
  };
  const symbols = Buffer.concat([
    symbol('main.cache', 1, 0x7008, 24),
    symbol('main.run', 2, 0x4000, 100),
    symbol('runtime.data', 1, 0x7000, 0),
    symbol('runtime.edata', 1, 0x7100, 0),
  ]);
  const section = (type: number, offset: number, sizeBytes: number, link: number): Buffer => {
    const entry = Buffer.alloc(64);
    entry.writeUInt32LE(type, 4);
    entry.writeBigUInt64LE(BigInt(offset), 24);
    entry.writeBigUInt64LE(BigInt(sizeBytes), 32);
    entry.writeUInt32LE(link, 40);
    return entry;
  };
  const head = Buffer.alloc(64);
  head.write('\x7fELF\x02\x01', 'latin1');
  head.writeBigUInt64LE(BigInt(64 + symbols.length + strings.length), 40);
  head.writeUInt16LE(64, 58);
  head.writeUInt16LE(3, 60);
  return Buffer.concat([
    head,
    symbols,
    strings,
    section(0, 0, 0, 0),
    section(2, 64, symbols.length, 2),
    section(3, 64 + symbols.length, strings.length, 0),
  ]);
}
