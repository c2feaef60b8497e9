import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOf, headOf, sampleName } from '../export/exposition.ts';
import { ALL_READING_FAMILIES, type ReadingFamily } from '../export/reading-families.ts';
import { SampleLines } from '../export/sample-lines.ts';
import type { BeginSeries } from '../export/trial-samples.ts';
import { writing } from '../results/disk.ts';

/** Samples of one series that are held before they are written. */
const HELD = 2 ** 12;
const SAMPLE_BYTES = 16;

/** A part of a series in the spool. */
interface Segment {
  readonly labels: string;
  readonly offset: number;
  readonly count: number;
}

/** A series that goes on, with the samples of it that are not written yet. */
interface OpenSeries {
  readonly family: ReadingFamily;
  readonly labels: string;
  readonly held: Float64Array;
  used: number;
}

/**
 * Samples on their way from the order in which they were read to that of OpenMetrics, which has each family in one piece.
 * They lie in a file of numbers that has no name any more once it is open, so that none is left behind by a kill; memory
 * holds where the parts of each series are.
 */
export class SampleSpool implements Disposable {
  readonly #file: number;
  readonly #segments = new Map<ReadingFamily, Segment[]>();
  readonly #open: OpenSeries[] = [];
  readonly #spare: Float64Array[] = [];
  #size = 0;
  #first = Infinity;
  #last = -Infinity;
  #count = 0;

  private constructor(file: number) {
    this.#file = file;
  }

  /** Opens one in the system's folder for temporary files. Throws EnvironmentError where there is no room. */
  static async open(): Promise<SampleSpool> {
    const folder = tmpdir();
    return writing(folder, () => {
      const own = mkdtempSync(join(folder, 'gctune-export-'));
      try {
        return Promise.resolve(new SampleSpool(openSync(join(own, 'samples'), 'wx+', 0o600)));
      } finally {
        rmSync(own, { recursive: true, force: true });
      }
    });
  }

  /** How many samples there are, and between which times. */
  get extent(): { readonly samples: number; readonly firstMilliseconds: number; readonly lastMilliseconds: number } {
    return { samples: this.#count, firstMilliseconds: this.#first, lastMilliseconds: this.#last };
  }

  /** Begins a series. */
  readonly begin: BeginSeries = (family, labels) => {
    const series: OpenSeries = { family, labels, held: this.#spare.pop() ?? new Float64Array(2 * HELD), used: 0 };
    this.#open.push(series);
    return (unixMilliseconds, value) => {
      series.held[series.used++] = unixMilliseconds;
      series.held[series.used++] = value;
      if (series.used === 2 * HELD) this.#write(series);
    };
  };

  /** No series that has been there so far goes on: a trial has ended. */
  endSeries(): void {
    for (const series of this.#open) {
      this.#write(series);
      this.#spare.push(series.held);
    }
    this.#open.length = 0;
  }

  /** The whole text in OpenMetrics; each piece stands until the one after the next is asked for. */
  *pieces(): Generator<Uint8Array, void, undefined> {
    const lines = new SampleLines();
    const samples = new Float64Array(2 * HELD);
    for (const family of ALL_READING_FAMILIES) {
      const segments = this.#segments.get(family) ?? [];
      if (segments.length === 0) continue;
      lines.text(headOf(family, 'openmetrics'));
      // Series that went on side by side: OpenMetrics has each in one piece.
      for (const [labels, parts] of Map.groupBy(segments, (segment) => segment.labels)) {
        lines.begin(`${sampleName(family)}${labels}`);
        for (const { offset, count } of parts) {
          this.#read(samples, offset, count);
          for (let i = 0; i < 2 * count; i += 2) {
            if (!lines.fits) yield lines.take();
            lines.line(samples[i] as number, samples[i + 1] as number);
          }
        }
      }
      yield lines.take();
    }
    lines.text(endOf('openmetrics'));
    yield lines.take();
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #write(series: OpenSeries): void {
    const { family, labels, held, used } = series;
    if (used === 0) return;
    const bytes = new Uint8Array(held.buffer, 0, used * 8);
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.#file, bytes, written, bytes.length - written, this.#size + written);
    }
    const segments = this.#segments.get(family) ?? [];
    segments.push({ labels, offset: this.#size, count: used / 2 });
    this.#segments.set(family, segments);
    this.#size += bytes.length;
    this.#count += used / 2;
    this.#first = Math.min(this.#first, held[0] as number);
    this.#last = Math.max(this.#last, held[used - 2] as number);
    series.used = 0;
  }

  #read(samples: Float64Array, offset: number, count: number): void {
    const bytes = new Uint8Array(samples.buffer, 0, count * SAMPLE_BYTES);
    for (let got = 0; got < bytes.length;) {
      const read = readSync(this.#file, bytes, got, bytes.length - got, offset + got);
      if (read === 0) throw new Error('the spool of samples is shorter than what was written to it');
      got += read;
    }
  }
}
