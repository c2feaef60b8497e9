import {
  completedBooks,
  contradictionsOf,
  GO_PARTS,
  goParts,
  METADATA,
  minus,
  plus,
  type GoPartName,
  type Rounding,
} from '../../go/memstats.ts';
import type { Reading } from '../../results/format.ts';

/** What is known of a process at one moment: MemStats, and what the kernel says of it. */
export interface MemoryFigures {
  /** MemStats in base units. */
  readonly counters: Reading['v'];
  readonly rssBytes?: number | undefined;
  /** RssFile of /proc/PID/status: resident pages of files. */
  readonly rssFileBytes?: number | undefined;
  /** LazyFree of smaps: returned with MADV_FREE and not taken by the kernel yet, so that it still counts in RSS. */
  readonly lazyFreeBytes?: number | undefined;
  /** What is resident and swapped out of the mappings that Go names `heap` (Go 1.25 and later, where the kernel shows names). */
  readonly goHeap?:
    { readonly rssBytes: number; readonly lazyFreeBytes: number; readonly swapBytes: number } | undefined;
  /** What the last collection could reach, where anything tells it. */
  readonly live?: { readonly bytes: number; readonly source: LiveSource } | undefined;
  /** Sys − HeapReleased, where the process tells only that (OpenTelemetry). */
  readonly goBytes?: number | undefined;
  /** Between what counters and RSS may lie that were rounded before they came here. */
  readonly rounding?: Rounding | undefined;
  readonly rssRange?: Range | undefined;
  /** The figures where units that may mean either are of 1000 and not of 1024, and those units: `MB`. */
  readonly thousands?:
    | { readonly units: readonly string[]; readonly counters: Reading['v']; readonly rssBytes?: number | undefined }
    | undefined;
}

/** Bytes between which a figure lies. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Between what the sums lie, where figures were rounded before they came here. */
export interface Ranges {
  readonly parts: Readonly<Partial<Record<GoPartKey, Range>>>;
  readonly go?: Range | undefined;
  readonly rss?: Range | undefined;
  readonly outside?: Range | undefined;
  readonly released?: Range | undefined;
  /** Units that may mean powers of 1024, as they are read, or of 1000; the ranges are of both. */
  readonly units: readonly string[];
  /** Units that mean powers of 1000: only so do the figures add up. */
  readonly thousands: readonly string[];
}

/** Who tells the live heap: the runtime (`/gc/heap/live:bytes`), or a heap profile's total of inuse_space. */
export type LiveSource = 'runtime' | 'pprof';

/** A part of what Go holds of the system. `unsplit` is what is left where a field that would split it is missing. */
export type GoPartKey = GoPartName | 'unsplit';

/** A part with its exact bytes. */
export interface GoPart {
  readonly key: GoPartKey;
  readonly bytes: number;
}

/** A field that is missing and what cannot be said without it. */
export interface Gap {
  readonly field: string;
  readonly lost: string;
}

/** Where the memory of one process is: exact bytes of one moment. */
export interface Reconciliation {
  /** What is known of Go's own memory. Where `goBytes` is known the parts add up to it exactly. */
  readonly parts: readonly GoPart[];
  /** The objects in two, where the live heap is known and not larger than they are. */
  readonly split?: { readonly liveBytes: number; readonly restBytes: number; readonly source: LiveSource } | undefined;
  /** Sys − HeapReleased: what Go holds of the system, and what GOMEMLIMIT limits. */
  readonly goBytes?: number | undefined;
  readonly rssBytes?: number | undefined;
  /** RSS − goBytes; negative where Go has mapped more than is resident. */
  readonly outside?: Outside | undefined;
  /** HeapReleased: given back to the system, no part of any sum here. */
  readonly releasedBytes?: number | undefined;
  /** Undefined where every figure is exact. */
  readonly ranges?: Ranges | undefined;
  readonly gaps: readonly Gap[];
  /** Identities of MemStats that do not hold: the figures are not of one read, or not of MemStats. */
  readonly contradictions: readonly string[];
}

/** What is resident and not Go's own. */
export interface Outside {
  readonly bytes: number;
  /** RssFile: the program itself and mapped files. */
  readonly fileBytes?: number | undefined;
  /** Returned to the system, and still resident until the kernel needs it. */
  readonly lazyFreeBytes?: number | undefined;
  /** Heap that Go holds and has never touched since it got it: not resident, and not swapped out. */
  readonly untouchedBytes?: number | undefined;
  /** Heap that is swapped out. */
  readonly swappedBytes?: number | undefined;
  /** The rest: cgo and anonymous maps, less what Go has mapped and never touched, so that it may be negative. */
  readonly otherBytes?: number | undefined;
  /** It is much, and may all be memory that Go has released and that the kernel has not taken yet (MADV_FREE). */
  readonly mayBeReleased: boolean;
}

/** So much of RSS outside Go, and at least so many bytes, is more than programs and the files they map commonly have. */
const LARGE_SHARE = 0.2;
const LARGE_BYTES = 32 * 2 ** 20;
/** The program's own pages come on top of what was released. */
const NEARLY = 1.05;

