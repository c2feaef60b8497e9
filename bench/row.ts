/** One figure of a benchmark, beside the limit it is held to. */
export interface BenchRow {
  readonly name: string;
  /** As it is printed, with its unit. */
  readonly value: string;
  /** The limit as it is printed; empty where the figure is only shown. */
  readonly limit: string;
  readonly ok: boolean;
  readonly detail?: string;
}
