import { GctraceAccount } from '../../analysis/gctrace/gctrace-account.ts';
import type { GctraceDocument } from '../../analysis/gctrace/gctrace-document.ts';
import { findGctrace } from '../../go/gctrace-line.ts';
import { lineOrigin } from '../../probe/line-origin.ts';
import { lineSplitter } from '../../runner/output-lines.ts';

/** Of a longer line (characters) the rest is passed over: many cycles are in one only where JSON has made one of many lines. */
const LONGEST_LINE = 2 ** 20;

/** Reads a log of gctrace as its bytes come; in bounded memory. */
export class LogReader {
  readonly #source: string;
  readonly #account = new GctraceAccount();
  readonly #splitter = lineSplitter(LONGEST_LINE, (text) => this.#line(text));
  #bytes = 0;
  /** PowerShell's `>` writes UTF-16. */
  #decoder: InstanceType<typeof TextDecoder> | undefined;
  #lines = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Lines that were read so far. */
  get lines(): number {
    return this.#lines;
  }

  /** Whether the log has its newest line first; its processes cannot be told apart then. */
  get newestFirst(): boolean {
    return this.#account.newestFirst;
  }

  /** Takes the next bytes. */
  push(chunk: Uint8Array): void {
    if (this.#bytes === 0 && chunk[0] === 0xff && chunk[1] === 0xfe) this.#decoder = new TextDecoder('utf-16le');
    this.#bytes += chunk.length;
    this.#splitter.push(
      this.#decoder === undefined ? chunk : Buffer.from(this.#decoder.decode(chunk, { stream: true })),
    );
  }

  /** What the log says; a last line without an end is read too. */
  finish(warnings: readonly string[]): GctraceDocument {
    this.#splitter.end();
    return this.#account.finish({ source: this.#source, lines: this.#lines, bytes: this.#bytes, warnings }, dateOf);
  }

  #line(text: string): void {
    this.#lines += 1;
    for (const found of findGctrace(text)) {
      this.#account.take(found, lineOrigin(found.kind === 'cycle' ? found.rest : ''), text);
    }
  }
}

function dateOf(unixSeconds: number): string | undefined {
  const date = new Date(Math.round(unixSeconds) * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace('.000Z', 'Z');
}
