import { UNLIMITED_BYTES, liveFromGoal } from '../../go/pacer.ts';
import type { Gogc } from '../../go/settings.ts';
import { courseTrend, LEAST_READINGS } from '../../statistics/course-trend.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import type { ExplainedFacts } from './explanation.ts';
import type { ExplanationDocument } from './explanation-document.ts';
import { reconcile } from './reconcile.ts';

/** One look at a process among several, in the order in which they were taken. */
export interface SeriesLook {
  /** What it is called: a file, a line of a text, a time. Untrusted. */
  readonly name: string;
  /** Seconds on any one clock; undefined where nothing says when it was. */
  readonly atSeconds: number | undefined;
  readonly figures: ExplainedFacts;
}

/** What is followed from look to look, as it is stacked. */
export const SERIES_PARTS = [
  'live',
  'objects',
  'unusedInSpans',
  'retainedIdle',
  'stacks',
  'metadata',
  'outside',
  'lazyFree',
] as const;
/** A part of the memory that is followed. */
export type SeriesPart = (typeof SERIES_PARTS)[number];
/** The same with the sums. */
export type SeriesQuantity = SeriesPart | 'go' | 'rss' | 'returned';

/** One look as the table shows it. */
export interface SeriesPoint {
  readonly name: string;
  /** Seconds since the first look, or its number from 0 where `SeriesExplanation.clock` is `order`. */
  readonly at: number;
  readonly bytes: Readonly<Partial<Record<SeriesQuantity, number | undefined>>>;
  readonly numGc?: number | undefined;
}

/**
 * What a part does over the looks. `grows`, `falls`: with certainty, and by enough to matter. `levelled`: it rose, and
 * hardly any more in the second half. `creeps`: it grows with certainty, by little in this time. `steady`: within a tenth of
 * the memory, surely. `unclear`: the looks do not tell.
 */
export type CourseStatus = 'grows' | 'creeps' | 'falls' | 'levelled' | 'steady' | 'unclear';

/** The course of one quantity. */
export interface PartCourse {
  readonly key: SeriesQuantity;
  readonly firstBytes: number;
  readonly lastBytes: number;
  readonly leastBytes: number;
  readonly mostBytes: number;
  /** Bytes for each second (or each look) with an interval; undefined of sums, and where there is one value alone. */
  readonly trend?: Estimate | undefined;
  readonly status?: CourseStatus | undefined;
}

/** Where the live heap of a series is from. */
export type LiveEvidence = 'runtime' | 'goal' | 'objects';

/** What is going on. `cannot-tell`: too few looks, or too restless for the time that they span. */
export type SeriesAnswer =
  | 'leak'
  | 'fragmentation'
  | 'idle'
  | 'goroutines'
  | 'metadata'
  | 'outside'
  | 'levelled'
  | 'creeping'
  | 'sawtooth'
  | 'steady'
  | 'cannot-tell';

/** Several looks at one process, and what they say together. */
export interface SeriesExplanation {
  readonly clock: 'watch' | 'last-gc' | 'order';
  readonly points: readonly SeriesPoint[];
  readonly courses: readonly PartCourse[];
  readonly live: LiveEvidence | undefined;
  /** GOGC with which the goal was turned into the live heap, where that was done; undefined where GOGC had to be taken for 100. */
  readonly liveGogc?: number | undefined;
  readonly answer: SeriesAnswer;
  /** The part that the answer is about. */
  readonly about?: SeriesPart | undefined;
  /** Collections between the first and the last look. */
  readonly cycles?: number | undefined;
  /** The collector's share of the CPUs in that time, of GOMAXPROCS × time. */
  readonly gcShare?: number | undefined;
  /** Growth of fewer bytes for each second (or each look) is never named, however sure it is. */
  readonly leastSlope: number;
  /** Confidence of all intervals together. */
  readonly confidence: number;
  readonly warnings: readonly string[];
}

/** Several looks at one process and the last of them explained: the JSON of `gctune explain` on more than one. */
export interface SeriesDocument {
  readonly formatVersion: number;
  readonly source: { readonly kind: 'series'; readonly name: string };
  readonly series: SeriesExplanation;
  readonly last: ExplanationDocument;
}

