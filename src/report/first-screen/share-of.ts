/** Where a value lies between the ends of an axis, 0 to 1. */
export function shareOf(value: number, [least, most]: readonly [number, number]): number {
  return Math.min(1, Math.max(0, (value - least) / (most - least)));
}
