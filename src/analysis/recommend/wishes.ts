/** What a setting must not exceed. */
export type LimitName = 'cpu' | 'p99' | 'memory' | 'rss';

/** One limit, as it was asked for. */
export interface Limit {
  readonly name: LimitName;
  /** `change`: relative to the baseline, 0.05 for +5 %; `level`: in the metric's own unit. */
  readonly kind: 'change' | 'level';
  readonly most: number;
}

/** What is best among the settings that meet the limits. */
export type Goal =
  /** The least memory. */
  | { readonly kind: 'memory' }
  /** The least money a month: memory in GiB and CPU in cores, each at its price. */
  | { readonly kind: 'money'; readonly perGibMonth: number; readonly perCoreMonth: number }
  /** The most memory after each percent of CPU was paid for with this many bytes. */
  | { readonly kind: 'exchange'; readonly bytesPerPercent: number };

/** What the user wants of a setting. */
export interface Wishes {
  readonly limits: readonly Limit[];
  readonly goal: Goal;
  /** True where nothing was asked for and the default rule stands in. */
  readonly byDefault: boolean;
}

/**
 * The rule where nothing is asked for: the least memory among the settings whose CPU is shown to be at most 5 % over the
 * baseline's.
 */
export const DEFAULT_WISHES: Wishes = {
  limits: [{ name: 'cpu', kind: 'change', most: 0.05 }],
  goal: { kind: 'memory' },
  byDefault: true,
};
