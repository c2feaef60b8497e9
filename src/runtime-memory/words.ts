/**
 * Bytes of a process's memory, read as its little-endian words. 64-bit values come as numbers: exact below 2^53, which no
 * byte count or duration of a Go process reaches. The caller stays within them.
 */
export class Words {
  readonly bytes: Uint8Array;
  readonly #unsigned: Uint32Array;
  readonly #signed: Int32Array;
  readonly #floats: Float64Array;

  /** Zeros, as many bytes as were asked for and up to the next whole word. */
  constructor(sizeBytes: number) {
    const buffer = new ArrayBuffer(Math.ceil(sizeBytes / 8) * 8);
    this.bytes = new Uint8Array(buffer);
    this.#unsigned = new Uint32Array(buffer);
    this.#signed = new Int32Array(buffer);
    this.#floats = new Float64Array(buffer);
  }

  u8(at: number): number {
    return this.bytes[at] as number;
  }

  u32(at: number): number {
    return this.#unsigned[at >>> 2] as number;
  }

  i32(at: number): number {
    return this.#signed[at >>> 2] as number;
  }

  u64(at: number): number {
    return this.u32(at) + this.u32(at + 4) * 2 ** 32;
  }

  i64(at: number): number {
    return this.u32(at) + this.i32(at + 4) * 2 ** 32;
  }

  /** The sum of so many 64-bit values, one behind the other. */
  sum(at: number, count: number): number {
    let sum = 0;
    for (let word = at >>> 2, end = word + 2 * count; word < end; word += 2) {
      sum += (this.#unsigned[word] as number) + (this.#signed[word + 1] as number) * 2 ** 32;
    }
    return sum;
  }

  f64(at: number): number {
    return this.#floats[at >>> 3] as number;
  }

  /** Whether 64 bits are the same here and there, to the last of them. */
  same(at: number, other: Words, otherAt: number): boolean {
    return this.u32(at) === other.u32(otherAt) && this.u32(at + 4) === other.u32(otherAt + 4);
  }
}
