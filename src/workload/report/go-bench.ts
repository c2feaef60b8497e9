import { countOf, type ReadReport } from './load-report.ts';

/**
 * The benchmark format of Go (golang.org/design/14313-benchmark-format): the second field of each result is the number of
 * iterations. The time of one is not the latency of a request, of which several may be under way.
 */
export function readGoBench(text: string): ReadReport {
  let requests = 0;
  for (const line of text.split('\n')) {
    const [name = '', iterations = '', time = '', unit = ''] = line.split(/[ \t]+/, 4);
    if (!/^Benchmark(?:[^a-z]|$)/.test(name) || !/^\d{1,15}$/.test(iterations) || !(Number(time) >= 0) || unit === '') {
      continue;
    }
    requests += countOf(Number(iterations)) ?? 0;
  }
  return requests === 0 ? { problem: 'has no result of a Go benchmark' } : { requests, errors: {} };
}
