import { changePoints, type ChangePoint } from '../statistics/change-points.ts';
import { newValuesTest, scatterOf, type NewValues, type Scatter } from '../statistics/new-values.ts';
import { seededStream } from '../statistics/random.ts';
import { studentCdf } from '../statistics/student.ts';

/** The chance that a series without a change is said to have one. */
const CHANGE_LEVEL = 0.01;
/** The fewest nights between two changes: a single odd night is none. */
export const LEAST_STRETCH = 3;
/** The fewest nights that tell how much nights scatter. */
export const LEAST_NIGHTS = 7;
/** The chance that a series without an odd night is said to have one. */
const ODD_LEVEL = 0.01;

/** A series from night to night, divided where it changes. */
export interface Course {
  readonly changes: readonly ChangePoint[];
  /** The values between changes, oldest first. */
  readonly stretches: readonly (readonly number[])[];
  /** The stretches without nights that are of no level: a bad change that was taken back the next day is not how nights scatter. */
  readonly steady: readonly (readonly number[])[];
  /** Where those nights are among all. */
  readonly odd: readonly number[];
  /** Of the steady nights. */
  readonly scatter: Scatter;
}

/** Divides a series where it changes. `name` tells its random draws from those of others. */
export function courseOf(values: readonly number[], name: string): Course {
  const changes =
    values.length < 2 * LEAST_STRETCH
      ? []
      : changePoints(values, { level: CHANGE_LEVEL, least: LEAST_STRETCH, stream: seededStream(1, 'course', name) });
  const ends = [...changes.map(({ index }) => index), values.length];
  const stretches = ends.map((end, i) => values.slice(ends[i - 1] ?? 0, end)).filter(({ length }) => length > 0);
  return courseWith(changes, stretches);
}

/** A course without its last nights; undefined where that leaves too little of its last stretch. */
export function withoutLast(course: Course, nights: number): Course | undefined {
  if (nights === 0) return course;
  const last = course.stretches.at(-1)?.slice(0, -nights) ?? [];
  return last.length < LEAST_STRETCH ? undefined : courseWith(course.changes, [...course.stretches.slice(0, -1), last]);
}

function courseWith(changes: readonly ChangePoint[], stretches: readonly (readonly number[])[]): Course {
  const { steady, odd } = withoutOdd(stretches);
  return { changes, stretches, steady, odd, scatter: scatterOf(steady) };
}

/** Whether so many nights and changes tell of new ones. */
export function canJudge({ steady, scatter }: Course): boolean {
  const last = steady.at(-1);
  return scatter.degrees >= LEAST_NIGHTS - 1 && last !== undefined && last.length >= LEAST_STRETCH;
}

/** New nights against the steady nights of the last stretch of a course in which they are not. */
export function againstCourse(recent: readonly number[], { steady, scatter }: Course, least = 0): NewValues {
  return newValuesTest(recent, steady.at(-1) ?? [], scatter, least);
}

/**
 * How far each night of a course is off its own stretch, judged by the others: the p of its externally studentised
 * residual, two-sided. 1 where too few nights tell.
 */
export function oddNights({ stretches }: Pick<Course, 'stretches'>): readonly number[] {
  const nights = stretches.reduce((sum, { length }) => sum + length, 0);
  const degrees = nights - stretches.length - 1;
  if (degrees < LEAST_NIGHTS - 2) return new Array<number>(nights).fill(1);
  const means = stretches.map((stretch) => stretch.reduce((sum, value) => sum + value, 0) / stretch.length);
  const deviations = stretches.map((stretch, s) => stretch.map((value) => value - (means[s] ?? 0)));
  const squares = deviations.flat().reduce((sum, deviation) => sum + deviation ** 2, 0);
  return deviations.flatMap((own) => {
    // Without a night the mean of its stretch of m and the squares are those of all, less what it adds: m ÷ (m − 1) of its deviation.
    const share = own.length / (own.length - 1);
    return own.map((deviation) => {
      if (own.length === 1 || deviation === 0) return 1;
      const rest = Math.max(0, squares - share * deviation ** 2);
      const error = Math.sqrt((rest / degrees) * share);
      return error === 0 ? 0 : 2 * studentCdf((-share * Math.abs(deviation)) / error, degrees);
    });
  });
}

/** Whether nights, one or more, are of one level by the scatter of a course: a bad one that was taken back and the next one are not. */
export function areOfOneLevel(nights: readonly number[], { scatter }: Course): boolean {
  return nights.every((value, i) => {
    const rest = nights.toSpliced(i, 1);
    if (rest.length === 0) return true;
    const { above, below } = newValuesTest([value], rest, scatter);
    return 2 * Math.min(above, below) > ODD_LEVEL / nights.length;
  });
}

/** Takes the oddest night out, and again, as long as it is too far off for so many nights. */
function withoutOdd(stretches: readonly (readonly number[])[]): Pick<Course, 'steady' | 'odd'> {
  let kept = stretches.map((stretch, s) => {
    const before = stretches.slice(0, s).reduce((sum, { length }) => sum + length, 0);
    return stretch.map((value, i) => ({ value, index: before + i }));
  });
  const odd: number[] = [];
  for (;;) {
    const steady = kept.map((stretch) => stretch.map(({ value }) => value));
    const off = oddNights({ stretches: steady });
    const least = Math.min(...off);
    if (off.length === 0 || least > ODD_LEVEL / off.length) return { steady, odd: odd.toSorted((x, y) => x - y) };
    const oddest = kept.flat()[off.indexOf(least)]?.index ?? -1;
    odd.push(oddest);
    kept = kept.map((stretch) => stretch.filter(({ index }) => index !== oddest)).filter(({ length }) => length > 0);
  }
}
