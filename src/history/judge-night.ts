import { METRICS, type MetricId } from '../metrics/metrics.ts';
import {
  againstCourse,
  areOfOneLevel,
  canJudge,
  courseOf,
  LEAST_NIGHTS,
  LEAST_STRETCH,
  withoutLast,
  type Course,
} from './course.ts';
import { isOfMachine, type GateFloors } from './gate-floors.ts';
import { placeOfNight, type Night } from './night.ts';
import { seriesAt, seriesOf, type Series, type SeriesPoint } from './series.ts';
import { unusableNights, type CanaryMove } from './unusable.ts';
import { studentQuantile } from '../statistics/student.ts';

/** Nights that are looked back on; what was longer ago tells of other code. */
export const MOST_NIGHTS = 100;
/** The chance that a night without any change makes a gate suspicious, and run the suspicious cells again. */
const SUSPICION_LEVEL = 0.05;
/** The chance that what was suspected for no reason is confirmed. */
const CONFIRMATION_LEVEL = 0.05;
/** Of the intervals of what is found. */
const CONFIDENCE = 0.95;
/** So many nights in a row are also judged together: a small shift that lasts shows in their mean first. */
const WINDOWS = [1, 2, 3] as const;

/** A metric of a cell that a night is worse in than those before it. */
export interface HistoryShift {
  readonly cell: string;
  readonly metric: MetricId;
  /** The mean of so many nights up to this one shows it best. */
  readonly nights: number;
  /** Worse by this share of the level before; of the mean of those nights. */
  readonly change: number;
  /** Ends of its interval of 95 %. */
  readonly low: number;
  readonly high: number;
  /** Nights of the level that it is held to. */
  readonly n: number;
  /** The least worsening that this one night would have been suspected for. */
  readonly threshold: number;
  /** One-sided, of one series and one number of nights. */
  readonly p: number;
  /** Whether only a machine that changed may be behind it: a metric of time, and no canary that tells. */
  readonly ofMachine: boolean;
  /** Of the nights before: what a confirmation is held to. */
  readonly course: Course;
  /** Whether it is of ratios to the canary. */
  readonly relative: boolean;
  /** Pairs or trials that a night of it usually has. */
  readonly usualN: number;
}

/** What a history says of one night. */
export interface HistoryJudgement {
  /** Nights of the same experiment and kind of machine before this one, and those of them that could be used. */
  readonly nights: number;
  readonly usable: number;
  /** Usable nights that it takes, and those of them since the last change of a series. */
  readonly needed: number;
  readonly neededSinceChange: number;
  /** What moved in this night's canary: the night is unusable. */
  readonly moved: CanaryMove | undefined;
  /** Series that were judged. */
  readonly judged: number;
  /** Of each judged metric the least worsening that would have been suspected in any of its cells. */
  readonly thresholds: Readonly<Partial<Record<MetricId, number>>>;
  /** Series with too few nights, or too few since their last change. */
  readonly waiting: number;
  /** Series that could not be judged because tonight's canary has no figure. */
  readonly withoutCanary: number;
  readonly worse: readonly HistoryShift[];
  readonly better: readonly HistoryShift[];
}

/** The nights that one can be held against, oldest first: of the same experiment on the same kind of machine, before it. */
export function nightsBefore(night: Night, history: readonly Night[]): readonly Night[] {
  return history
    .filter(
      (one) =>
        one.run !== night.run &&
        one.experiment === night.experiment &&
        one.startedAt < night.startedAt &&
        placeOfNight(one) === placeOfNight(night),
    )
    .slice(-MOST_NIGHTS);
}

/**
 * Holds a night to those before it, in every metric that has a floor and every cell that is a candidate. A night whose
 * canary moved is not judged, and those before it whose canary moved are passed over.
 */
export function judgeNight(
  night: Night,
  history: readonly Night[],
  floors: GateFloors,
  isCandidate: (cell: string) => boolean = () => true,
): HistoryJudgement {
  const before = nightsBefore(night, history);
  const unusable = unusableNights([...before, night], floors);
  // One whose figures could not be read is none.
  const usable = before.filter(({ run, cells }) => !unusable.has(run) && cells.length > 0);
  const counts = {
    nights: before.length,
    usable: usable.length,
    needed: LEAST_NIGHTS,
    neededSinceChange: LEAST_STRETCH,
    moved: unusable.get(night.run),
  };
  const candidates = seriesOf([...usable, night], new Set(floors.keys())).filter(
    (one) => !one.canary && isCandidate(one.cell),
  );
  const all = candidates.filter(({ points }) => points.at(-1)?.night === night);
  const withoutCanary = candidates.filter(
    ({ cell, metric, points, relative }) =>
      relative && points.at(-1)?.night !== night && hasFigure(night, cell, metric),
  ).length;
  if (counts.moved !== undefined)
    return { ...counts, judged: 0, thresholds: {}, waiting: all.length, withoutCanary, worse: [], better: [] };
  const courses = all.map((series) => ({ series, course: courseBefore(series) }));
  const ready = courses.filter(({ course }) => canJudge(course));
  const level = SUSPICION_LEVEL / (ready.length * WINDOWS.length);
  const shifts = ready.flatMap(({ series, course }) => shiftOf(series, course, floors, level) ?? []);
  return {
    ...counts,
    judged: ready.length,
    thresholds: thresholdsOf(ready, floors, level),
    waiting: courses.length - ready.length,
    withoutCanary,
    worse: shifts.filter(({ change }) => change > 0).toSorted((a, b) => a.p - b.p),
    better: shifts.filter(({ change }) => change < 0).toSorted((a, b) => a.p - b.p),
  };
}

