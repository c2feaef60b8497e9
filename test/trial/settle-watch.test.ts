import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Gogc } from '../../src/experiment/experiment.ts';
import { gaussian } from '../../src/statistics/gaussian.ts';
import { seededStream, type RandomStream } from '../../src/statistics/random.ts';
import { SETTLE_CHECK_SECONDS, SettleWatch, type SettleState } from '../../src/trial/settle-watch.ts';

const RULE = { minSeconds: 3, cycles: 5, maxSeconds: 60, drift: 0.1, windowSeconds: 8 };
const TIMES = 200;

/** What the RSS of a daemon does, as a share of its level; the collector makes a saw-tooth of it, and readings scatter. */
interface Planted {
  readonly level: (seconds: number) => number;
  readonly sawtooth: number;
  readonly period: number;
  readonly noise: number;
}

/** When a planted course was called settled, in seconds; undefined where it never was. */
function settles(planted: Planted, random: RandomStream, gogc: Gogc = 100): number | undefined {
  const watch = new SettleWatch({ gogc, gomemlimit: 'off', workload: 'w' }, 0, RULE);
  const phase = random.next() * planted.period;
  let next = SETTLE_CHECK_SECONDS;
  for (let at = 0; at <= RULE.maxSeconds + 1; at += 0.1 * (0.8 + 0.4 * random.next())) {
    for (; next <= at; next += SETTLE_CHECK_SECONDS) {
      const { kind } = watch.state(next);
      if (kind !== 'waits') return kind === 'settled' ? next : undefined;
    }
    const tooth = planted.sawtooth * ((((at + phase) / planted.period) % 1) - 0.5);
    const value = planted.level(at) * (1 + tooth + planted.noise * gaussian(random));
    watch.add({ at, probe: 'proc', v: { rssBytes: value } });
    watch.add({ at, probe: 'expvar', v: { numGc: Math.floor((at + phase) / planted.period) } });
  }
  throw new Error('a warm-up outlasted its most');
}

/** Many of them, each with its own chance. */
function times(planted: Planted, name: string): readonly (number | undefined)[] {
  return Array.from({ length: TIMES }, (_, index) => settles(planted, seededStream(12, name, index)));
}

const LEVEL = (): number => 1e8;
const filling = (tau: number) => (at: number) => 1e8 * (1 - 0.6 * Math.exp(-at / tau));

test('what is level from the start ends its warm-up soon', () => {
  for (const period of [0.2, 0.5]) {
    const found = times({ level: LEVEL, sawtooth: 0.2, period, noise: 0.02 }, `level ${period}`);
    const never = found.filter((at) => at === undefined).length;
    const soon = found.filter((at) => at !== undefined && at <= 20).length;
    assert.ok(never === 0 && soon >= 0.95 * TIMES, `${never} never, ${soon} of ${TIMES} within 20 s`);
  }
});

test('what fills up is measured when the window would see no more of it than is allowed', () => {
  for (const tau of [1, 3, 8]) {
    const planted = { level: filling(tau), sawtooth: 0.1, period: 0.5, noise: 0.02 };
    const found = times(planted, `filling ${tau}`);
    const changes = found.map((at) => {
      if (at === undefined) return 0;
      const end = planted.level(at + RULE.windowSeconds);
      return (end - planted.level(at)) / end;
    });
    const early = changes.filter((change) => change > RULE.drift).length;
    assert.ok(early <= 0.05 * TIMES, `tau ${tau}: ${early} of ${TIMES} ended too early`);
    const never = found.filter((at) => at === undefined).length;
    assert.ok(never <= 0.01 * TIMES, `tau ${tau}: ${never} never ended`);
  }
});

test('a leak is never called settled', () => {
  // 3 % of the first level a second: a quarter of it in a window, a twelfth when a minute has gone by.
  const found = times(
    { level: (at) => 1e8 * (1 + 0.03 * at), sawtooth: 0.1, period: 0.5, noise: 0.02 },
    'a leak of a few per cent',
  );
  const settled = found.filter((at) => at !== undefined && at < 20).length;
  assert.ok(settled <= 0.05 * TIMES, `${settled} of ${TIMES}`);
});

test('slow wandering is no level', () => {
  const wander = (at: number): number => 1e8 * (1 + 0.3 * Math.sin(at / 2));
  const found = times({ level: wander, sawtooth: 0.05, period: 0.5, noise: 0.01 }, 'wandering');
  const settled = found.filter((at) => at !== undefined && at < 10).length;
  assert.ok(settled <= 0.1 * TIMES, `${settled} of ${TIMES}`);
});

function state(gogc: Gogc, cycles: number, seconds: number): SettleState {
  const watch = new SettleWatch({ gogc, gomemlimit: 'off', workload: 'w' }, 0, RULE);
  for (let i = 0; i <= seconds * 10; i++) {
    watch.add({ at: i / 10, probe: 'proc', v: { rssBytes: 1e8 } });
    watch.add({ at: i / 10, probe: 'expvar', v: { numGc: Math.min(cycles, i) } });
  }
  // As often as a trial asks.
  for (let now = SETTLE_CHECK_SECONDS; now < seconds; now += SETTLE_CHECK_SECONDS) watch.state(now);
  return watch.state(seconds);
}

test('the cycles that were asked for are waited for, unless there are none to come', () => {
  assert.deepEqual(state(100, 4, 10), { kind: 'waits' });
  assert.deepEqual(state(100, 5, 10), { kind: 'settled' });
  assert.deepEqual(state('off', 0, 10), { kind: 'settled' });
  assert.deepEqual(state(100, 4, 60), {
    kind: 'settled',
    warning: '4 of 5 GC cycles had ended when the 60 s of the warm-up were over',
  });
});

test('a target that collects too seldom for as many cycles is not waited for once it is level', () => {
  assert.deepEqual(state(100, 1, 24), { kind: 'waits' });
  assert.deepEqual(state(100, 1, 25), {
    kind: 'settled',
    warning: '1 of 5 GC cycles had ended after 25 s of the warm-up, and the rest would not have come within 60 s',
  });
  const grows = new SettleWatch({ gogc: 100, gomemlimit: 'off', workload: 'w' }, 0, RULE);
  for (let at = 0; at < 40; at += 0.1) {
    grows.add({ at, probe: 'proc', v: { rssBytes: 1e6 * (1 + at) } });
    grows.add({ at, probe: 'expvar', v: { numGc: 0 } });
  }
  for (let now = SETTLE_CHECK_SECONDS; now < 40; now += SETTLE_CHECK_SECONDS) {
    assert.deepEqual(grows.state(now), { kind: 'waits' }, `what grows is waited for at ${now} s`);
  }
});

test('it lasts as long as it must, and says how it moved where it never settles', () => {
  assert.deepEqual(state('off', 0, 2.9), { kind: 'waits' });
  const watch = new SettleWatch({ gogc: 100, gomemlimit: 'off', workload: 'w' }, 0, RULE);
  for (let at = 0; at < 60; at += 0.1) watch.add({ at, probe: 'proc', v: { rssBytes: 1e6 * (1 + at) } });
  assert.deepEqual(watch.state(60), { kind: 'moves', what: 'RSS grew by 65.3 % in the last 30.0 s' });
});
