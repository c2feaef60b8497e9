/** A list of numbers in a typed array that grows: eight bytes each, and nothing for the collector to follow. */
export class GrowingFloats {
  length = 0;
  #values: Float64Array<ArrayBuffer> = new Float64Array(1024);

  push(value: number): void {
    if (this.length === this.#values.length) this.#values = grown(this.#values);
    this.#values[this.length] = value;
    this.length += 1;
  }

  /** The number at a place below `length`. */
  at(index: number): number {
    return this.#values[index] as number;
  }

  /** All that was pushed, without a copy; the list must not be used afterwards. */
  take(): Float64Array<ArrayBuffer> {
    const values = this.#values.subarray(0, this.length);
    this.#values = new Float64Array(0);
    this.length = 0;
    return values;
  }
}

/** A list of whole numbers below 2³² in a typed array that grows. */
export class GrowingIntegers {
  length = 0;
  #values: Uint32Array<ArrayBuffer> = new Uint32Array(1024);

  push(value: number): void {
    if (this.length === this.#values.length) this.#values = grown(this.#values);
    this.#values[this.length] = value;
    this.length += 1;
  }

  /** The number at a place below `length`. */
  at(index: number): number {
    return this.#values[index] as number;
  }

  /** Sets a bit, counted from the lowest, of the last number. */
  setLast(bit: number): void {
    const last = this.length - 1;
    this.#values[last] = ((this.#values[last] as number) | (1 << bit)) >>> 0;
  }

  /** What was pushed so far. */
  copy(): Uint32Array<ArrayBuffer> {
    return this.#values.slice(0, this.length);
  }

  /** All that was pushed, without a copy; the list must not be used afterwards. */
  take(): Uint32Array<ArrayBuffer> {
    const values = this.#values.subarray(0, this.length);
    this.#values = new Uint32Array(0);
    this.length = 0;
    return values;
  }
}

/** Half as much again: doubling would need three times the memory of the numbers while they are copied. */
function grown<T extends Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(values: T): T {
  const length = Math.ceil(values.length * 1.5) + 1024;
  const buffer = values.buffer.transfer(length * values.BYTES_PER_ELEMENT);
  return (values instanceof Float64Array ? new Float64Array(buffer) : new Uint32Array(buffer)) as T;
}
