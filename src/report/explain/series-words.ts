import type { PartCourse, SeriesExplanation, SeriesQuantity } from '../../analysis/explain/series.ts';
import { formatCount, formatFraction, formatWait } from '../../units/format-units.ts';
import type { UnitScale } from '../../units/format-units.ts';
import { mebibyteScale } from '../../units/mebibytes.ts';

/** A trend has an interval from so many looks on (src/statistics/course-trend.ts). */
const LEAST_LOOKS = 8;

/** What the quantities of a series are called. */
export const QUANTITY_NAMES: Readonly<Record<SeriesQuantity, string>> = {
  live: 'live heap',
  objects: 'objects',
  unusedInSpans: 'unused in spans',
  retainedIdle: 'retained idle',
  stacks: 'stacks',
  metadata: 'runtime metadata',
  outside: 'outside Go',
  lazyFree: 'still resident',
  go: '= Go’s own',
  rss: '= RSS',
  returned: 'returned',
};

/** A unit of time that trends are told in. */
export interface TrendUnit {
  readonly name: string;
  /** Of the unit that the series counts in. */
  readonly size: number;
}

/** Long enough that a trend is no long number, short enough that it does not foresee what nobody watched. */
export function trendUnit({ clock, points }: SeriesExplanation): TrendUnit {
  if (clock === 'order') return { name: 'dump', size: 1 };
  const span = points.at(-1)?.at ?? 0;
  if (span < 1800) return { name: 'min', size: 60 };
  return span < 2 * 86_400 ? { name: 'h', size: 3600 } : { name: 'day', size: 86_400 };
}

/** The scale of a series: MiB throughout. */
export function seriesScale({ courses }: SeriesExplanation): UnitScale {
  return mebibyteScale(Math.max(0, ...courses.map(({ mostBytes }) => mostBytes)));
}

/** `+12.1 (11.5 to 12.8)`; the slope alone where there is no interval. */
export function trendText({ trend }: PartCourse, unit: TrendUnit, scale: UnitScale): string {
  if (trend === undefined) return '';
  const { value, low, high } = trend;
  const rate = (bytes: number): string => plus(scale.number(bytes * unit.size));
  return low === null || high === null ? rate(value) : `${rate(value)} (${rate(low)} to ${rate(high)})`;
}

/** One scale for all trends of a series. */
export function trendScale({ courses }: SeriesExplanation, unit: TrendUnit): UnitScale {
  return mebibyteScale(
    Math.max(
      0,
      ...courses
        .flatMap(({ trend }) => (trend === undefined ? [] : [trend.value, trend.low ?? 0, trend.high ?? 0]))
        .map((one) => Math.abs(one * unit.size)),
    ),
  );
}

/** `+12.1 MiB per min (11.5 to 12.8)`. */
function rateText(course: PartCourse, unit: TrendUnit, scale: UnitScale): string {
  const [value = '', ...interval] = trendText(course, unit, scale).split(' ');
  return [value, 'MiB per', unit.name, ...interval].join(' ');
}

/** A number with its sign, a true minus. */
export function plus(number: string): string {
  if (/^-?[0.]+$/.test(number)) return number;
  return number.startsWith('-') ? number.replace('-', '−') : `+${number}`;
}

const MARKS = '▁▂▃▄▅▆▇█';
const MOST_MARKS = 12;

