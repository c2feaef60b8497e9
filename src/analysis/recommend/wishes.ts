/** What a setting must not exceed. */
export type LimitName = 'cpu' | 'p99' | 'memory' | 'rss';

/** One limit: as it was asked for, or a guard that stands in where nothing was asked. */
export interface Limit {
  readonly name: LimitName;
  /** `change`: relative to the baseline, 0.05 for +5 %; `level`: in the metric's own unit. */
  readonly kind: 'change' | 'level';
  readonly most: number;
  /** True where nobody asked for it: the rule's own guard. */
  readonly guard?: true;
}

/** What is best among the settings that meet the limits. */
export type Goal =
  /** The least memory. */
  | { readonly kind: 'memory' }
  /** The least CPU. */
  | { readonly kind: 'cpu' }
  /** The least money a month: memory in GiB and CPU in cores, each at its price. */
  | { readonly kind: 'money'; readonly perGibMonth: number; readonly perCoreMonth: number }
  /** The most memory after each percent of CPU was paid for with this many bytes. */
  | { readonly kind: 'exchange'; readonly bytesPerPercent: number };

/** What the user wants of a setting. */
export interface Wishes {
  /** As they were asked for, without guards. */
  readonly limits: readonly Limit[];
  /** Prices that weigh memory and CPU; undefined where there are none, and the limits say what is aimed at. */
  readonly price: Extract<Goal, { readonly kind: 'money' | 'exchange' }> | undefined;
}

/** Nothing is asked for: both directions are answered. */
export const NO_WISHES: Wishes = { limits: [], price: undefined };

/** The most CPU over the baseline's that a saving of memory may cost where nobody says how much. */
export const CPU_GUARD = 0.1;
/** The most memory over the baseline's that a saving of CPU may cost where nobody says how much. */
export const MEMORY_GUARD = 1;

/** What is aimed at, and within which limits. */
export interface Rule {
  readonly goal: Goal;
  readonly limits: readonly Limit[];
  /** Guards that would stand if nothing were asked for, and that what was asked for sets aside. */
  readonly waived: readonly Limit[];
}

const ON_CPU: Limit = { name: 'cpu', kind: 'change', most: CPU_GUARD, guard: true };
const ON_MEMORY: Limit = { name: 'memory', kind: 'change', most: MEMORY_GUARD, guard: true };

/**
 * The questions that wishes come to. Prices weigh memory and CPU up themselves. Limits on memory alone ask for the least
 * CPU that fits; limits on CPU or latency alone for the least memory that keeps them; both, or none, for both ends. Where
 * memory is saved and no limit on CPU is given, a guard takes its place, and the other way round.
 */
export function rulesOf({ limits, price }: Wishes): readonly Rule[] {
  if (price !== undefined) return [{ goal: price, limits, waived: limits.length === 0 ? [ON_CPU, ON_MEMORY] : [] }];
  const onMemory = limits.filter(isOnMemory);
  const onlyMemory = onMemory.length > 0 && onMemory.length === limits.length;
  const onCpu = limits.some(({ name }) => name === 'cpu');
  const lean: Rule = { goal: { kind: 'memory' }, limits: onCpu ? limits : [...limits, ON_CPU], waived: [] };
  const cheap: Rule = {
    goal: { kind: 'cpu' },
    limits: onMemory.length > 0 ? limits : [...limits, ON_MEMORY],
    waived: onlyMemory ? [ON_CPU] : [],
  };
  if (onlyMemory) return [cheap];
  return limits.length > 0 && onMemory.length === 0 ? [lean] : [lean, cheap];
}

/** Whether a limit is one on memory, not on what memory is paid with. */
export function isOnMemory({ name }: Limit): boolean {
  return name === 'memory' || name === 'rss';
}
