/** Round numbers from 0 up to a value: as many of them above 0 as there may be. */
export function ticksOf(most: number, above = 3): readonly number[] {
  if (!(most > 0)) return [0];
  const power = 10 ** Math.floor(Math.log10(most / above));
  const step = ([1, 2, 2.5, 5, 10].find((one) => Math.floor(most / (one * power)) <= above) ?? 10) * power;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}
