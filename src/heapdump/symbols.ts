import type { DumpSource } from './record-reader.ts';

/** A named place in a program. */
export interface Symbol {
  /** Untrusted text. */
  readonly name: string;
  /** How far behind the symbol's beginning the address lies, in bytes. */
  readonly offset: number;
}

/** The names of a program's variables and functions by address. */
export interface SymbolTable {
  /** Where the linker put the data segment (`runtime.data`); undefined where the table does not tell. */
  readonly dataAddress: number | undefined;
  /** How long it is (`runtime.edata` − `runtime.data`). */
  readonly dataBytes: number | undefined;
  variable(address: number): Symbol | undefined;
  function(address: number): Symbol | undefined;
}

/** Symbols of the largest programs are some 100 MiB. */
const MAX_TABLE_BYTES = 512 * 2 ** 20;
const MAX_NAME_BYTES = 4096;
const SHT_SYMTAB = 2;
const STT_OBJECT = 1;
const STT_FUNC = 2;

/** Why a program's symbols cannot be read. Its message is for people. */
export class SymbolFault extends Error {
  override readonly name = 'SymbolFault';
}

/**
 * Reads the symbol table of an ELF program (elf(5), System V ABI ch. 4). Throws SymbolFault where the file is another
 * kind of program, damaged, or was linked without symbols (`-ldflags=-s`).
 */
export async function readSymbols(source: DumpSource): Promise<SymbolTable> {
  const head = await source.read(0, 64);
  if (
    head.length < (head[4] === 2 ? 64 : 52) ||
    head[0] !== 0x7f ||
    head[1] !== 0x45 ||
    head[2] !== 0x4c ||
    head[3] !== 0x46
  )
    throw new SymbolFault('it is not an ELF program, and names can only be read from those');
  const wide = head[4] === 2;
  const little = head[5] === 1;
  const header = wordsOf(head, little, wide);
  const entryBytes = header.u16(wide ? 58 : 46);
  const count = header.u16(wide ? 60 : 48);
  if (entryBytes < (wide ? 64 : 40) || count === 0) throw new SymbolFault('it has no table of sections');
  const table = await whole(source, header.word(wide ? 40 : 32), entryBytes * count, 'table of sections');
  const sections = Array.from({ length: count }, (_, i) => {
    const entry = wordsOf(table.subarray(i * entryBytes, (i + 1) * entryBytes), little, wide);
    return {
      type: entry.u32(4),
      offset: entry.word(wide ? 24 : 16),
      sizeBytes: entry.word(wide ? 32 : 20),
      link: entry.u32(wide ? 40 : 24),
    };
  });
  const symbols = sections.find(({ type }) => type === SHT_SYMTAB);
  const strings = symbols && sections[symbols.link];
  if (symbols === undefined || strings === undefined)
    throw new SymbolFault('it has no symbols: it was linked with -ldflags=-s, or stripped');
  return tableOf(
    await whole(source, symbols.offset, symbols.sizeBytes, 'symbol table'),
    await whole(source, strings.offset, strings.sizeBytes, 'table of names'),
    little,
    wide,
  );
}

function tableOf(entries: Uint8Array, names: Uint8Array, little: boolean, wide: boolean): SymbolTable {
  const words = wordsOf(entries, little, wide);
  const bytes = wide ? 24 : 16;
  const kinds: Readonly<Record<number, { at: number; address: number; sizeBytes: number }[]>> = {
    [STT_OBJECT]: [],
    [STT_FUNC]: [],
  };
  const marks = new Map<string, number>();
  for (let at = 0; at + bytes <= entries.length; at += bytes) {
    const name = words.u32(at);
    const address = words.word(at + (wide ? 8 : 4));
    const sizeBytes = words.word(at + (wide ? 16 : 8));
    const type = words.u8(at + (wide ? 4 : 12)) & 0xf;
    if (sizeBytes > 0) kinds[type]?.push({ at: name, address, sizeBytes });
    // The linker's own marks have no size.
    if (startsWith(names, name, 'runtime.')) {
      const text = textAt(names, name);
      if (text === 'runtime.data' || text === 'runtime.edata') marks.set(text, address);
    }
  }
  const lookUp = (kind: number): ((address: number) => Symbol | undefined) => {
    const sorted = (kinds[kind] ?? []).sort((a, b) => a.address - b.address);
    return (address) => {
      let low = -1;
      let high = sorted.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((sorted[middle]?.address ?? Infinity) <= address) low = middle;
        else high = middle - 1;
      }
      const found = sorted[low];
      if (found === undefined || address >= found.address + found.sizeBytes) return undefined;
      return { name: textAt(names, found.at), offset: address - found.address };
    };
  };
  const [start, end] = [marks.get('runtime.data'), marks.get('runtime.edata')];
  return {
    dataAddress: start,
    dataBytes: start === undefined || end === undefined ? undefined : end - start,
    variable: lookUp(STT_OBJECT),
    function: lookUp(STT_FUNC),
  };
}

async function whole(source: DumpSource, offset: number, sizeBytes: number, what: string): Promise<Uint8Array> {
  if (sizeBytes > MAX_TABLE_BYTES) throw new SymbolFault(`its ${what} of ${sizeBytes} bytes is too large`);
  if (!(offset >= 0) || offset + sizeBytes > source.sizeBytes) throw new SymbolFault(`its ${what} is cut short`);
  return source.read(offset, sizeBytes);
}

function startsWith(names: Uint8Array, at: number, prefix: string): boolean {
  for (let i = 0; i < prefix.length; i += 1) if (names[at + i] !== prefix.charCodeAt(i)) return false;
  return true;
}

function textAt(names: Uint8Array, at: number): string {
  let end = at;
  while (end < names.length && end - at < MAX_NAME_BYTES && names[end] !== 0) end += 1;
  return new TextDecoder().decode(names.subarray(at, end));
}

interface Words {
  u8(at: number): number;
  u16(at: number): number;
  u32(at: number): number;
  /** A word of the machine, exact below 2⁵³. */
  word(at: number): number;
}

function wordsOf(bytes: Uint8Array, little: boolean, wide: boolean): Words {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    u8: (at) => view.getUint8(at),
    u16: (at) => view.getUint16(at, little),
    u32: (at) => view.getUint32(at, little),
    word: (at) => (wide ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little)),
  };
}
