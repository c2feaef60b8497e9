import { countOf, errorsOf } from './load-report.ts';

/** What is counted by HTTP status: requests in all, and those that were answered by an error or not at all (0). */
export function byStatus(counts: Iterable<readonly [string, unknown]>): {
  readonly requests: number;
  readonly errors: Readonly<Record<string, number>>;
} {
  let requests = 0;
  const errors: [string, number][] = [];
  for (const [status, value] of counts) {
    const count = countOf(value);
    if (count === undefined || !/^\d{1,3}$/.test(status)) continue;
    requests += count;
    const code = Number(status);
    if (code < 200 || code >= 400) errors.push([code === 0 ? 'no answer' : `status ${code}`, count]);
  }
  return { requests, errors: errorsOf(errors) };
}
