import { byStatus } from './http-status.ts';
import { countOf, entriesOf, jsonOf, latencyOf, secondsOf, valueAt, type ReadReport } from './load-report.ts';

const NANOSECOND = 1e-9;

/** `vegeta report -type=json` (lib/metrics.go): nanoseconds; a status code of 0 is a request without an answer. */
export function readVegeta(text: string): ReadReport {
  const report = jsonOf(text);
  const requests = countOf(valueAt(report, 'requests'));
  const codes = valueAt(report, 'status_codes');
  const latencies = valueAt(report, 'latencies');
  if (requests === undefined || typeof codes !== 'object' || typeof latencies !== 'object') {
    return { problem: 'is not what `vegeta report -type=json` prints' };
  }
  const seconds = (name: string): number | undefined => secondsOf(valueAt(latencies, name), NANOSECOND);
  const answered = byStatus(entriesOf(codes));
  if (answered.requests > requests) return { problem: 'has more answers than requests' };
  return {
    requests,
    errors: answered.errors,
    ...latencyOf({
      meanSeconds: seconds('mean'),
      p50Seconds: seconds('50th'),
      p90Seconds: seconds('90th'),
      p99Seconds: seconds('99th'),
      maxSeconds: seconds('max'),
    }),
  };
}
