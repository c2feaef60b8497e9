import { ProfileFault } from './profile-fault.ts';

/** One field of a protobuf message: a number (wire type 0), or a range of bytes (wire type 2). */
export interface Field {
  readonly number: number;
  /** Where the field begins, for messages about it. */
  readonly position: number;
  /** The value of a varint as a signed number of 64 bits, exact within 53; 0 for ranges. */
  readonly value: number;
  /** The bytes from `start` to before `end`; an empty range for varints. */
  readonly start: number;
  readonly end: number;
  readonly isRange: boolean;
}

/**
 * The fields of the message between two offsets, in the order of the bytes. Fixed-width fields are passed over: no
 * message of profile.proto has them. Throws ProfileFault where the bytes are no message or run past its end.
 * Source: protobuf.dev/programming-guides/encoding.
 */
export function* fieldsOf(bytes: Uint8Array, start: number, end: number): Generator<Field, void, undefined> {
  const cursor = new Cursor(bytes, start, end);
  while (cursor.at < end) {
    const position = cursor.at;
    const key = cursor.varint();
    const number = Math.floor(key / 8);
    if (number < 1 || number > MAX_FIELD) throw new ProfileFault(`field number ${number} does not exist`, position);
    switch (key % 8) {
      case 0:
        yield { number, position, value: cursor.varint(), start: 0, end: 0, isRange: false };
        break;
      case 1:
        cursor.skip(8, position);
        break;
      case 2: {
        const length = cursor.varint();
        const from = cursor.at;
        cursor.skip(length, position);
        yield { number, position, value: 0, start: from, end: from + length, isRange: true };
        break;
      }
      case 5:
        cursor.skip(4, position);
        break;
      default:
        throw new ProfileFault(`wire type ${key % 8} is not in use`, position);
    }
  }
}

/** The numbers of a repeated field, which may be packed (a range of varints) or one to a field. */
export function* numbersOf(bytes: Uint8Array, field: Field): Generator<number, void, undefined> {
  if (!field.isRange) {
    yield field.value;
    return;
  }
  const cursor = new Cursor(bytes, field.start, field.end);
  while (cursor.at < field.end) yield cursor.varint();
}

const MAX_FIELD = 2 ** 29 - 1;

/** Reads forward within a range; each read moves on by at least a byte or throws, so that no loop is endless. */
class Cursor {
  at: number;
  readonly #bytes: Uint8Array;
  readonly #end: number;
  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.at = start;
    this.#end = end;
  }

  /** A varint of up to ten bytes as a signed number of 64 bits; beyond 53 bits it loses its last digits. */
  varint(): number {
    const position = this.at;
    let low = 0;
    let high = 0;
    for (let i = 0; i < 10; i += 1) {
      const byte = this.#bytes[this.at];
      if (byte === undefined || this.at >= this.#end) throw new ProfileFault('a number is cut short', position);
      this.at += 1;
      const bits = byte & 0x7f;
      // Groups of seven bits: four and a half of them make 32 bits.
      if (i < 4) low += bits * 2 ** (7 * i);
      else if (i === 4) {
        low += (bits & 0x0f) * 2 ** 28;
        high += bits >> 4;
      } else high += bits * 2 ** (7 * i - 32);
      if (byte < 0x80) return signed(low, high);
    }
    throw new ProfileFault('a number is longer than ten bytes', position);
  }

  skip(length: number, position: number): void {
    if (length < 0 || length > this.#end - this.at)
      throw new ProfileFault(`a field of ${length} bytes reaches past the end of its message`, position);
    this.at += length;
  }
}

/** Two halves of 32 bits as one signed number. The tenth byte may hold more than bit 63, which is cut off. */
function signed(low: number, upper: number): number {
  const high = upper % 2 ** 32;
  return (high >= 2 ** 31 ? high - 2 ** 32 : high) * 2 ** 32 + low;
}
