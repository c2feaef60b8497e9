import { byStatus } from './http-status.ts';
import { countOf, entriesOf, errorsOf, jsonOf, latencyOf, secondsOf, valueAt, type ReadReport } from './load-report.ts';

/** `oha --output-format json`: seconds; its percentiles are of the requests that were answered. */
export function readOha(text: string): ReadReport {
  const report = jsonOf(text);
  const statuses = valueAt(report, 'statusCodeDistribution');
  const failures = valueAt(report, 'errorDistribution');
  if (typeof statuses !== 'object' || typeof failures !== 'object' || valueAt(report, 'summary') === undefined) {
    return { problem: 'is not what `oha --output-format json` prints' };
  }
  const answered = byStatus(entriesOf(statuses));
  // What was under way when the time was up is no failure of the target.
  const failed = entriesOf(failures).filter(([kind]) => kind !== 'aborted due to deadline');
  const unanswered = failed.reduce((sum, [, count]) => sum + (countOf(count) ?? 0), 0);
  const seconds = (name: string): number | undefined => secondsOf(valueAt(report, 'latencyPercentiles', name), 1);
  return {
    requests: answered.requests + unanswered,
    errors: errorsOf([...Object.entries(answered.errors), ['no answer', unanswered]]),
    ...latencyOf({
      meanSeconds: secondsOf(valueAt(report, 'summary', 'average'), 1),
      p50Seconds: seconds('p50'),
      p90Seconds: seconds('p90'),
      p99Seconds: seconds('p99'),
      p999Seconds: seconds('p99.9'),
      maxSeconds: secondsOf(valueAt(report, 'summary', 'slowest'), 1),
    }),
  };
}
