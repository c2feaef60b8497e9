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
  gogc: { ok: true, message: 'GOGC=100 is in force' },
  probeFailures: new Map(),
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
  const { outcome } = judge(
    { ...good, gogc: { ok: false, message: 'the target overrides GOGC: asked 25, effective 75' } },
    validity,
  );
  assert.deepEqual(outcome, {
    kind: 'failed',
    phase: 'measure',
    cause: 'the target overrides GOGC: asked 25, effective 75',
    log: [],
  });
});

test('a GOGC that cannot be verified is a warning, not a fault', () => {
  const unverified = { ...good, gogc: { ok: undefined, message: 'nothing shows whether GOGC=25 is in force' } };
  assert.deepEqual(judge(unverified, validity), {
    outcome: { kind: 'completed' },
    warnings: [{ code: 'gogc-unverified', message: 'nothing shows whether GOGC=25 is in force' }],
  });
});

test('reads that failed are a warning with what the last one said', () => {
  const { warnings } = judge(
    { ...good, probeFailures: new Map([['expvar', { count: 3, last: 'timeout' }]]) },
    validity,
  );
  assert.deepEqual(warnings, [{ code: 'probe-failed', message: '3 reads of expvar failed; the last said: timeout' }]);
});

test('work that is a run or nothing at all has no rate to miss', () => {
  assert.equal(reason({ work: { ...work, unit: 'run', intended: 1, completed: 1 } }), 'completed');
  assert.equal(reason({ work: undefined }), 'completed');
});
