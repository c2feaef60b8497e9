import { numberText } from './exposition.ts';

/** The longest number or time that is written, with room to spare. */
const MOST_NUMBER = 40;
/** Nanoseconds, as most counters have them. */
const DECIMAL = 1e9;
const [ZERO, SPACE, POINT, MINUS, NEWLINE] = [48, 32, 46, 45, 10];

/**
 * Lines of samples as bytes. There are millions of them, and texts that are joined and encoded would take most of the time:
 * what begins a line is copied, whole numbers are written digit by digit.
 */
export class SampleLines {
  #bytes: Uint8Array;
  #other: Uint8Array;
  #used = 0;
  #prefix = new Uint8Array(0);

  constructor(size = 2 ** 20) {
    this.#bytes = new Uint8Array(size);
    this.#other = new Uint8Array(size);
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
    this.#number(value);
    this.#byte(SPACE);
    this.#time(unixMilliseconds);
    this.#byte(NEWLINE);
  }

  /** Writes text as it is. */
  text(text: string): void {
    this.#used += new TextEncoder().encodeInto(text, this.#bytes.subarray(this.#used)).written;
  }

  /** What was written since the last time; it stands until the next but one is taken, so that it can be written to a file meanwhile. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#used);
    [this.#bytes, this.#other] = [this.#other, this.#bytes];
    this.#used = 0;
    return taken;
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return this.#whole(value);
    // A quotient of two whole numbers below 2^53 is the number that is nearest to that decimal: so it reads back as it was.
    const scaled = Math.round(value * DECIMAL);
    if (value > 0 && Number.isSafeInteger(scaled) && scaled / DECIMAL === value) this.#decimal(scaled);
    else this.#text(numberText(value));
  }

  #decimal(scaled: number): void {
    const whole = Math.floor(scaled / DECIMAL);
    this.#whole(whole);
    this.#byte(POINT);
    let rest = scaled - whole * DECIMAL;
    for (let power = DECIMAL / 10; rest > 0; power /= 10) {
      const digit = Math.floor(rest / power);
      this.#byte(ZERO + digit);
      rest -= digit * power;
    }
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
