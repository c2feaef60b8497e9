import { countOf, errorsOf, latencyOf, secondsOf, type ReadReport, type ReportReader } from './load-report.ts';

/** Units of time as wrk prints them (src/units.c), in seconds. */
const UNITS: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };
const TIME = String.raw`(\d+(?:\.\d+)?)(us|ms|s|m|h)\b`;

/** What wrk prints. A request that timed out is among the socket errors, beside those that were answered. */
export const readWrk: ReportReader = (text) => readEither(text, 'wrk');
/** What wrk2 prints, whose latencies count from when a request was due. */
export const readWrk2: ReportReader = (text) => readEither(text, 'wrk2');

function readEither(text: string, expected: 'wrk' | 'wrk2'): ReadReport {
  const answered = numberIn(text, /^ {2}(\d+) requests in /m);
  if (answered === undefined) return { problem: `is not what ${expected} prints` };
  const found = /^ {2}Thread calibration|HdrHistogram/m.test(text) ? 'wrk2' : 'wrk';
  if (found !== expected) return { problem: `is ${found}’s, not ${expected}’s` };
  const sockets = /^ {2}Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/m.exec(text);
  const [connect, read, write, timeout] = [1, 2, 3, 4].map((group) => countOf(Number(sockets?.[group] ?? 0)) ?? 0);
  const latency = new RegExp(String.raw`^ {4}Latency {1,20}${TIME} {1,20}\S{1,20} {1,20}${TIME}`, 'm').exec(text);
  // wrk writes `50%`, wrk2 `50.000%`.
  const at = (percent: string): number | undefined =>
    timeOf(new RegExp(String.raw`^ {1,8}${percent}% {1,20}${TIME}$`, 'm').exec(text), 1);
  return {
    requests: answered + (connect ?? 0) + (read ?? 0) + (write ?? 0) + (timeout ?? 0),
    errors: errorsOf([
      ['status beyond 2xx and 3xx', numberIn(text, /^ {2}Non-2xx or 3xx responses: (\d+)/m)],
      ['connect', connect],
      ['read', read],
      ['write', write],
      ['timeout', timeout],
    ]),
    ...latencyOf({
      meanSeconds: timeOf(latency, 1),
      p50Seconds: at(String.raw`50(?:\.0{3})?`),
      p90Seconds: at(String.raw`90(?:\.0{3})?`),
      p99Seconds: at(String.raw`99(?:\.0{3})?`),
      p999Seconds: at(String.raw`99\.90{0,2}`),
      maxSeconds: timeOf(latency, 3),
    }),
  };
}

function timeOf(match: RegExpExecArray | null, group: number): number | undefined {
  return match === null ? undefined : secondsOf(Number(match[group]), UNITS[match[group + 1] ?? ''] ?? Number.NaN);
}

function numberIn(text: string, pattern: RegExp): number | undefined {
  return countOf(Number(pattern.exec(text)?.[1] ?? Number.NaN));
}