const CONFIDENCE = 0.95;
/** Steady takes an interval of its own: two one-sided tests at 5 % (Schuirmann 1987), and each part may fail alone. */
const STEADY_CONFIDENCE = 0.9;
/** A trend over the watch of less than this share of the memory is not worth a name, however sure it is. */
const WORTH_NAMING = 0.01;
const LEAST_BYTES = 256 * 1024;
/** What grows by less than this over the watch is not named at all. */
const LEAST_CREEP_BYTES = 64 * 1024;
/** What creeps is worth a name where a day of it would come to this share of the memory. */
const WORTH_A_DAY = 0.1;
const DAY_SECONDS = 86_400;
/** Steady: within this share of the memory over the watch. */
const STEADY_WITHIN = 0.1;
/** What rises in the second half with less than this share of its whole slope has levelled off. */
const STILL_RISING = 0.25;
/** Idle or swinging memory is named from this share of Go’s own on. */
const WORTH_AN_ANSWER = 0.2;
/** The parts whose growth is tested; objects only stand in for a live heap that is unknown. */
const TESTED = ['live', 'unusedInSpans', 'retainedIdle', 'stacks', 'metadata', 'outside'] as const;
const ANSWER_OF = {
  live: 'leak',
  objects: 'leak',
  unusedInSpans: 'fragmentation',
  retainedIdle: 'idle',
  stacks: 'goroutines',
  metadata: 'metadata',
  outside: 'outside',
  lazyFree: 'idle',
} as const satisfies Record<SeriesPart, SeriesAnswer>;
/** Counters that never fall in the life of a process. */
const CUMULATIVE = [
  ['NumGC', 'numGc'],
  ['TotalAlloc', 'totalAllocBytes'],
  ['Mallocs', 'mallocs'],
] as const;

/**
 * Follows the parts of a process's memory over several looks, each reconciled by itself, and says which of them grows. Looks
 * before a restart (counters that fell) are left out. `watched`: the looks' times are those of a clock.
 */
export function explainSeries(all: readonly SeriesLook[], watched: boolean, gogc?: Gogc): SeriesExplanation {
  const { looks, warnings } = ofOneProcess(all);
  const { clock, times } = clockOf(looks, watched);
  const live = liveHeap(looks, times, gogc);
  const points = looks.map((look, i) => pointOf(look, times[i] as number, live?.atLook[i]));
  const base = baseBytes(points);
  // What few collections found is no trend; what they left lying around bounds it from above.
  const standIn = live === undefined || live.points.length < LEAST_READINGS;
  const tested = TESTED.map((part) => (part === 'live' && standIn ? 'objects' : part)).filter((key) =>
    points.some(({ bytes }) => bytes[key] !== undefined),
  );
  const confidence = 1 - (1 - CONFIDENCE) / Math.max(1, tested.length);
  const courses = ([...SERIES_PARTS, 'go', 'rss', 'returned'] as const).flatMap((key): readonly PartCourse[] => {
    const line = key === 'live' && live !== undefined ? live.points : lineOf(points, key);
    const values = line.map(({ bytes }) => bytes);
    const [first, last] = [values[0], values.at(-1)];
    if (first === undefined || last === undefined) return [];
    const course = {
      key,
      firstBytes: first,
      lastBytes: last,
      leastBytes: Math.min(...values),
      mostBytes: Math.max(...values),
    };
    const followed = key === 'go' || (tested as readonly string[]).includes(key);
    return [followed && line.length > 1 ? { ...course, ...trendOf(line, confidence, base) } : course];
  });
  const { numGc: firstGc } = points[0] ?? {};
  const lastGc = points.at(-1)?.numGc;
  return {
    clock,
    points,
    courses,
    live: live?.evidence,
    liveGogc: live?.gogc,
    ...answerOf(courses, tested, base, points),
    cycles: firstGc === undefined || lastGc === undefined ? undefined : lastGc - firstGc,
    gcShare: gcShareOf(looks),
    leastSlope: leastSlope(points, base),
    confidence: CONFIDENCE,
    warnings,
  };
}

function ofOneProcess(all: readonly SeriesLook[]): {
  readonly looks: readonly SeriesLook[];
  readonly warnings: readonly string[];
} {
  let from = 0;
  let why = '';
  for (let i = 1; i < all.length; i++) {
    const [before, now] = [all[i - 1]?.figures.counters, all[i]?.figures.counters];
    const fallen = CUMULATIVE.find(([, key]) => (now?.[key] ?? Infinity) < (before?.[key] ?? 0));
    if (fallen === undefined) continue;
    from = i;
    why = fallen[0];
  }
  return {
    looks: all.slice(from),
    warnings:
      from === 0
        ? []
        : [
            `${why} falls at ${all[from]?.name ?? ''}: a restart, another process, or dumps that are not in order of time. The ${from} ${from === 1 ? 'dump' : 'dumps'} before it ${from === 1 ? 'is' : 'are'} left out`,
          ],
  };
}

