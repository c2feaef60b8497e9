import { studentCdf } from './student.ts';

/** How values scatter within the stretches of a series in which it does not change. */
export interface Scatter {
  /** Standard deviation around the stretches' means, pooled over them. */
  readonly sd: number;
  /** Values less stretches. */
  readonly degrees: number;
}

/** What becomes of values that follow a stretch. */
export interface NewValues {
  /** Their mean less that of the stretch. */
  readonly shift: number;
  /** Standard error of the shift. */
  readonly error: number;
  /** P of a mean as far above that of the stretch, or farther, where nothing has changed. */
  readonly above: number;
  /** As `above`, on the other side. */
  readonly below: number;
}

/** The scatter of values around the mean of their own stretch. Every value belongs to one of the stretches. */
export function scatterOf(stretches: readonly (readonly number[])[]): Scatter {
  let squares = 0;
  let degrees = 0;
  for (const stretch of stretches) {
    const mean = meanOf(stretch);
    for (const value of stretch) squares += (value - mean) ** 2;
    degrees += stretch.length - 1;
  }
  return { sd: degrees > 0 ? Math.sqrt(squares / degrees) : NaN, degrees };
}

/**
 * Whether new values are of the level of a stretch: Student's t of the difference of the means, with a scatter that was
 * measured without the new values. Of one new value it is whether it lies in the prediction interval of the stretch. Values
 * are independent and normal with one deviation; `least` is a deviation that the new values are known to have at least.
 */
export function newValuesTest(
  recent: readonly number[],
  stretch: readonly number[],
  { sd, degrees }: Scatter,
  least = 0,
): NewValues {
  if (recent.length === 0 || stretch.length === 0) throw new RangeError('no values to compare');
  if (!(degrees >= 1 && sd >= 0)) throw new RangeError('new values cannot be judged without a scatter');
  const shift = meanOf(recent) - meanOf(stretch);
  const error = Math.sqrt(Math.max(sd, least) ** 2 / recent.length + sd ** 2 / stretch.length);
  if (shift === 0 || error === 0) return { shift, error, above: shift > 0 ? 0 : 1, below: shift < 0 ? 0 : 1 };
  const below = studentCdf(shift / error, degrees);
  return { shift, error, above: studentCdf(-shift / error, degrees), below };
}

function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
