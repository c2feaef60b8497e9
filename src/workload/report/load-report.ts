import type { WorkDone } from '../../results/format.ts';

/** What a report says of latencies, in seconds; what it does not tell is not there. */
export type ReportedLatency = Omit<NonNullable<WorkDone['latency']>, 'count' | 'hdr'>;

/** What a load program says that it has done. */
export interface LoadReport {
  /** Requests that it made, whatever became of them; undefined where the report does not tell. */
  readonly requests: number | undefined;
  /** How many of them failed, by kind. */
  readonly errors: Readonly<Record<string, number>>;
  /** Requests that were due and not made. */
  readonly dropped?: number;
  readonly latency?: ReportedLatency;
}

/** What became of reading a report: what it says, or what it lacks, in words that follow "the report". */
export type ReadReport = LoadReport | { readonly problem: string };

/** Reads a report; text is whatever a program wrote. Never throws. */
export type ReportReader = (text: string) => ReadReport;

/** No latency that a report can tell of is longer, in seconds. */
const LONGEST_SECONDS = 1e6;
/** More kinds of errors than this are counted together. */
const MOST_KINDS = 20;

/** A count of a report; undefined where it is none. */
export function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** A length of time of a report in a unit of so many seconds; undefined where it is none. */
export function secondsOf(value: unknown, unit: number): number | undefined {
  if (typeof value !== 'number' || !(value >= 0)) return undefined;
  const seconds = value * unit;
  return seconds > 0 && seconds <= LONGEST_SECONDS ? Math.max(seconds, 1e-12) : undefined;
}

/** The latencies of which there is any; nothing where there is none. */
export function latencyOf(
  seconds: Readonly<Partial<Record<keyof ReportedLatency, number | undefined>>>,
): Pick<LoadReport, 'latency'> {
  const known = Object.entries(seconds).filter(([, value]) => value !== undefined);
  return known.length === 0 ? {} : { latency: Object.fromEntries(known) as ReportedLatency };
}

/** Errors by kind, few kinds and short ones, whatever a report says; kinds that nobody met are left out. */
export function errorsOf(counts: Iterable<readonly [string, number | undefined]>): Readonly<Record<string, number>> {
  const errors = new Map<string, number>();
  for (const [kind, count] of counts) {
    if (count === undefined || count === 0) continue;
    const name = errors.has(kind) || errors.size < MOST_KINDS ? kind.slice(0, 80) : 'other';
    errors.set(name, (errors.get(name) ?? 0) + count);
  }
  return Object.fromEntries(errors);
}

/** The value of a JSON text at a path; undefined where there is none. */
export function valueAt(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<string | number, unknown>>)[step];
  }
  return at;
}

/** The entries of a mapping of a JSON text; none where it is none. */
export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

/** The value of a text that should be JSON; undefined where it is not. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
