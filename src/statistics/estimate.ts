/** The only form in which a number leaves this folder: what it is, how sure it is, from how many. */
export interface Estimate {
  readonly value: number;
  /** Lower end of the interval; null where no interval is attainable with this n. */
  readonly low: number | null;
  readonly high: number | null;
  /** The confidence that the interval really has (≥ the asked one where it is attainable), as a fraction. */
  readonly confidence: number | null;
  /** For example `median, order statistics`, `median, BCa bootstrap`, `Hodges–Lehmann, signed rank`. */
  readonly method: string;
  /** Number of trials (or of blocks for a paired contrast). */
  readonly n: number;
  /** For example `interval not attainable with n = 4, needs 6`. */
  readonly warnings: readonly string[];
}
