import type { Profile } from './profile.ts';

/** A stack with one number, of a chosen sample type. */
export interface WeighedStack {
  /** As in `Sample.frames`, over the names of the set. */
  readonly frames: Uint32Array;
  readonly value: number;
}

/** Stacks from one or several profiles, by one sample type: what tables and trees are made of. */
export interface StackSet {
  /** Names of functions. Untrusted text. */
  readonly names: readonly string[];
  readonly stacks: readonly WeighedStack[];
  /** What percentages are of: the sum of the values without their signs; for a difference that of its base. */
  readonly total: number;
}

/** The stacks of a profile by one of its sample types, given by its index. */
export function stacksOf({ names, samples }: Profile, typeIndex: number): StackSet {
  const stacks = samples.map(({ frames, values }) => ({ frames, value: values[typeIndex] ?? 0 }));
  return { names, stacks, total: absoluteSum(stacks) };
}

/** The mean of several sets: their values are summed and divided by their number. No set gives none. */
export function meanStacks(sets: readonly StackSet[]): StackSet {
  const [only] = sets;
  if (only !== undefined && sets.length === 1) return only;
  return joined(sets.map((set) => ({ set, factor: 1 / sets.length })));
}

/**
 * What a set has more than a base, as `go tool pprof -diff_base` sees it: the base's stacks come with their signs
 * turned, and percentages are of the base's total (of the whole where the base is empty).
 */
export function differenceOf(set: StackSet, base: StackSet): StackSet {
  const both = joined([
    { set, factor: 1 },
    { set: base, factor: -1 },
  ]);
  return base.total > 0 ? { ...both, total: base.total } : both;
}

function joined(parts: readonly { readonly set: StackSet; readonly factor: number }[]): StackSet {
  const names: string[] = [];
  const indexes = new Map<string, number>();
  const stacks: WeighedStack[] = [];
  for (const { set, factor } of parts) {
    const own = set.names.map((name) => {
      const known = indexes.get(name);
      if (known !== undefined) return known;
      indexes.set(name, names.length);
      return names.push(name) - 1;
    });
    for (const { frames, value } of set.stacks) {
      // The lowest bit says whether the frame was inlined.
      stacks.push({ frames: frames.map((frame) => (own[frame >> 1] ?? 0) * 2 + (frame & 1)), value: value * factor });
    }
  }
  return { names, stacks, total: absoluteSum(stacks) };
}

function absoluteSum(stacks: readonly WeighedStack[]): number {
  return stacks.reduce((sum, { value }) => sum + Math.abs(value), 0);
}