/** Seconds since the first look where all tell when they were; else by the ends of their last collections where those differ; else their numbers. */
function clockOf(
  looks: readonly SeriesLook[],
  watched: boolean,
): { readonly clock: SeriesExplanation['clock']; readonly times: readonly number[] } {
  const candidates = [
    ['watch', looks.map(({ atSeconds }) => (watched ? atSeconds : undefined))],
    // 0 stands for no collection yet.
    ['last-gc', looks.map(({ figures }) => figures.counters.lastGcUnixSeconds || undefined)],
  ] as const;
  for (const [clock, found] of candidates) {
    const times = found.filter((time) => time !== undefined);
    const ascending = times.every((time, i) => i === 0 || time > (times[i - 1] as number));
    if (times.length === looks.length && looks.length > 0 && ascending)
      return { clock, times: times.map((time) => time - (times[0] as number)) };
  }
  return { clock: 'order', times: looks.map((_, i) => i) };
}

interface LinePoint {
  readonly at: number;
  readonly bytes: number;
}

interface LiveLine {
  readonly evidence: 'runtime' | 'goal';
  readonly gogc?: number | undefined;
  /** One for each collection. */
  readonly points: readonly LinePoint[];
  /** The live heap at each look. */
  readonly atLook: readonly (number | undefined)[];
}

/**
 * The live heap at each look, as the last collection found it: as the runtime says it, or as the heap goal implies it, where
 * GOGC alone can have set that. Looks within one cycle repeat it and count once.
 */
function liveHeap(
  looks: readonly SeriesLook[],
  times: readonly number[],
  gogc: Gogc | undefined,
): LiveLine | undefined {
  const told = looks.map(({ figures }) => figures.counters.liveHeapBytes);
  const known = looks.map(({ figures }) => figures.counters.gogcPercent).find((percent) => percent !== undefined);
  const percent = known ?? (gogc === 'off' ? -1 : gogc);
  const implied = looks.map(({ figures: { counters: v } }) =>
    v.nextGcBytes === undefined || v.numGc === 0 || (v.gomemlimitBytes ?? Infinity) < UNLIMITED_BYTES
      ? undefined
      : liveFromGoal(
          v.nextGcBytes,
          percent === undefined ? 100 : percent < 0 ? 'off' : percent,
          (v.scanStackBytes ?? 0) + (v.scanGlobalsBytes ?? 0),
        ),
  );
  const limited =
    looks.some(({ figures }) => figures.counters.gomemlimitBytes === undefined) && goalStandsApart(looks, implied);
  for (const [evidence, atLook] of [
    ['runtime', told],
    ['goal', limited ? [undefined] : implied],
  ] as const) {
    if (atLook.some((bytes) => bytes === undefined)) continue;
    const points = atLook.flatMap((bytes, i): readonly LinePoint[] => {
      const cycle = looks[i]?.figures.counters.numGc;
      const next = looks[i + 1]?.figures.counters.numGc;
      // The last look of a cycle: sweeping is done by then, and the goal stands.
      const repeated = i + 1 < looks.length && (cycle === undefined ? bytes === atLook[i + 1] : cycle === next);
      return repeated ? [] : [{ at: times[i] as number, bytes: bytes as number }];
    });
    return { evidence, gogc: evidence === 'goal' ? percent : undefined, points, atLook };
  }
  return undefined;
}

/** Parts of the looks of which the lowest objects are compared. */
const QUARTERS = 4;
/** Objects may be read a moment before a sweep has ended, and implied live heaps are a little off. */
const BELOW_LIVE = 0.95;

/**
 * Whether what the heap goal implies of the live heap does not go with the objects: these are never fewer than what is live,
 * and their lowest points move with it. Where they do not, a limit on memory sets the goal, or another GOGC.
 */
