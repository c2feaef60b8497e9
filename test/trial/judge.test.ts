import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Validity } from '../../src/experiment/experiment.ts';
import type { WorkDone } from '../../src/results/format.ts';
import { type Evidence, judge } from '../../src/trial/judge.ts';

const validity: Validity = {
  achievedRate: 0.99,
  errorRate: 0.01,
  latenessSeconds: 0.05,
  cycles: 30,
  drift: 0.1,
  retries: 1,
};
const work: WorkDone = {
  unit: 'request',
  intended: 1000,
  completed: 1000,
  dropped: 0,
  errors: {},
  lateness: { p99Seconds: 0.001, maxSeconds: 0.002 },
  windowSeconds: 5,
  latency: undefined,
};
const good: Evidence = {
  work,
  drift: { rss: 0.01, live: -0.01 },
  gcCycles: 100,
  gogcMismatch: undefined,
  probeFailures: new Map(),
  collectorOff: false,
};

function reason(evidence: Partial<Evidence>): string {
  const { outcome } = judge({ ...good, ...evidence }, validity);
  return outcome.kind === 'invalid' ? `${outcome.reason}${outcome.apparatus ? ' (apparatus)' : ''}` : outcome.kind;
}

test('a trial that kept its rate, settled and was not disturbed counts', () => {
  assert.deepEqual(judge(good, validity), { outcome: { kind: 'completed' }, warnings: [] });
});

test('a missed rate is the target’s fault, a late generator the apparatus’s', () => {
  assert.equal(reason({ work: { ...work, completed: 989, dropped: 11 } }), 'rate-missed');
  assert.equal(reason({ work: { ...work, completed: 990, dropped: 10 } }), 'completed');
  assert.equal(
    reason({ work: { ...work, completed: 500, lateness: { p99Seconds: 0.06, maxSeconds: 1 } } }),
    'generator-late (apparatus)',
  );
  assert.equal(reason({ work: { ...work, completed: 989, errors: { 'status 500': 11 } } }), 'request-errors');
});

test('drift in either direction is an outcome of its own', () => {
  assert.equal(reason({ drift: { rss: 0.11, live: undefined } }), 'did-not-settle');
  assert.equal(reason({ drift: { rss: undefined, live: -0.11 } }), 'did-not-settle');
  assert.equal(reason({ drift: { rss: undefined, live: undefined } }), 'completed');
});

test('an overridden GOGC fails the trial with its message', () => {
  const { outcome } = judge({ ...good, gogcMismatch: 'the target overrides GOGC: asked 25, effective 75' }, validity);
  assert.deepEqual(outcome, {
    kind: 'failed',
    phase: 'measure',
    cause: 'the target overrides GOGC: asked 25, effective 75',
    log: [],
  });
});

test('too few GC cycles are a warning, under five a refusal, none at all with GOGC=off', () => {
  const codes = (gcCycles: number, collectorOff = false): string[] =>
    judge({ ...good, gcCycles, collectorOff }, validity).warnings.map((w) => w.code);
  assert.deepEqual(codes(30), []);
  assert.deepEqual(codes(29), ['too-few-cycles']);
  assert.deepEqual(codes(4), ['no-gc-figures']);
  assert.deepEqual(codes(0, true), []);
});

test('work that is a run or nothing at all has no rate to miss', () => {
  assert.equal(reason({ work: { ...work, unit: 'run', intended: 1, completed: 1 } }), 'completed');
  assert.equal(reason({ work: undefined }), 'completed');
});