/**
 * Reconciles MemStats with RSS by the identities that hold within one read (Go src/runtime/mstats.go): HeapSys =
 * HeapIdle + HeapInuse, and Sys is the sum of all `…Sys`. A field that is missing is derived from the others where they
 * determine it. Bytes in, bytes out; sums are exact. Never throws: what cannot be said is in `gaps`.
 */
export function reconcile(given: MemoryFigures): Reconciliation {
  const { figures, units, thousands } = inTheRightUnits(given);
  const { rssBytes, live, counters } = figures;
  const known = completedBooks(counters);
  const { heapAlloc, released, sys } = known;
  const shown = goParts(known);
  const around = rangesOf(figures);
  const parts: GoPart[] = GO_PARTS.flatMap((key) => {
    const bytes = shown[key];
    if (bytes === undefined) return [];
    // A negative part can only come of figures that contradict each other, or were rounded.
    if (bytes < 0) return (around?.parts[key]?.high ?? -1) >= 0 ? [{ key, bytes: 0 }] : [];
    return [{ key, bytes }];
  });
  const sum = parts.reduce((all, { bytes }) => all + bytes, 0);
  const whole = minus(sys, released) ?? figures.goBytes;
  // Rounded parts need not add up to a rounded sum.
  const total = parts.length === GO_PARTS.length && (around === undefined || whole === undefined) ? sum : whole;
  if (total !== undefined && total !== sum) parts.push({ key: 'unsplit', bytes: total - sum });
  const split =
    live === undefined || heapAlloc === undefined || live.bytes > heapAlloc
      ? undefined
      : { liveBytes: live.bytes, restBytes: heapAlloc - live.bytes, source: live.source };
  const heap = heapNotResident(figures, known);
  const other = units.length === 0 || given.thousands === undefined ? undefined : inThousands(given, given.thousands);
  const ranges = around === undefined ? undefined : joined(around, other === undefined ? undefined : rangesOf(other));
  return {
    parts,
    split,
    goBytes: total,
    rssBytes,
    outside:
      rssBytes === undefined || total === undefined ? undefined : outsideOf(rssBytes - total, figures, heap, released),
    releasedBytes: released,
    ranges: ranges === undefined ? undefined : { ...ranges, units, thousands },
    gaps: gapsOf(figures, known),
    contradictions: contradictionsOf(counters, figures.rounding),
  };
}

/** The figures with units that may mean either as the identities decide; of 1024 where they do not. */
function inTheRightUnits(figures: MemoryFigures): {
  readonly figures: MemoryFigures;
  readonly units: readonly string[];
  readonly thousands: readonly string[];
} {
  const { thousands, counters, rounding } = figures;
  if (thousands === undefined) return { figures, units: [], thousands: [] };
  const other = inThousands(figures, thousands);
  const [fits, otherFits] = [
    contradictionsOf(counters, rounding).length === 0,
    contradictionsOf(other.counters, other.rounding).length === 0,
  ];
  if (fits === otherFits) return { figures, units: thousands.units, thousands: [] };
  return fits ? { figures, units: [], thousands: [] } : { figures: other, units: [], thousands: thousands.units };
}

function inThousands(
  figures: MemoryFigures,
  { counters, rssBytes }: NonNullable<MemoryFigures['thousands']>,
): MemoryFigures {
  const scaled = (range: Range | undefined, from: number | undefined, to: number | undefined): Range | undefined => {
    const factor = from === undefined || to === undefined || from === 0 ? 1 : to / from;
    return range === undefined ? undefined : { low: range.low * factor, high: range.high * factor };
  };
  const rounding = Object.entries(figures.rounding ?? {}).map(([name, range]) => {
    const key = name as keyof Rounding;
    return [key, scaled(range, figures.counters[key], counters[key])];
  });
  return {
    ...figures,
    counters,
    rssBytes: rssBytes ?? figures.rssBytes,
    rounding: Object.fromEntries(rounding) as Rounding,
    rssRange: scaled(figures.rssRange, figures.rssBytes, rssBytes ?? figures.rssBytes),
  };
}

type Sums = Readonly<Record<string, number | undefined>>;

function sumsOf(counters: Reading['v'], rssBytes: number | undefined): Sums {
  const known = completedBooks(counters);
  const parts = goParts(known);
  const go = minus(known.sys, known.released) ?? GO_PARTS.map((key) => parts[key]).reduce(plus, 0);
  return { ...parts, go, rss: rssBytes, outside: minus(rssBytes, go), released: known.released };
}