function goalStandsApart(looks: readonly SeriesLook[], implied: readonly (number | undefined)[]): boolean {
  const pairs = looks.flatMap(({ figures }, i) => {
    const objects = figures.counters.heapAllocBytes;
    const live = implied[i];
    return objects === undefined || live === undefined ? [] : [{ objects, live }];
  });
  if (pairs.some(({ objects, live }) => objects < BELOW_LIVE * live)) return true;
  const size = Math.floor(pairs.length / QUARTERS);
  if (size < 2) return false;
  const quarters = Array.from({ length: QUARTERS }, (_, i) => pairs.slice(i * size, (i + 1) * size));
  const lowest = quarters.map((quarter) => Math.min(...quarter.map(({ objects }) => objects)));
  const rise = (lowest.at(-1) ?? 0) - (lowest[0] ?? 0);
  const implies = Math.abs((pairs.at(-1)?.live ?? 0) - (pairs[0]?.live ?? 0));
  const rising = lowest.every((least, i) => i === 0 || least > (lowest[i - 1] ?? 0));
  return rising && rise > Math.max(LEAST_BYTES, WORTH_NAMING * (pairs[0]?.objects ?? 0)) && implies < rise / 2;
}

function pointOf({ name, figures }: SeriesLook, at: number, live: number | undefined): SeriesPoint {
  const of = reconcile(figures);
  const part = (key: string): number | undefined => of.parts.find((one) => one.key === key)?.bytes;
  return {
    name,
    at,
    bytes: {
      live,
      objects: part('objects'),
      unusedInSpans: part('unusedInSpans'),
      retainedIdle: part('retainedIdle'),
      stacks: part('stacks'),
      metadata: part('metadata'),
      // What was returned lazily is the runtime's doing, not the program's.
      outside: of.outside && of.outside.bytes - (of.outside.lazyFreeBytes ?? 0),
      lazyFree: of.outside?.lazyFreeBytes || undefined,
      go: of.goBytes,
      rss: of.rssBytes,
      returned: of.releasedBytes,
    },
    numGc: figures.counters.numGc,
  };
}

function lineOf(points: readonly SeriesPoint[], key: SeriesQuantity): readonly LinePoint[] {
  return points.flatMap(({ at, bytes }) => {
    const value = bytes[key];
    return value === undefined ? [] : [{ at, bytes: value }];
  });
}

/** What growth is measured against: the mean of Go’s own memory, or of what is known. */
function baseBytes(points: readonly SeriesPoint[]): number {
  const sums = points.flatMap(({ bytes }) => bytes.go ?? bytes.rss ?? bytes.objects ?? []);
  return sums.length === 0 ? 0 : sums.reduce((sum, one) => sum + one, 0) / sums.length;
}

function trendOf(
  line: readonly LinePoint[],
  confidence: number,
  base: number,
): { readonly trend: Estimate; readonly status: CourseStatus } {
  const times = line.map(({ at }) => at);
  const values = line.map(({ bytes }) => bytes);
  const trend = courseTrend(times, values, confidence);
  const span = (times.at(-1) as number) - (times[0] as number);
  const close = courseTrend(times, values, STEADY_CONFIDENCE);
  const half = secondHalf(line);
  const status = statusOf(trend, close, span, base, half?.value);
  return {
    trend,
    status: status === 'unclear' && half !== undefined && hasRisen(line, half, base) ? 'levelled' : status,
  };
}

/** The second half's own trend, with the interval that steadiness takes; undefined where it is hardly one. */
function secondHalf(line: readonly LinePoint[]): Estimate | undefined {
  const half = line.slice(Math.floor(line.length / 2));
  return half.length < 3
    ? undefined
    : courseTrend(
        half.map(({ at }) => at),
        half.map(({ bytes }) => bytes),
        STEADY_CONFIDENCE,
      );
}

/** Whether the second half is steady by itself, and well above where the first began: a curve, of which no line tells. */
function hasRisen(line: readonly LinePoint[], { low, high }: Estimate, base: number): boolean {
  const half = line.slice(Math.floor(line.length / 2));
  const span = (half.at(-1)?.at ?? 0) - (half[0]?.at ?? 0);
  const rise = half.reduce((sum, { bytes }) => sum + bytes, 0) / half.length - (line[0]?.bytes ?? 0);
  const within = STEADY_WITHIN * base;
  return low !== null && high !== null && Math.max(-low, high) * span <= within && rise > within / 2;
}

