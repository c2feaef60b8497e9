import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { TrialRecord } from '../../src/results/format.ts';
import { requirement } from '../requirements.ts';
import { gctune, leftovers, root, scratch, trialFolders } from './gctune.ts';

const experiment = (target: string, load: string, runner: string): string => `name: transports
target:
  package: ${join(root, 'test/e2e/transports')}
${target}
runner: ${runner}
matrix: { gogc: [100] }
workloads: { steady: ${load} }
phases: { warmup: 300ms, measure: 1s }
sampling: { inside: 10/s }
validity: { drift: 100%, achieved_rate: 90%, lateness: 5s, error_rate: 0%, retries: 0 }
blocks: 1
`;

async function trialsOf(
  t: TestContext,
  text: string,
  files: Readonly<Record<string, string>> = {},
): Promise<readonly TrialRecord[]> {
  const folder = await scratch(t);
  await writeFile(join(folder, 'experiment.yaml'), text);
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const results = join(folder, 'results');
  const run = await gctune(['run', join(folder, 'experiment.yaml'), '--output', results]);
  assert.ok(run.code === 0 || run.code === 4, run.stderr);
  const records = await Promise.all(
    (await trialFolders(results)).map(
      async (trial) => JSON.parse(await readFile(join(trial, 'trial.json'), 'utf8')) as TrialRecord,
    ),
  );
  // That this machine stalled is no fault of what is tested.
  for (const { outcome } of records)
    if (outcome.kind !== 'invalid' || !outcome.apparatus) assert.deepEqual(outcome, { kind: 'completed' });
  assert.deepEqual(await leftovers(), []);
  return records;
}

const h2c = `  args: [--h2c, --listen, '{host}:{port}']
  port: auto
  ready: { tcp: true }`;
const unix = `  args: [--unix, '{data}/api.sock']
  unix: '{data}/api.sock'
  ready: { http: / }`;

test('a Go server that speaks HTTP/2 without TLS alone', requirement('go'), async (t) => {
  const load = '{ http: { path: /, rate: 200/s, protocol: h2c, connections: 32 } }';
  const [first] = await trialsOf(t, experiment(h2c, load, 'process'));
  assert.ok(first?.work?.unit === 'request');
  assert.equal(first.work.completed, first.work.intended);
  assert.ok((first.work.latency?.p99Seconds ?? 0) > 0);
});

for (const runner of ['process', 'docker'] as const) {
  test(
    `a Go server on a unix socket with the ${runner} runner: requests, readiness and counters go there`,
    requirement('go', ...(runner === 'docker' ? (['docker'] as const) : [])),
    async (t) => {
      const records = await trialsOf(
        t,
        experiment(unix, '{ http: { path: /, rate: 100/s } }', runner).replace('inside:', 'source: expvar, inside:'),
      );
      for (const { probes } of records) assert.ok(probes.includes('expvar'), probes.join());
    },
  );
}

test(
  'an access log is replayed at its own pace; a bad line is told before anything starts',
  requirement('go'),
  async (t) => {
    const start = Date.parse('2026-11-28T10:00:00Z') / 1000;
    const lines = Array.from({ length: 2000 }, (_, index) =>
      JSON.stringify({
        ts: start + index / 500,
        request: { method: 'GET', uri: `/page/${index}`, host: 'elsewhere.example' },
      }),
    );
    const load = '{ replay: { log: access.log, speed: 0.5 } }';
    const target = unix;
    const [first] = await trialsOf(t, experiment(target, load, 'process'), { 'access.log': lines.join('\n') });
    assert.ok(first?.work?.unit === 'request');
    const { intended, windowSeconds } = first.work;
    // 500 requests a second, half as fast.
    assert.ok(Math.abs(intended - 250 * windowSeconds) <= 1, `${intended} requests in ${windowSeconds} s`);

    const folder = await scratch(t);
    await writeFile(join(folder, 'experiment.yaml'), experiment(target, load, 'process'));
    await writeFile(join(folder, 'access.log'), `${lines[0]}\n127.0.0.1 nothing\n`);
    const bad = await gctune(['run', join(folder, 'experiment.yaml'), '--output', join(folder, 'results')]);
    assert.equal(bad.code, 2);
    assert.match(
      bad.stderr,
      /access\.log:2:1: "127\.0\.0\.1 nothing" cannot be replayed: it has no time in \[brackets\]/,
    );
  },
);
