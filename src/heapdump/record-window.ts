import { DumpFault } from './dump-fault.ts';
import type { Contents } from './records.ts';

/** Thrown where a record goes on behind the bytes that are loaded, and the file has more. */
export class Underrun extends Error {
  override readonly name = 'Underrun';
  /** How many more bytes are needed at least. */
  readonly wanted: number;
  constructor(wanted: number) {
    super('the record goes on');
    this.wanted = wanted;
  }
}

/** Where memory stands in the window. */
export interface Range {
  readonly start: number;
  readonly sizeBytes: number;
}

const FIELD_EOL = 0;
/** 1 is a pointer. 2 and 3, words of an interface, were written before Go 1.4 and are not. */
const FIELD_POINTER = 1;

/** Names and reasons are short; a longer text is a corrupt length. */
const MAX_TEXT_BYTES = 1 << 20;
/** Addresses are 48 bits, or 57 on the largest machines; beyond 2⁵³ a number would not be exact. */
const MAX_ADDRESS = 2 ** 53;

/**
 * The part of a dump that is in memory, and a place in it that moves forward. Every number moves on by a byte or
 * throws, so that no loop over it is endless. Throws DumpFault for what cannot be, Underrun for what is not loaded yet.
 */
export class RecordWindow {
  readonly sizeBytes: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Position in the file of the window's first byte. */
  #base: number;
  #at = 0;
  #end = 0;
  #record = 0;
  #littleEndian = true;
  #pointerBytes = 8;
  readonly #decoder = new TextDecoder();
  #offsets = new Float64Array(64);
  readonly #contents: LoadedContents;

  constructor(sizeBytes: number, start: number) {
    this.sizeBytes = sizeBytes;
    this.#base = start;
    this.#contents = new LoadedContents(this);
  }

  /** The position in the file up to which bytes are loaded. */
  get loadedTo(): number {
    return this.#base + this.#end;
  }

  /** The position in the file of the next byte. */
  get position(): number {
    return this.#base + this.#at;
  }

  /** The position in the file of the record being read. */
  get recordPosition(): number {
    return this.#base + this.#record;
  }

  beginRecord(): void {
    this.#record = this.#at;
  }

  /** Back to where the record begins. */
  rewind(): void {
    this.#at = this.#record;
  }

  setWords(bigEndian: boolean, pointerBytes: number): void {
    this.#littleEndian = !bigEndian;
    this.#pointerBytes = pointerBytes;
  }