function statusOf(
  { value, low, high }: Estimate,
  close: Estimate,
  span: number,
  base: number,
  later: number | undefined,
): CourseStatus {
  if (low === null || high === null || close.low === null || close.high === null) return 'unclear';
  const worth = Math.max(LEAST_BYTES, WORTH_NAMING * base);
  const matters = Math.abs(value) * span >= worth;
  if (matters && low > 0) return later !== undefined && later < STILL_RISING * value ? 'levelled' : 'grows';
  if (matters && high < 0) return 'falls';
  if (low > 0 && value * span >= LEAST_CREEP_BYTES && value * DAY_SECONDS >= WORTH_A_DAY * base) return 'creeps';
  return Math.max(-close.low, close.high) * span <= Math.max(LEAST_BYTES, STEADY_WITHIN * base) ? 'steady' : 'unclear';
}

function leastSlope(points: readonly SeriesPoint[], base: number): number {
  return Math.max(LEAST_CREEP_BYTES / (points.at(-1)?.at || 1), (WORTH_A_DAY * base) / DAY_SECONDS);
}

function answerOf(
  courses: readonly PartCourse[],
  tested: readonly SeriesPart[],
  base: number,
  points: readonly SeriesPoint[],
): { readonly answer: SeriesAnswer; readonly about?: SeriesPart | undefined } {
  const of = (key: SeriesQuantity): PartCourse | undefined => courses.find((course) => course.key === key);
  const byRise = tested
    .flatMap((key) => {
      const course = of(key);
      return course?.trend === undefined ? [] : [{ key, status: course.status, slope: course.trend.value }];
    })
    .toSorted((a, b) => b.slope - a.slope);
  // Between two collections objects always grow.
  const growing = byRise.find(({ key, status }) => status === 'grows' && (key !== 'objects' || manyCycles(points)));
  if (growing !== undefined) return { answer: ANSWER_OF[growing.key], about: growing.key };
  const levelled = byRise.find(({ key, status }) => status === 'levelled' && (key !== 'objects' || manyCycles(points)));
  if (levelled !== undefined) return { answer: 'levelled', about: levelled.key };
  // Metadata and idle heap creep in every process that has just begun.
  const creeping = byRise.find(
    ({ key, status }) =>
      status === 'creeps' &&
      key !== 'metadata' &&
      key !== 'retainedIdle' &&
      key !== 'outside' &&
      (key !== 'objects' || manyCycles(points)),
  );
  const heap = tested.find((key) => key === 'live' || key === 'objects');
  const status = heap === undefined ? undefined : of(heap)?.status;
  if (points.length < LEAST_READINGS || status === undefined || status === 'unclear' || status === 'grows')
    return { answer: 'cannot-tell', about: heap };
  if (creeping !== undefined) return { answer: 'creeping', about: creeping.key };
  if (status === 'creeps') return { answer: 'cannot-tell', about: heap };
  const idle = of('retainedIdle')?.lastBytes ?? 0;
  const objects = of('objects');
  const swing = objects === undefined ? 0 : objects.mostBytes - objects.leastBytes;
  const lazy = of('lazyFree')?.lastBytes ?? 0;
  if (lazy >= WORTH_AN_ANSWER * base && lazy > idle) return { answer: 'idle', about: 'lazyFree' };
  if (idle >= WORTH_AN_ANSWER * base && idle > swing) return { answer: 'idle', about: 'retainedIdle' };
  // Idle heap swings with the objects, against each other: what is neither alive nor lost in spans is the collector's.
  const unclear = byRise.find(({ key, status }) => status === 'unclear' && key !== 'retainedIdle');
  if (unclear !== undefined) return { answer: 'cannot-tell', about: unclear.key };
  if (swing >= WORTH_AN_ANSWER * base) return { answer: 'sawtooth', about: 'objects' };
  return { answer: 'steady' };
}

function manyCycles(points: readonly SeriesPoint[]): boolean {
  const [first, last] = [points[0]?.numGc, points.at(-1)?.numGc];
  return first === undefined || last === undefined || last - first >= LEAST_READINGS;
}

/** By the CPU classes, which are as of the end of a cycle: undefined where none ended in between. */
function gcShareOf(looks: readonly SeriesLook[]): number | undefined {
  const [first, last] = [looks[0]?.figures.counters, looks.at(-1)?.figures.counters];
  const [gc, total] = (['gcCpuSeconds', 'classesTotalCpuSeconds'] as const).map(
    (key) => (last?.[key] ?? NaN) - (first?.[key] ?? NaN),
  );
  return gc === undefined || total === undefined || !(total > 0) || !(gc >= 0) ? undefined : gc / total;
}
