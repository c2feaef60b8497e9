import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { z } from 'zod';

// What the harness of a pod prints on standard output: numbered, checksummed pieces of its result, and what happens
// meanwhile. Whoever reads it may begin late, lose a stretch, or read some of it twice.

/** Bytes of a piece: its line stays below 16 KiB, beyond which container runtimes cut lines. */
const PIECE_BYTES = 11_250;
/** No block has a larger result. */
const MOST_BYTES = 2 ** 30;

const PIECE = /^gctune-result (\d{1,6})\/(\d{1,6}) ([0-9a-f]{8}) ([A-Za-z0-9+/=]+)$/;
const EVENT = /^gctune-event (\d{1,9}) (\{.*\})$/;

const sumShape = z.object({
  gctune: z.literal(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  pieces: z.number().int().positive(),
  bytes: z.number().int().positive().max(MOST_BYTES),
});

/** What a result is in the whole: the termination message of the harness. */
export type ResultSum = z.infer<typeof sumShape>;

/** The sum of a result. */
export function sumOf(result: Buffer): ResultSum {
  const sha256 = createHash('sha256').update(result).digest('hex');
  return { gctune: 1, sha256, pieces: Math.ceil(result.length / PIECE_BYTES), bytes: result.length };
}

/** Reads a termination message; undefined where it is none of ours. */
export function readSum(message: string | undefined): ResultSum | undefined {
  try {
    const read = sumShape.safeParse(JSON.parse(message ?? ''));
    return read.success && read.data.pieces === Math.ceil(read.data.bytes / PIECE_BYTES) ? read.data : undefined;
  } catch {
    return undefined;
  }
}

/** The lines of a result, or only those of some pieces, which count from 1. */
export function* resultLines(result: Buffer, only?: ReadonlySet<number>): Iterable<string> {
  const { pieces } = sumOf(result);
  for (let number = 1; number <= pieces; number++) {
    if (only !== undefined && !only.has(number)) continue;
    const piece = result.subarray((number - 1) * PIECE_BYTES, number * PIECE_BYTES);
    yield `gctune-result ${number}/${pieces} ${checksum(piece)} ${piece.toString('base64')}`;
  }
}

/** The line of an event, the `number`-th of its pod. */
export function eventLine(number: number, event: object): string {
  return `gctune-event ${number} ${JSON.stringify(event)}`;
}

function checksum(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}

/** Puts together what a harness printed, in whatever order and however often its lines come. */
export class ResultReader {
  readonly #pieces = new Map<number, Buffer>();
  readonly #onEvent: (event: Readonly<Record<string, unknown>>) => void;
  #events = 0;
  #count: number | undefined;

  constructor(onEvent: (event: Readonly<Record<string, unknown>>) => void = () => {}) {
    this.#onEvent = onEvent;
  }

  /** Takes a line; false where it is no whole line of ours. */
  line(text: string): boolean {
    const event = EVENT.exec(text);
    if (event !== null) return this.#event(Number(event[1]), event[2] ?? '');
    const [, number, count, sum, base64] = PIECE.exec(text) ?? [];
    if (number === undefined || Number(number) < 1 || Number(number) > Number(count)) return false;
    const piece = Buffer.from(base64 ?? '', 'base64');
    if (checksum(piece) !== sum || piece.length > PIECE_BYTES) return false;
    this.#count = Number(count);
    if (!this.#pieces.has(Number(number))) this.#pieces.set(Number(number), piece);
    return true;
  }

  /** Events come in order; one that was told already is passed over. */
  #event(number: number, json: string): boolean {
    try {
      const event = JSON.parse(json) as Readonly<Record<string, unknown>>;
      if (number <= this.#events) return true;
      this.#events = number;
      this.#onEvent(event);
      return true;
    } catch {
      return false;
    }
  }

  /** Pieces that have not come; undefined while nothing tells how many there are. */
  missing(sum: ResultSum | undefined): readonly number[] | undefined {
    const count = sum?.pieces ?? this.#count;
    if (count === undefined) return undefined;
    return Array.from({ length: count }, (_, index) => index + 1).filter((number) => !this.#pieces.has(number));
  }

  /** The result, where all of it is there and is what it was. Where it is not, all that came is forgotten. */
  whole(sum: ResultSum): Buffer | undefined {
    if (this.missing(sum)?.length !== 0) return undefined;
    const all = Buffer.concat(
      Array.from({ length: sum.pieces }, (_, index) => this.#pieces.get(index + 1) ?? Buffer.alloc(0)),
    );
    if (sumOf(all).sha256 === sum.sha256) return all;
    this.#pieces.clear();
    return undefined;
  }
}