  /** Adds the bytes that follow in the file; those before the place are dropped. */
  append(more: Uint8Array): void {
    const left = this.#end - this.#at;
    if (left === 0) this.#bytes = more;
    else {
      const joined = new Uint8Array(left + more.length);
      joined.set(this.#bytes.subarray(this.#at, this.#end));
      joined.set(more, left);
      this.#bytes = joined;
    }
    this.#base += this.#at;
    this.#at = 0;
    this.#record = 0;
    this.#end = this.#bytes.length;
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
  }

  /** An unsigned LEB128 number of up to 64 bits; beyond 2⁵³ it loses its last digits. */
  varint(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    const end = this.#end;
    let value = 0;
    // The first 28 bits are whole numbers to the processor, which matters: most of a dump are small numbers.
    for (let shift = 0; shift < 28; shift += 7) {
      if (at >= end) throw this.#cut(1);
      const byte = bytes[at] as number;
      at += 1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.#at = at;
        return value;
      }
    }
    for (let factor = 2 ** 28; ; factor *= 128) {
      if (at >= end) throw this.#cut(1);
      const byte = bytes[at] as number;
      at += 1;
      // The tenth byte has place for the last bit of 64.
      if (factor === 2 ** 63 && byte > 1) throw new DumpFault('a number has more than 64 bits', this.position);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        this.#at = at;
        return value;
      }
    }
  }

  /** Passes over numbers. */
  skip(count: number): void {
    for (let i = 0; i < count; i += 1) this.varint();
  }

  boolean(): boolean {
    const position = this.position;
    const value = this.varint();
    if (value > 1) throw new DumpFault(`${value} is not a boolean`, position);
    return value === 1;
  }

  /** An address at which something of the program stands. */
  address(): number {
    const position = this.position;
    const value = this.varint();
    if (value >= MAX_ADDRESS) throw new DumpFault(`0x${value.toString(16)} is not an address`, position);
    return value;
  }

  /** A length and as many bytes of text; what is no UTF-8 becomes U+FFFD. */
  text(): string {
    const position = this.position;
    const length = this.varint();
    if (length > MAX_TEXT_BYTES) throw new DumpFault(`a name of ${length} bytes is too long`, position);
    const start = this.#at;
    this.#pass(length, position);
    return this.#decoder.decode(this.#bytes.subarray(start, start + length));
  }

  /** A length and as many bytes, which are left where they are. */
  range(): Range {
    const position = this.position;
    const sizeBytes = this.varint();
    const start = this.#at;
    this.#pass(sizeBytes, position);
    return { start, sizeBytes };
  }

  /** Memory that stood at an address, and the pointers in it. Valid until the next record. */
  contents(address: number): Contents {
    return this.contentsOf(address, this.range());
  }

  /**
   * The same where the memory has been passed and its fields come next. Frames of assembly have fields outside of
   * themselves (the runtime computes their place from a frame pointer they lack); `strays` are passed over.
   */
  contentsOf(address: number, { start, sizeBytes }: Range, strays = false): Contents {
    const last = sizeBytes - this.#pointerBytes;
    let count = 0;
    for (;;) {
      const position = this.position;
      const kind = this.varint();
      if (kind === FIELD_EOL) break;
      if (kind !== FIELD_POINTER) throw new DumpFault(`there is no field of kind ${kind}`, position);
      const offset = this.varint();
      if (offset > last) {
        if (strays) continue;
        throw new DumpFault(`a pointer at ${offset} lies outside of ${sizeBytes} bytes`, position);
      }
      // Arguments and locals of a frame may overlap, but each word is named twice at most.
      if (count > (2 * sizeBytes) / this.#pointerBytes)
        throw new DumpFault('memory has more pointers than words', position);
      if (count === this.#offsets.length) {
        const more = new Float64Array(count * 2);
        more.set(this.#offsets);
        this.#offsets = more;
      }
      this.#offsets[count] = offset;
      count += 1;
    }
    return this.#contents.are(address, sizeBytes, start, count, this.#offsets);
  }

  /** The word at a place of the window. */
  word(at: number): number {
    if (this.#pointerBytes === 4) return this.#view.getUint32(at, this.#littleEndian);
    const first = this.#view.getUint32(at, this.#littleEndian);
    const second = this.#view.getUint32(at + 4, this.#littleEndian);
    return this.#littleEndian ? second * 2 ** 32 + first : first * 2 ** 32 + second;
  }

  #pass(length: number, position: number): void {
    if (length > this.#end - this.#at) {
      const left = this.sizeBytes - this.position;
      if (length > left)
        throw new DumpFault(`it is cut short or corrupt: ${length} bytes are announced and ${left} are left`, position);
      throw new Underrun(length - (this.#end - this.#at));
    }
    this.#at += length;
  }

  #cut(wanted: number): Error {
    if (this.loadedTo >= this.sizeBytes)
      return new DumpFault(
        `it is cut short within the record that begins at byte ${this.recordPosition}`,
        this.loadedTo,
      );
    return new Underrun(wanted);
  }
}

/** One object that stands for the memory of every record in turn, so that millions of records make no garbage. */
class LoadedContents implements Contents {
  address = 0;
  sizeBytes = 0;
  pointerCount = 0;
  #start = 0;
  #offsets = new Float64Array(0);
  readonly #window: RecordWindow;
  constructor(window: RecordWindow) {
    this.#window = window;
  }

  are(
    address: number,
    sizeBytes: number,
    start: number,
    pointerCount: number,
    offsets: Float64Array<ArrayBuffer>,
  ): this {
    this.address = address;
    this.sizeBytes = sizeBytes;
    this.#start = start;
    this.pointerCount = pointerCount;
    this.#offsets = offsets;
    return this;
  }

  pointerAt(index: number): number {
    return this.#window.word(this.#start + (this.#offsets[index] ?? 0));
  }

  offsetAt(index: number): number {
    return this.#offsets[index] ?? 0;
  }

  wordAt(offset: number): number {
    return this.#window.word(this.#start + offset);
  }
}
