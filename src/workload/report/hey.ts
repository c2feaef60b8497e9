import { byStatus } from './http-status.ts';
import { countOf, errorsOf, latencyOf, secondsOf, type ReadReport } from './load-report.ts';

/** What hey prints: its summary, or with `-o csv` a line for each request that was answered. */
export function readHey(text: string): ReadReport {
  return text.startsWith('response-time,') ? readRows(text) : readSummary(text);
}

function readSummary(text: string): ReadReport {
  const [summary = '', statuses] = text.split('\nStatus code distribution:\n', 2);
  if (statuses === undefined || !/^Summary:$/m.test(summary)) return { problem: 'is not what hey prints' };
  const [answers = '', failures = ''] = statuses.split('\nError distribution:\n', 2);
  const answered = byStatus([...answers.matchAll(/^ {2}\[(\d{3})\]\t(\d+) responses$/gm)].map(pair));
  const failed = [...failures.matchAll(/^ {2}\[(\d+)\]\t/gm)].map(([, count]) => countOf(Number(count)) ?? 0);
  const unanswered = failed.reduce((sum, count) => sum + count, 0);
  const seconds = (line: RegExp): number | undefined => secondsOf(Number(line.exec(summary)?.[1] ?? Number.NaN), 1);
  return {
    requests: answered.requests + unanswered,
    errors: errorsOf([...Object.entries(answered.errors), ['no answer', unanswered]]),
    ...latencyOf({
      meanSeconds: seconds(/^ {2}Average:\t(\d+\.\d+) secs$/m),
      p50Seconds: seconds(/^ {2}50%%? in (\d+\.\d+) secs$/m),
      p90Seconds: seconds(/^ {2}90%%? in (\d+\.\d+) secs$/m),
      p99Seconds: seconds(/^ {2}99%%? in (\d+\.\d+) secs$/m),
      maxSeconds: seconds(/^ {2}Slowest:\t(\d+\.\d+) secs$/m),
    }),
  };
}

function pair([, status = '', count]: RegExpExecArray): readonly [string, unknown] {
  return [status, Number(count)];
}

/** Requests without an answer have no line. */
function readRows(text: string): ReadReport {
  const [head = '', ...lines] = text.split('\n').filter((line) => line.trim() !== '');
  const status = head.split(',').indexOf('status-code');
  if (status < 0) return { problem: 'is not what `hey -o csv` prints' };
  const counts = new Map<string, number>();
  const times: number[] = [];
  for (const line of lines) {
    const cells = line.split(',', status + 1);
    const time = secondsOf(Number(cells[0]), 1);
    const code = cells[status] ?? '';
    if (!/^\d{3}$/.test(code)) return { problem: 'has a line that is not a request of hey’s' };
    counts.set(code, (counts.get(code) ?? 0) + 1);
    if (time !== undefined) times.push(time);
  }
  times.sort((a, b) => a - b);
  const at = (quantile: number): number | undefined => times[Math.ceil(quantile * times.length) - 1];
  const sum = times.reduce((all, one) => all + one, 0);
  return {
    ...byStatus(counts),
    ...latencyOf({
      meanSeconds: times.length === 0 ? undefined : sum / times.length,
      p50Seconds: at(0.5),
      p90Seconds: at(0.9),
      p99Seconds: at(0.99),
      p999Seconds: at(0.999),
      maxSeconds: times.at(-1),
    }),
  };
}
