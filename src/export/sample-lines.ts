import { numberText } from './exposition.ts';

/** The longest number or time that is written, with room to spare. */
const MOST_NUMBER = 40;
const [ZERO, SPACE, POINT, MINUS, NEWLINE] = [48, 32, 46, 45, 10];

/**
 * Lines of samples as bytes. There are millions of them, and texts that are joined and encoded would take most of the time:
 * what begins a line is copied, whole numbers are written digit by digit.
 */
export class SampleLines {
  readonly #bytes: Uint8Array;
  #used = 0;
  #prefix = new Uint8Array(0);

  constructor(size = 2 ** 18) {
    this.#bytes = new Uint8Array(size);
  }

  /** What the lines from now on begin with: name and labels. */
  begin(text: string): void {
    this.#prefix = new TextEncoder().encode(text);
  }

  /** Whether another line fits; where not, what is there has to be taken. */
  get fits(): boolean {
    return this.#used + this.#prefix.length + 2 * MOST_NUMBER <= this.#bytes.length;
  }

  /** Writes one line, with its time in seconds. */
  line(unixMilliseconds: number, value: number): void {
    this.#bytes.set(this.#prefix, this.#used);
    this.#used += this.#prefix.length;
    this.#byte(SPACE);
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.#whole(value);
    else this.#text(numberText(value));
    this.#byte(SPACE);
    this.#time(unixMilliseconds);
    this.#byte(NEWLINE);
  }

  /** Writes text as it is. */
  text(text: string): void {
    this.#used += new TextEncoder().encodeInto(text, this.#bytes.subarray(this.#used)).written;
  }

  /** What was written since the last time; it stands only until the next line. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#used);
    this.#used = 0;
    return taken;
  }

  #time(milliseconds: number): void {
    const seconds = Math.floor(milliseconds / 1000);
    const rest = milliseconds - seconds * 1000;
    this.#whole(seconds);
    this.#byte(POINT);
    this.#byte(ZERO + Math.floor(rest / 100));
    this.#byte(ZERO + (Math.floor(rest / 10) % 10));
    this.#byte(ZERO + (rest % 10));
  }

  #whole(value: number): void {
    let rest = value;
    if (rest < 0) {
      this.#byte(MINUS);
      rest = -rest;
    }
    let digits = 1;
    for (let power = 10; power <= rest; power *= 10) digits++;
    this.#used += digits;
    for (let at = this.#used - 1; digits > 0; digits--, at--) {
      const next = Math.floor(rest / 10);
      this.#bytes[at] = ZERO + (rest - next * 10);
      rest = next;
    }
  }

  #text(text: string): void {
    for (let i = 0; i < text.length; i++) this.#byte(text.charCodeAt(i));
  }

  #byte(value: number): void {
    this.#bytes[this.#used++] = value;
  }
}
