import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Validity } from '../../src/experiment/experiment.ts';
import type { WorkDone } from '../../src/results/format.ts';
import { type Evidence, judge } from '../../src/trial/judge.ts';
import type { Drift } from '../../src/trial/steadiness.ts';

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
const near = (value: number): Drift => ({ value, low: value - 0.02, high: value + 0.02 });
const good: Evidence = {
  work,
  steadiness: { rss: near(0.01), live: near(-0.01), readings: { rss: 50, live: 20 } },
  gogc: { ok: true, message: 'GOGC=100 is in effect' },
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

const drifting = (drift: { rss?: Drift; live?: Drift }): Partial<Evidence> => ({
  steadiness: { rss: near(0), live: near(0), readings: { rss: 50, live: 20 }, ...drift },
});

test('drift in either direction is an outcome of its own, where chance does not explain it', () => {
  assert.equal(reason(drifting({ rss: near(0.13) })), 'did-not-settle');
  assert.equal(reason(drifting({ live: near(-0.13) })), 'did-not-settle');
  const said = (more: Partial<Evidence>): string => {
    const { outcome } = judge({ ...good, ...drifting({ rss: near(0.13) }), ...more }, validity);
    return outcome.kind === 'invalid' ? outcome.message : outcome.kind;
  };
  assert.match(said({}), /a longer warm-up, or phases\.warmup: auto, may help$/);
  assert.match(said({ autoWarmup: true }), /auto already: a longer phases\.measure, over more GC cycles, may help$/);
  // A slope of a short window: the value is beyond what is allowed, its interval reaches into it.
  assert.equal(reason(drifting({ rss: { value: 0.2, low: 0.05, high: 0.4 } })), 'completed');
});

test('what was read too seldom to tell a drift is said, for each of both', () => {
  const unknown = { rss: near(0), live: undefined, readings: { rss: 50, live: 2 } };
  const { outcome, warnings } = judge({ ...good, steadiness: unknown }, validity);
  assert.equal(outcome.kind, 'completed');
  assert.deepEqual(warnings, [
    {
      code: 'drift-unchecked',
      message: 'the live heap was read 2 times in the window, in too few parts of it to assess drift',
    },
  ]);
  const run = judge({ ...good, steadiness: undefined }, validity);
  assert.deepEqual(run.warnings, [], 'a run from start to end has no level');
});

test('a process that is not one and the same is an outcome of its own, with the counters named', () => {
  const { outcome } = judge({ ...good, wentBack: ['NumGC', 'TotalAlloc'] }, validity);
  assert.deepEqual(outcome, {
    kind: 'invalid',
    reason: 'counters-went-back',
    message: 'counters went backwards: NumGC, TotalAlloc; the readings in the window are not all from the same process',
    apparatus: false,
  });
  assert.equal(reason({ replaced: 'the target executed itself anew', wentBack: ['NumGC'] }), 're-executed');
});

test('a target that somebody stopped did no work for a while, which is nobody’s figure', () => {
  assert.equal(reason({ stoppedReadings: 3 }), 'target-stopped (apparatus)');
  assert.equal(reason({ stoppedReadings: 0 }), 'completed');
});

test('a stall of ours that stretched the window or left it unsampled is told, and a long one is the apparatus’s fault', () => {
  const timing = { askedSeconds: 3, seconds: 3.02, longestGapSeconds: 0.2, intervalSeconds: 0.1 };
  const codes = (more: Partial<typeof timing>): readonly string[] => {
    const { outcome, warnings } = judge({ ...good, timing: { ...timing, ...more } }, validity);
    const kind =
      outcome.kind === 'invalid' ? `${outcome.reason}${outcome.apparatus ? ' (apparatus)' : ''}` : outcome.kind;
    return [kind, ...warnings.map(({ code }) => code)];
  };
  assert.deepEqual(codes({}), ['completed']);
  assert.deepEqual(codes({ seconds: 3.3 }), ['completed', 'window-stretched']);
  assert.deepEqual(codes({ seconds: 4 }), ['window-stretched (apparatus)', 'window-stretched']);
  assert.deepEqual(codes({ longestGapSeconds: 0.6 }), ['completed', 'sampling-stalled']);
  assert.deepEqual(codes({ longestGapSeconds: 1 }), ['sampling-stalled (apparatus)', 'sampling-stalled']);
});

test('a heap goal that left its level for a while is told', () => {
  const goalExcursion = { atSeconds: 1.5, value: 12 * 2 ** 20, otherwise: 8 * 2 ** 20 };
  assert.deepEqual(judge({ ...good, goalExcursion }, validity).warnings, [
    {
      code: 'goal-left-its-level',
      message:
        'the heap goal went from 8.0 MiB to 12.0 MiB at 1.5 s of the window: the target changed its GOGC, or its live heap was not steady',
    },
  ]);
});

test('an overridden GOGC fails the trial with its message', () => {
  const { outcome } = judge(
    { ...good, gogc: { ok: false, message: 'the target overrides GOGC: requested 25, effective 75' } },
    validity,
  );
  assert.deepEqual(outcome, {
    kind: 'failed',
    phase: 'measure',
    cause: 'the target overrides GOGC: requested 25, effective 75',
    log: [],
  });
});

test('a GOGC that cannot be verified is a warning, not a fault', () => {
  const unverified = { ...good, gogc: { ok: undefined, message: 'cannot verify that GOGC=25 is in effect' } };
  assert.deepEqual(judge(unverified, validity), {
    outcome: { kind: 'completed' },
    warnings: [{ code: 'gogc-unverified', message: 'cannot verify that GOGC=25 is in effect' }],
  });
});

test('reads that failed are a warning with what the last one said', () => {
  const { warnings } = judge(
    { ...good, probeFailures: new Map([['expvar', { count: 3, last: 'timeout' }]]) },
    validity,
  );
  assert.deepEqual(warnings, [{ code: 'probe-failed', message: '3 reads of expvar failed; the last error: timeout' }]);
});

test('work that is a run or nothing at all has no rate to miss', () => {
  assert.equal(reason({ work: { ...work, unit: 'run', intended: 1, completed: 1 } }), 'completed');
  assert.equal(reason({ work: undefined }), 'completed');
});
