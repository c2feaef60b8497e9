import { RE2JS } from 're2js';
import { jsonPath } from '../../experiment/workloads/json-path.ts';
import type { DescribedReport } from '../../experiment/workloads/command.ts';
import { countOf, errorsOf, jsonOf, latencyOf, secondsOf, valueAt, type ReadReport } from './load-report.ts';

/** The figures of a latency in a file, and what they are called in a report. */
const LATENCIES = [
  ['mean', 'meanSeconds'],
  ['p50', 'p50Seconds'],
  ['p90', 'p90Seconds'],
  ['p99', 'p99Seconds'],
  ['p999', 'p999Seconds'],
  ['max', 'maxSeconds'],
] as const;
const UNITS = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1 } as const;
/** More matches of a pattern than this are not summed up. */
const MOST_MATCHES = 100_000;

/** A report that the file describes: by paths into JSON, or by patterns in text. */
export function readDescribed(text: string, { format, places, unit }: DescribedReport): ReadReport {
  const value = format === 'json' ? jsonOf(text) : undefined;
  if (format === 'json' && value === undefined) return { problem: 'is not JSON' };
  const figures = (place: string): readonly number[] =>
    format === 'json' ? numbers([valueAt(value, ...(jsonPath(place) ?? []))]) : numbers(matches(text, place));
  const sum = (place: string): number | undefined => {
    const found = figures(place);
    return found.length === 0 ? undefined : countOf(found.reduce((all, one) => all + one, 0));
  };
  const requests = places.requests === undefined ? undefined : sum(places.requests);
  if (places.requests !== undefined && requests === undefined) {
    return { problem: `has no count of requests at ${places.requests}` };
  }
  const errors = places.errors === undefined ? 0 : sum(places.errors);
  if (errors === undefined) return { problem: `has no count of errors at ${places.errors}` };
  const latencies = LATENCIES.flatMap(([name, key]) => {
    const place = places[name];
    if (place === undefined) return [];
    const found = figures(place);
    // Of several there is no telling which is meant.
    return [[key, found.length === 1 ? secondsOf(found[0], UNITS[unit]) : undefined, name, place] as const];
  });
  const missing = latencies.find(([, seconds]) => seconds === undefined);
  if (missing !== undefined) return { problem: `has no single ${missing[2]} at ${missing[3]}` };
  return {
    requests,
    errors: errorsOf([['failed', errors]]),
    ...latencyOf(Object.fromEntries(latencies.map(([key, seconds]) => [key, seconds]))),
  };
}

/** What the first group of a pattern holds, each time that it matches. RE2 takes a time that is linear in the text. */
function matches(text: string, pattern: string): readonly unknown[] {
  const matcher = RE2JS.compile(pattern, RE2JS.MULTILINE).matcher(text);
  const found: unknown[] = [];
  while (found.length < MOST_MATCHES && matcher.find()) found.push(matcher.group(1));
  return found;
}

/** Numbers, as JSON has them or as text with commas between thousands. */
function numbers(values: readonly unknown[]): readonly number[] {
  return values.flatMap((value) => {
    const number = typeof value === 'string' ? Number(value.replaceAll(',', '') || Number.NaN) : value;
    return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? [number] : [];
  });
}
