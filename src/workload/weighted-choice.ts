import type { RandomStream } from '../statistics/random.ts';

/** Draws one of the items in proportion to its weight; where there is only one, nothing is drawn. Throws RangeError on none. */
export function weightedChoice<T>(items: readonly T[], weightOf: (item: T) => number): (random: RandomStream) => T {
  const [first] = items;
  if (first === undefined) throw new RangeError('there is nothing to choose from');
  if (items.length === 1) return () => first;
  let sum = 0;
  const bounds = items.map((item) => (sum += weightOf(item)));
  return (random) => {
    const draw = random.next() * sum;
    // Rounding may leave the last bound under the draw.
    return items.at(bounds.findIndex((bound) => draw < bound)) ?? first;
  };
}