/**
 * What a second, independent run of the suspicious cells says of what a history suspects: what it shows again, and what it says
 * nothing of, since it has no figure, or none of the canary to compare with.
 */
export function confirmedShifts(
  suspected: readonly HistoryShift[],
  confirmation: Night,
  floors: GateFloors,
): { readonly confirmed: readonly HistoryShift[]; readonly untold: readonly HistoryShift[] } {
  const all = seriesOf([confirmation], new Set(floors.keys()));
  const answers = suspected.map((shift) => {
    const series = seriesAt(all, shift.cell, shift.metric);
    const point = series?.points[0];
    if (point === undefined || series?.relative !== shift.relative) return undefined;
    const { scatter } = shift.course;
    const sign = METRICS[shift.metric].better === 'higher' ? -1 : 1;
    const {
      shift: found,
      above,
      below,
    } = againstCourse([point.log], shift.course, scatter.sd * scarcity(shift.usualN, [nOf(point)]));
    const p = sign > 0 ? above : below;
    return p <= CONFIRMATION_LEVEL / suspected.length && worseBy(found * sign) >= (floors.get(shift.metric) ?? 0);
  });
  return {
    confirmed: suspected.filter((_, i) => answers[i] === true),
    untold: suspected.filter((_, i) => answers[i] === undefined),
  };
}

function hasFigure({ cells }: Night, cell: string, metric: MetricId): boolean {
  return cells.some((one) => one.cell === cell && (one.metrics[metric]?.value ?? 0) > 0);
}

function courseBefore({ cell, metric, points }: Series): Course {
  return courseOf(
    points.slice(0, -1).map(({ log }) => log),
    `${cell} ${metric}`,
  );
}

/** What the night, alone or with the one or two before it, is worse or better in; undefined where it is neither. */
function shiftOf(series: Series, whole: Course, floors: GateFloors, level: number): HistoryShift | undefined {
  const { cell, metric, points, relative } = series;
  const sign = METRICS[metric].better === 'higher' ? -1 : 1;
  const floor = floors.get(metric) ?? 0;
  const values = points.map(({ log }) => log);
  let found: HistoryShift | undefined;
  for (const nights of WINDOWS) {
    const course = withoutLast(whole, nights - 1);
    if (course === undefined || !canJudge(course)) break;
    const recent = values.slice(-nights);
    // The mean of nights that are of two levels is neither.
    if (!areOfOneLevel(recent, course)) break;
    const counts = points.map(nOf);
    const usualN = usualOf(counts.slice(0, -nights));
    const fewer = scarcity(usualN, counts.slice(-nights));
    const { shift, error, above, below } = againstCourse(recent, course, course.scatter.sd * fewer);
    const change = worseBy(shift * sign);
    const p = Math.min(above, below);
    if (p > level || Math.abs(change) < floor || (found !== undefined && found.p <= p)) continue;
    const reach = studentQuantile((1 + CONFIDENCE) / 2, course.scatter.degrees) * error;
    const [low, high] = [worseBy(shift * sign - reach), worseBy(shift * sign + reach)];
    const n = course.steady.at(-1)?.length ?? 0;
    const threshold = thresholdOf(course, floor, level);
    found = {
      cell,
      metric,
      nights,
      change,
      low,
      high,
      n,
      threshold,
      p,
      ofMachine: !relative && isOfMachine(metric),
      course,
      relative,
      usualN,
    };
  }
  return found;
}

/** How much more nights scatter that lost trials: by the root of how many fewer they have than is usual. */
function scarcity(usual: number, counts: readonly number[]): number {
  const own = counts.reduce((sum, n) => sum + n, 0) / counts.length;
  return Math.sqrt(Math.max(1, usual / Math.max(1, own)));
}

function usualOf(counts: readonly number[]): number {
  return counts.toSorted((a, b) => a - b)[Math.floor(counts.length / 2)] ?? 1;
}

/** Trials, or pairs with the canary's, that a figure is of. */
function nOf({ figure }: SeriesPoint): number {
  return (figure.toCanary ?? figure).n;
}

function thresholdsOf(
  ready: readonly { readonly series: Series; readonly course: Course }[],
  floors: GateFloors,
  level: number,
): HistoryJudgement['thresholds'] {
  const found: { -readonly [Id in MetricId]?: number } = {};
  for (const { series, course } of ready) {
    const least = thresholdOf(course, floors.get(series.metric) ?? 0, level);
    found[series.metric] = Math.max(found[series.metric] ?? 0, least);
  }
  return found;
}

/** The least worsening of one night that would be suspected. */
function thresholdOf(course: Course, floor: number, level: number): number {
  const { error } = againstCourse(course.steady.at(-1)?.slice(-1) ?? [], course);
  return Math.max(floor, worseBy(studentQuantile(1 - level, course.scatter.degrees) * error));
}

/** A shift of logarithms as a share, with the same size on both sides. */
function worseBy(shift: number): number {
  return Math.expm1(shift);
}
