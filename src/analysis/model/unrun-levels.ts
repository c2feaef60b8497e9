/** Levels that people write. */
export const ROUND_LEVELS = [
  1, 2, 5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 75, 100, 125, 150, 200, 250, 300, 400, 500, 600, 800, 1000,
];
/** Neighbours closer than this leave no level worth naming between them. */
const LEAST_RATIO = 1.3;

/** A level of GOGC that was not run. */
export interface UnrunLevel {
  readonly gogc: number;
  readonly extrapolated: boolean;
}

/**
 * Levels worth predicting: between each two neighbours the round one next to their geometric mean, and half of the
 * least and double the most, which are extrapolated. Ascending.
 */
export function unrunLevels(run: readonly number[]): readonly UnrunLevel[] {
  const levels = [...new Set(run)].toSorted((a, b) => a - b);
  const [least, most] = [levels[0], levels.at(-1)];
  if (least === undefined || most === undefined) return [];
  const between = levels.slice(1).flatMap((level, i) => {
    const before = levels[i] as number;
    const middle = roundNear(Math.sqrt(before * level), before, level);
    return level / before < LEAST_RATIO || middle === undefined ? [] : [{ gogc: middle, extrapolated: false }];
  });
  const below = roundNear(least / 2, 0, least);
  return [
    ...(below === undefined ? [] : [{ gogc: below, extrapolated: true }]),
    ...between,
    { gogc: roundNear(most * 2, most, Infinity) ?? most * 2, extrapolated: true },
  ];
}

/** The round level between two others, both excluded, that is nearest to a value in proportion. */
function roundNear(value: number, above: number, below: number): number | undefined {
  const distance = (level: number): number => Math.abs(Math.log(level / value));
  return ROUND_LEVELS.filter((level) => level > above && level < below).toSorted(
    (a, b) => distance(a) - distance(b),
  )[0];
}
