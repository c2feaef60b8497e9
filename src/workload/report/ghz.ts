import { countOf, entriesOf, errorsOf, jsonOf, latencyOf, secondsOf, valueAt, type ReadReport } from './load-report.ts';

const NANOSECOND = 1e-9;

/** `ghz -O json` (runner/reporter.go): nanoseconds; its percentiles are of the calls that were answered with OK. */
export function readGhz(text: string): ReadReport {
  const report = jsonOf(text);
  const requests = countOf(valueAt(report, 'count'));
  const statuses = valueAt(report, 'statusCodeDistribution');
  if (requests === undefined || typeof statuses !== 'object' || typeof valueAt(report, 'options') !== 'object') {
    return { problem: 'is not what `ghz -O json` prints' };
  }
  const failed = entriesOf(statuses).filter(([status]) => status !== 'OK');
  const distribution = valueAt(report, 'latencyDistribution');
  const shares: readonly unknown[] = Array.isArray(distribution) ? distribution : [];
  const seconds = (percentage: number): number | undefined => {
    const found = shares.find((one) => valueAt(one, 'percentage') === percentage);
    return secondsOf(valueAt(found, 'latency'), NANOSECOND);
  };
  return {
    requests,
    errors: errorsOf(failed.map(([status, count]) => [status, countOf(count)])),
    ...latencyOf({
      meanSeconds: failed.length === 0 ? secondsOf(valueAt(report, 'average'), NANOSECOND) : undefined,
      p50Seconds: seconds(50),
      p90Seconds: seconds(90),
      p99Seconds: seconds(99),
      maxSeconds: secondsOf(valueAt(report, 'slowest'), NANOSECOND),
    }),
  };
}