/** Each sum is a sum of figures, some with a minus: what rounding may have done to them adds up in it. */
function rangesOf({
  counters,
  rssBytes,
  rounding = {},
  rssRange,
}: MemoryFigures): Omit<Ranges, 'units' | 'thousands'> | undefined {
  const keys = Object.keys(rounding) as (keyof Rounding)[];
  if (keys.length === 0 && rssRange === undefined) return undefined;
  const base = sumsOf(counters, rssBytes);
  const moved = keys.map((key) =>
    [rounding[key]?.low, rounding[key]?.high].map((bytes) =>
      sumsOf({ ...counters, [key]: Math.round(bytes ?? 0) }, rssBytes),
    ),
  );
  if (rssRange !== undefined) moved.push([rssRange.low, rssRange.high].map((bytes) => sumsOf(counters, bytes)));
  const around = (name: string): Range | undefined => {
    const middle = base[name];
    if (middle === undefined) return undefined;
    const by = moved.map((both) => both.map((sums) => (sums[name] ?? middle) - middle));
    return {
      low: middle + by.reduce((sum, both) => sum + Math.min(0, ...both), 0),
      high: middle + by.reduce((sum, both) => sum + Math.max(0, ...both), 0),
    };
  };
  const parts = GO_PARTS.map((key) => [key, around(key)] as const).flatMap(([key, range]) =>
    // No part is less than nothing.
    range === undefined ? [] : [[key, { low: Math.max(0, range.low), high: range.high }] as const],
  );
  return {
    parts: Object.fromEntries(parts),
    go: around('go'),
    rss: around('rss'),
    outside: around('outside'),
    released: around('released'),
  };
}

function joined<T extends Omit<Ranges, 'units' | 'thousands'>>(one: T, other: T | undefined): T {
  const both = (a: Range | undefined, b: Range | undefined): Range | undefined =>
    a === undefined || b === undefined ? a : { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) };
  if (other === undefined) return one;
  const parts = Object.entries(one.parts).map(([key, range]) => [key, both(range, other.parts[key as GoPartKey])]);
  return {
    ...one,
    parts: Object.fromEntries(parts) as T['parts'],
    go: both(one.go, other.go),
    rss: both(one.rss, other.rss),
    outside: both(one.outside, other.outside),
    released: both(one.released, other.released),
  };
}

function outsideOf(
  bytes: number,
  { rssBytes = 0, rssFileBytes, lazyFreeBytes }: MemoryFigures,
  heap: HeapNotResident,
  released = 0,
): Outside {
  const { untouchedBytes = 0, swappedBytes = 0 } = heap;
  const rest = minus(bytes, rssFileBytes);
  const otherBytes = rest === undefined ? undefined : rest - (lazyFreeBytes ?? 0) + untouchedBytes + swappedBytes;
  const unknown = otherBytes ?? bytes;
  const large = unknown > Math.max(LARGE_BYTES, LARGE_SHARE * rssBytes);
  return {
    bytes,
    fileBytes: rssFileBytes,
    ...(lazyFreeBytes === undefined ? {} : { lazyFreeBytes }),
    ...heap,
    otherBytes,
    mayBeReleased: lazyFreeBytes === undefined && large && unknown <= released * NEARLY,
  };
}

type HeapNotResident = Pick<Outside, 'untouchedBytes' | 'swappedBytes'>;

/** Spans of the heap and the stacks in them, as far as they are neither resident nor swapped out. */
function heapNotResident(
  { counters, goHeap }: MemoryFigures,
  { heapInuse, heapIdle, released, stacks }: ReturnType<typeof completedBooks>,
): HeapNotResident {
  const inHeap = counters.stackInuseBytes ?? stacks;
  if (goHeap === undefined || heapInuse === undefined || inHeap === undefined) return {};
  const idle = minus(heapIdle, released);
  if (idle === undefined) return {};
  const { rssBytes, lazyFreeBytes, swapBytes } = goHeap;
  const untouched = heapInuse + idle + inHeap - (rssBytes - lazyFreeBytes) - swapBytes;
  return { untouchedBytes: Math.max(0, untouched), swappedBytes: swapBytes };
}

function gapsOf(
  { counters, rssBytes, rssFileBytes, live, goBytes }: MemoryFigures,
  known: ReturnType<typeof completedBooks>,
): readonly Gap[] {
  const gaps: Gap[] = [];
  const note = (value: number | undefined, field: string, lost: string): void => {
    if (value === undefined) gaps.push({ field, lost });
  };
  note(known.heapAlloc, 'HeapAlloc', 'how much of the heap is objects and how much is unused space in spans');
  note(known.heapInuse, 'HeapInuse', 'how much space in spans is unused');
  note(known.heapIdle, 'HeapIdle', 'how much idle heap is retained');
  note(known.released, 'HeapReleased', 'how much of Sys and of the idle heap has been returned to the system');
  note(known.stacks, 'StackSys', 'how much stacks take');
  if (known.metadata === undefined) {
    const absent = METADATA.filter(({ key }) => counters[key] === undefined).map(({ field }) => field);
    gaps.push({ field: absent.join(', '), lost: 'how much the runtime’s metadata takes' });
  }
  if (goBytes === undefined) note(known.sys, 'Sys', 'how much memory Go holds in total');
  note(rssBytes, 'RSS', 'how much memory lies outside Go');
  if (rssBytes !== undefined) note(rssFileBytes, 'RssFile', 'how much of the memory outside Go is file pages');
  note(live?.bytes, 'the live heap', 'how many of the objects the last collection could reach');
  return gaps;
}
