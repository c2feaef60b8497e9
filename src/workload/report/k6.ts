import { countOf, errorsOf, jsonOf, latencyOf, secondsOf, valueAt, type ReadReport } from './load-report.ts';

const MILLISECOND = 1e-3;
/** What a request is, best first: of HTTP, of gRPC, and of a script that makes neither, an iteration of it. */
const TRENDS = [
  ['http_reqs', 'http_req_duration'],
  ['iterations', 'grpc_req_duration'],
  ['iterations', 'iteration_duration'],
] as const;

/** `k6 run --summary-export={report}`, or the data of handleSummary written as JSON: milliseconds. */
export function readK6(text: string): ReadReport {
  const metrics = valueAt(jsonOf(text), 'metrics');
  const figure = (metric: string, name: string): unknown =>
    valueAt(metrics, metric, name) ?? valueAt(metrics, metric, 'values', name);
  const [counter, trend] = TRENDS.find(([, name]) => valueAt(metrics, name) !== undefined) ?? TRENDS[2];
  const requests = countOf(figure(counter, 'count'));
  if (requests === undefined) return { problem: 'is not what `k6 run --summary-export` writes' };
  // A rate counts as passed what it is a rate of, which here are failures.
  const failed = counter === 'http_reqs' ? countOf(figure('http_req_failed', 'passes')) : undefined;
  const checks = failed === undefined ? countOf(figure('checks', 'fails')) : undefined;
  const dropped = countOf(figure('dropped_iterations', 'count'));
  const seconds = (name: string): number | undefined => secondsOf(figure(trend, name), MILLISECOND);
  return {
    requests,
    errors: errorsOf([
      ['failed request', failed],
      ['failed check', checks],
    ]),
    ...(dropped === undefined ? {} : { dropped }),
    ...latencyOf({
      meanSeconds: seconds('avg'),
      p50Seconds: seconds('med'),
      p90Seconds: seconds('p(90)'),
      p99Seconds: seconds('p(99)'),
      p999Seconds: seconds('p(99.9)'),
      maxSeconds: seconds('max'),
    }),
  };
}