/** Values as a line of bars between their least and their greatest, the mean of each stretch; flat where they hardly differ. */
export function sparkline(values: readonly number[], worthBytes: number): string {
  const marks = Math.min(MOST_MARKS, values.length);
  const means = Array.from({ length: marks }, (_, i) => {
    const part = values.slice(Math.floor((i * values.length) / marks), Math.floor(((i + 1) * values.length) / marks));
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const least = Math.min(...means);
  const span = Math.max(...means) - least;
  // What is a thousandth of the memory is no hill.
  if (!(span > worthBytes)) return MARKS.charAt(0).repeat(marks);
  return means.map((mean) => MARKS.charAt(Math.min(7, Math.floor((8 * (mean - least)) / span)))).join('');
}

/** When a look was, counted from the first one. */
export function atText(at: number, clock: SeriesExplanation['clock']): string {
  return clock === 'order' ? formatCount(at + 1) : at < 60 ? `${Number(at.toFixed(1))} s` : formatWait(at);
}

/** What the looks are, in one line. */
export function looksText({ points, clock, cycles }: SeriesExplanation): string {
  const span = points.at(-1)?.at ?? 0;
  const time =
    clock === 'order'
      ? ', whose times are unknown: they count as equally far apart'
      : ` over ${formatWait(span)}${clock === 'last-gc' ? ', by the times of their last collections' : ''}`;
  const gc = cycles === undefined ? '' : `; ${formatCount(cycles)} GC ${cycles === 1 ? 'cycle' : 'cycles'} in between`;
  return `${formatCount(points.length)} readings${time}${gc}.`;
}

/** The answer, in a sentence or two. */
export function answerText(series: SeriesExplanation): string {
  const { answer, about, points, courses } = series;
  const unit = trendUnit(series);
  const scale = seriesScale(series);
  const course = courses.find(({ key }) => key === about);
  const rate = course === undefined ? '' : rateText(course, unit, trendScale(series, unit));
  switch (answer) {
    case 'leak': {
      const what =
        about === 'objects'
          ? 'Objects on the heap increase'
          : 'The live heap grows: objects that the collector can still reach increase';
      return `${what} by ${rate}. This is a leak, or a cache that is still filling. To see who allocates them: gctune profile on two heap profiles, some minutes apart.`;
    }
    case 'fragmentation':
      return `Room in spans grows by ${rate}, while objects do not grow as fast: fragmentation. Few objects of each span stay alive and keep it whole. Look for long-lived objects that are allocated among many short-lived ones.`;
    case 'idle':
      if (about === 'lazyFree')
        return `Nothing grows. ${scale.format(course?.lastBytes ?? 0)} was returned to the system and is still resident (LazyFree): it counts in RSS until memory is short. It is not a leak.`;
      return course?.status === 'grows'
        ? `Idle heap that Go keeps for the next allocations grows by ${rate}. It is not a leak: the heap was larger for a while, and the runtime returns what is idle only slowly.`
        : `Memory is kept idle: ${scale.format(course?.lastBytes ?? 0)} is retained for the next allocations, and nothing grows. It is left from a larger heap; GOMEMLIMIT or debug.FreeOSMemory make Go return it sooner.`;
    case 'goroutines':
      return `Stacks grow by ${rate}: more goroutines, or deeper ones. Goroutines that never end are a leak; /debug/pprof/goroutine?debug=1 shows where they wait.`;
    case 'metadata':
      return `The runtime’s own metadata grows by ${rate}, without the heap. Profiling buckets (BuckHashSys) and many small spans do that.`;
    case 'outside':
      return `Memory outside Go grows by ${rate}: cgo, mapped files, or mappings that the program makes itself. No Go setting changes it.`;
    case 'levelled':
      return `${name(about)} rose by ${scale.format((course?.lastBytes ?? 0) - (course?.firstBytes ?? 0))}, but hardly in the second half: a warm-up, or a step. Watch again to see whether it is over.`;
    case 'creeping':
      return `${name(about)} grow${about === 'live' ? 's' : ''} slowly, by ${rate}: with certainty, but by less than 1 % of Go’s own memory in this time. Watch longer to see whether it goes on.`;
    case 'sawtooth': {
      const objects = courses.find(({ key }) => key === 'objects');
      return `Nothing grows. What moves is the sawtooth of the collector: objects swing between ${scale.format(objects?.leastBytes ?? 0)} and ${scale.format(objects?.mostBytes ?? 0)} from one collection to the next.${mostLive(series)}`;
    }
    case 'steady':
      return `Nothing grows, and nothing swings by much.${mostLive(series)}`;
    case 'cannot-tell':
      return cannotTell(points.length, course, series);
  }
}

/** How slow a leak would have to be to stay unseen. */
function mostLive(series: SeriesExplanation): string {
  const course = series.courses.find(({ key, trend }) => (key === 'live' || key === 'objects') && trend !== undefined);
  const high = course?.trend?.high;
  if (high === null || high === undefined) return '';
  const unit = trendUnit(series);
  const most = Math.max(high, series.leastSlope) * unit.size;
  return ` A leak of less than ${mebibyteScale(most).format(most)} per ${unit.name} would not show in this time.`;
}

function cannotTell(looks: number, course: PartCourse | undefined, series: SeriesExplanation): string {
  const head = 'Whether anything grows cannot be told';
  if (looks < 3) return `${head} from two readings: below is the difference, part by part.`;
  const trend = course?.trend;
  if (looks < LEAST_LOOKS || trend === undefined || trend.low === null)
    return `${head} from ${formatCount(looks)} readings: a trend with an interval takes ${LEAST_LOOKS}. Watch longer, or more often.`;
  if (course?.key === 'objects' && series.cycles !== undefined && series.cycles < LEAST_LOOKS)
    return `${head} yet: there ${series.cycles === 1 ? 'was 1 collection' : `were ${formatCount(series.cycles)} collections`} in this time, and between two collections objects always grow. Watch longer.`;
  const unit = trendUnit(series);
  return `${head}: ${name(course?.key).toLowerCase()} is too restless for so short a time (${rateText(course as PartCourse, unit, trendScale(series, unit))}). Watch longer.`;
}

function name(part: SeriesQuantity | undefined): string {
  const text = part === undefined ? 'it' : QUANTITY_NAMES[part];
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Where the live heap is from, and what the intervals promise. */
export function seriesNotes(series: SeriesExplanation): readonly string[] {
  const { live, liveGogc, gcShare, confidence } = series;
  return [
    live === 'runtime'
      ? 'live heap: what the last collection could reach, as the runtime reports it; one value for each collection.'
      : live === 'goal'
        ? `live heap: computed from the heap goal (NextGC), ${liveGogc === undefined ? 'assuming GOGC=100: with another GOGC it differs by a constant factor' : `by GOGC=${liveGogc}`}; one value for each collection.`
        : 'The live heap is unknown, so the trend of objects stands in for it; objects rise and fall with every collection.',
    `Trends are least-squares lines. All their intervals together have ${formatFraction(confidence)} confidence, and allow for neighbouring readings being alike. A part grows where its whole interval is above zero and the growth is at least 1 % of Go’s own memory.`,
    ...(gcShare === undefined
      ? []
      : [
          `The collector used ${formatFraction(gcShare)} of the CPU time that GOMAXPROCS allows between the first and the last reading.`,
        ]),
  ];
}
