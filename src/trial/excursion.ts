import { ThinnedSeries } from './thinned-series.ts';

/** How far a stretch of readings must lie from all the others: noise of a goal is less, a GOGC that is worth changing more. */
const GAP = 1.3;
/** Readings that a stretch must have, and the rest of them too. */
const LEAST_READINGS = 3;
/** More readings than this are thinned out. */
const MOST_READINGS = 240;

/** A stretch of readings that lies apart from all the others. */
export interface Excursion {
  /** Of its first reading; seconds from the window's start. */
  readonly atSeconds: number;
  /** The middle of its values, and of the others. */
  readonly value: number;
  readonly otherwise: number;
}

/**
 * Finds whether a quantity kept two levels in a window: a stretch of successive readings, at its end or in its midst, all of
 * which lie three tenths above or below all the others. A saw-tooth, chance and slow growth do not look so. In constant memory.
 */
export class ExcursionWatch {
  readonly #series = new ThinnedSeries(MOST_READINGS);

  /** Takes a reading, in the order of time. */
  add(at: number, value: number): void {
    this.#series.add(at, value);
  }

  /** The shortest such stretch; undefined where there is none. */
  excursion(): Excursion | undefined {
    const { readings } = this.#series;
    const values = readings.map(({ value }) => value);
    const n = values.length;
    const before = running(values);
    const after = running(values.toReversed()).toReversed();
    let found: { readonly from: number; readonly to: number } | undefined;
    // A stretch at the beginning lies apart where the rest does, which is one at the end.
    for (let from = 1; from < n; from++) {
      const range = { low: Infinity, high: -Infinity };
      for (let to = from; to < n; to++) {
        widen(range, values[to] as number);
        const length = to - from + 1;
        if (length < LEAST_READINGS || n - length < LEAST_READINGS) continue;
        const rest = { low: Infinity, high: -Infinity };
        for (const side of [before[from - 1], after[to + 1]]) {
          if (side !== undefined) {
            widen(rest, side.low);
            widen(rest, side.high);
          }
        }
        const apart = range.low > GAP * rest.high || range.high * GAP < rest.low;
        if (apart && (found === undefined || length <= found.to - found.from)) found = { from, to };
      }
    }
    if (found === undefined) return undefined;
    const { from, to } = found;
    const inside = values.slice(from, to + 1);
    const outside = [...values.slice(0, from), ...values.slice(to + 1)];
    return { atSeconds: (readings[from] as { at: number }).at, value: middle(inside), otherwise: middle(outside) };
  }
}

interface Range {
  low: number;
  high: number;
}

/** The range of the values up to each. */
function running(values: readonly number[]): readonly Range[] {
  const range: Range = { low: Infinity, high: -Infinity };
  return values.map((value) => {
    widen(range, value);
    return { ...range };
  });
}

function widen(range: Range, value: number): void {
  range.low = Math.min(range.low, value);
  range.high = Math.max(range.high, value);
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
