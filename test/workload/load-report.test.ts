import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ReportSpec } from '../../src/experiment/workloads/command.ts';
import { LOAD_TOOLS, type LoadTool } from '../../src/experiment/workloads/load-tools.ts';
import type { ReadReport } from '../../src/workload/report/load-report.ts';
import { readReport } from '../../src/workload/report/read-report.ts';
import { assertClose } from '../statistics/close.ts';

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/load/${name}`, import.meta.url), 'utf8');

function read(name: string, spec: ReportSpec): Exclude<ReadReport, { problem: string }> {
  const found = readReport(fixture(name), spec);
  assert.ok(!('problem' in found), 'problem' in found ? found.problem : '');
  return found;
}

const REPORTS: readonly (readonly [string, LoadTool, number | undefined, Record<string, number>, number?])[] = [
  ['vegeta.json', 'vegeta', 300, {}],
  ['vegeta-errors.json', 'vegeta', 300, { 'no answer': 100, 'status 404': 100 }, 0.000890478],
  ['ghz.json', 'ghz', 50, {}, 0.001382197],
  ['ghz-errors.json', 'ghz', 20, { Unavailable: 20 }],
  ['k6.json', 'k6', 301, {}, 0.002790081],
  ['k6-errors.json', 'k6', 301, { 'failed request': 301 }],
  ['wrk.txt', 'wrk', 57_367, {}, 0.00474],
  ['wrk-errors.txt', 'wrk', 71_929, { 'status beyond 2xx and 3xx': 71_929 }, 0.00272],
  ['wrk-plain.txt', 'wrk', 38_725, {}],
  ['wrk2.txt', 'wrk2', 59_965, {}, 0.0014],
  ['hey.txt', 'hey', 500, {}, 0.0018],
  ['hey-errors.txt', 'hey', 200, { 'status 404': 200 }, 0.0005],
  ['hey-refused.txt', 'hey', 20, { 'no answer': 20 }],
  ['hey.csv', 'hey', 50, {}],
  ['redis-benchmark.csv', 'redis-benchmark', undefined, {}],
  ['go-bench.txt', 'go-bench', 2000, {}],
];

for (const [name, tool, requests, errors, p99] of REPORTS) {
  test(`the report of ${tool} in ${name} says what that run did`, () => {
    const found = read(name, { tool });
    assert.equal(found.requests, requests);
    assert.deepEqual(found.errors, errors);
    if (p99 !== undefined) assertClose(found.latency?.p99Seconds as number, p99, 1e-9);
  });
}

test('latencies are in seconds, whatever unit a program prints', () => {
  assert.deepEqual(read('wrk.txt', { tool: 'wrk' }).latency, {
    meanSeconds: 539.04e-6,
    p50Seconds: 136e-6,
    p90Seconds: 1.6e-3,
    p99Seconds: 4.74e-3,
    maxSeconds: 12.56e-3,
  });
  assert.equal(read('k6.json', { tool: 'k6' }).latency?.p999Seconds?.toFixed(6), '0.003473');
  assert.equal(read('wrk-plain.txt', { tool: 'wrk' }).latency?.p50Seconds, undefined);
  // Two tests of redis-benchmark have no percentile in common.
  assert.equal(read('redis-benchmark.csv', { tool: 'redis-benchmark' }).latency, undefined);
});

test('the report of another program is refused by name', () => {
  for (const [name, of] of REPORTS) {
    for (const tool of LOAD_TOOLS.filter((one) => one !== of)) {
      const found = readReport(fixture(name), { tool });
      assert.ok('problem' in found, `${name} passed as ${tool}’s`);
      assert.match(found.problem, new RegExp(of), `${name} as ${tool}’s: ${found.problem}`);
    }
  }
});

test('a report that is empty, cut short or self-contradictory is refused', () => {
  const problem = (text: string, tool: LoadTool): string => {
    const found = readReport(text, { tool });
    return 'problem' in found ? found.problem : '';
  };
  assert.equal(problem(' \n', 'ghz'), 'is empty');
  assert.equal(problem(fixture('ghz.json').slice(0, 3000), 'ghz'), 'is not what `ghz -O json` prints');
  assert.equal(problem(fixture('wrk.txt').slice(0, 200), 'wrk'), 'is not what wrk prints');
  const more = fixture('vegeta.json').replace(/"200":\d+/, '"200":999999');
  assert.equal(problem(more, 'vegeta'), 'has more answers than requests');
  const failed = fixture('k6-errors.json').replace(/"passes": 301/, '"passes": 302');
  assert.equal(problem(failed, 'k6'), 'has more errors than requests');
});

test('a report that the file describes is read by paths or by patterns', () => {
  const ofJson = read('k6.json', {
    format: 'json',
    places: {
      requests: 'metrics.iterations.count',
      errors: 'metrics.checks.fails',
      p99: 'metrics.iteration_duration["p(99)"]',
    },
    unit: 'ms',
  });
  assert.equal(ofJson.requests, 301);
  assertClose(ofJson.latency?.p99Seconds as number, 0.003095604, 1e-9);
  // A line of nats bench for each client; their counts, with commas between thousands, add up.
  const rows = fixture('nats-bench.txt');
  const places = { requests: '\\(([\\d,]+) msgs\\)$', p99: '^ latencies per operation .*? P99 ([\\d,.]+)us' };
  const ofText = readReport(rows, { format: 'text', places, unit: 'us' });
  assert.ok('requests' in ofText);
  assert.equal(ofText.requests, 40_000);
  assertClose(ofText.latency?.p99Seconds as number, 815.27e-6, 1e-12);
  const none = readReport(rows, { format: 'text', places: { requests: 'done: (\\d+)' }, unit: 'us' });
  assert.deepEqual(none, { problem: 'has no count of requests at done: (\\d+)' });
});

test('a pattern that would take a backtracking engine for ever takes a moment', () => {
  const text = `${'a'.repeat(50_000)}!`;
  const found = readReport(text, { format: 'text', places: { requests: '^(?:a+)+b(\\d+)$' }, unit: 'ms' });
  assert.ok('problem' in found);
});
