import { latencyOf, secondsOf, type ReadReport } from './load-report.ts';

const MILLISECOND = 1e-3;

/** `redis-benchmark --csv` of Redis 6.2 or newer: a line for each test, without the number of its requests. */
export function readRedisBenchmark(text: string): ReadReport {
  const rows = text
    .split('\n')
    .filter((line) => /^"[^"]*"(?:,"[^"]*")+\r?$/.test(line))
    .map((line) => line.trim().slice(1, -1).split('","'));
  const head = rows.findIndex(([first, second]) => first === 'test' && second === 'rps');
  const tests = head < 0 ? [] : rows.slice(head + 1);
  const names = rows[head] ?? [];
  if (tests.length === 0 || tests.some((test) => test.length !== names.length || !(Number(test[1]) > 0))) {
    return { problem: 'is not what `redis-benchmark --csv` prints' };
  }
  // Percentiles of several tests are those of none.
  const only = tests.length === 1 ? tests[0] : undefined;
  const seconds = (name: string): number | undefined =>
    secondsOf(Number(only?.[names.indexOf(name)] ?? Number.NaN), MILLISECOND);
  return {
    requests: undefined,
    errors: {},
    ...latencyOf({
      meanSeconds: seconds('avg_latency_ms'),
      p50Seconds: seconds('p50_latency_ms'),
      p99Seconds: seconds('p99_latency_ms'),
      maxSeconds: seconds('max_latency_ms'),
    }),
  };
}
