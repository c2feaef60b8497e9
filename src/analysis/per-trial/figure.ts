/** One number of one trial and where it comes from. */
export interface Figure {
  readonly value: number;
  /** For the reader, and to see that the trials of a cell were all measured alike: `proc`, `GCCPUFraction at two GC edges`. */
  readonly source: string;
}

/** The figure, or undefined where there is no value or not a finite one: a gap is never written as a number. */
export function figure(value: number | undefined, source: string): Figure | undefined {
  return value === undefined || !Number.isFinite(value) ? undefined : { value, source };
}

/** A figure divided by a positive, finite number; undefined where either is missing. */
export function divided(of: Figure | undefined, by: number | undefined): Figure | undefined {
  return of === undefined || by === undefined || !(by > 0 && by < Infinity)
    ? undefined
    : figure(of.value / by, of.source);
}
