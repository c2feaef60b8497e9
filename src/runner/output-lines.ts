import { StringDecoder } from 'node:string_decoder';
import type { OutputLine } from '../results/format.ts';

/** Longest line that is kept, in UTF-16 units; the rest of it is cut away. */
const LINE_LENGTH = 64 * 1024;
/** Most lines and characters kept while nobody reads; the oldest are dropped first, and the drop is told in a line. */
const BACKLOG_LINES = 50_000;
const BACKLOG_LENGTH = 32 * 1024 * 1024;

/** What a line buffer is bound by. */
export interface LineLimits {
  readonly lineLength?: number;
  readonly lines?: number;
  readonly length?: number;
}

/** The limits that keep one line of a length, whatever else came before it; undefined: those of a target. */
export function longLines(lineLength: number | undefined): LineLimits {
  return lineLength === undefined ? {} : { lineLength, length: lineLength };
}

/** Where a runner puts what a daemon writes, and the lines that come out. */
export interface LineBuffer {
  /** Takes bytes as they come; a line and a character may span calls. Never blocks. */
  push(stream: OutputLine['stream'], chunk: Uint8Array): void;
  /** No more will come; a last line without its end is delivered. */
  end(): void;
  /** The lines, for one consumer. */
  readonly lines: AsyncIterable<OutputLine>;
}

/**
 * Splits a daemon's output into lines and holds them until they are read. The target must never wait for its reader
 * (that would bend what is measured), so the buffer always takes more and forgets the oldest lines when it is full.
 */
export function lineBuffer(limits: LineLimits = {}): LineBuffer {
  const longest = limits.lineLength ?? LINE_LENGTH;
  const mostLines = limits.lines ?? BACKLOG_LINES;
  const mostLength = limits.length ?? BACKLOG_LENGTH;
  let queue: OutputLine[] = [];
  let first = 0;
  let length = 0;
  let dropped = 0;
  let ended = false;
  let wake: (() => void) | undefined;

  const put = (line: OutputLine): void => {
    queue.push(line);
    length += line.text.length;
    while (queue.length - first > mostLines || (length > mostLength && queue.length - first > 1)) {
      length -= queue[first]?.text.length ?? 0;
      first += 1;
      dropped += 1;
    }
    if (first > mostLines) {
      queue = queue.slice(first);
      first = 0;
    }
    wake?.();
  };
  const splitters = {
    stdout: lineSplitter(longest, (text) => put({ stream: 'stdout', text })),
    stderr: lineSplitter(longest, (text) => put({ stream: 'stderr', text })),
  };

  async function* read(): AsyncGenerator<OutputLine> {
    for (;;) {
      if (dropped > 0) {
        const text = `gctune: ${dropped} lines were dropped here because they came faster than they were read`;
        dropped = 0;
        yield { stream: 'stderr', text };
      } else if (first < queue.length) {
        const line = queue[first] as OutputLine;
        first += 1;
        length -= line.text.length;
        if (first === queue.length) {
          queue = [];
          first = 0;
        }
        yield line;
      } else if (ended) {
        return;
      } else {
        await new Promise<void>((resolve) => (wake = resolve));
        wake = undefined;
      }
    }
  }

  return {
    push: (stream, chunk) => splitters[stream].push(chunk),
    end: () => {
      if (ended) return;
      splitters.stdout.end();
      splitters.stderr.end();
      ended = true;
      wake?.();
    },
    lines: read(),
  };
}

/** Splits bytes into lines as they come; of a line that is longer than so many characters the rest is left out. */
export function lineSplitter(
  longest: number,
  emit: (text: string) => void,
): { push(chunk: Uint8Array): void; end(): void } {
  const decoder = new StringDecoder('utf8');
  let partial = '';
  let begun = false;
  const add = (text: string): void => {
    if (text !== '') begun = true;
    if (partial.length < longest) partial += text.slice(0, longest - partial.length);
  };
  const finish = (): void => {
    emit(partial.endsWith('\r') ? partial.slice(0, -1) : partial);
    partial = '';
    begun = false;
  };
  const take = (text: string): void => {
    const pieces = text.split('\n');
    for (const piece of pieces.slice(0, -1)) {
      add(piece);
      finish();
    }
    add(pieces.at(-1) ?? '');
  };
  return {
    push: (chunk) => take(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
    end: () => {
      take(decoder.end());
      if (begun) finish();
    },
  };
}
