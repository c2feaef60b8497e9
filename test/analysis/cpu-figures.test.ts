import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as cpu from '../../src/analysis/per-trial/cpu-figures.ts';
import { assertClose } from '../statistics/close.ts';
import { measuredTrial, reading } from './measured-trial.ts';

test('CPU seconds are brought to the ends of the window on the line between the readings around them', () => {
  const readings = [
    reading(9, 'proc', { cpuSeconds: 1 }),
    reading(11, 'proc', { cpuSeconds: 3 }),
    reading(19, 'proc', { cpuSeconds: 7 }),
    reading(21, 'proc', { cpuSeconds: 11 }),
  ];
  const trial = measuredTrial(readings);
  assert.deepEqual(cpu.cpuSeconds(trial), { value: 9 - 2, source: 'proc' });
  assert.equal(cpu.cpuUsed(trial)?.value, 0.7);
  assert.equal(cpu.cpuPerRequest(trial)?.value, 0.07);
});

test('an end without a reading beyond it is filled at the rate inside', () => {
  const readings = [reading(11, 'proc', { cpuSeconds: 2 }), reading(19, 'proc', { cpuSeconds: 6 })];
  assertClose(cpu.cpuSeconds(measuredTrial(readings))?.value as number, 5, 1e-12);
});

test("the target's own cgroup is finer than the process's ticks; the engine's figures come last", () => {
  const all = [10, 20].flatMap((at) => [
    reading(at, 'proc', { cpuSeconds: at }),
    reading(at, 'cgroup', { cgroupCpuSeconds: 2 * at }),
    reading(at, 'docker-stats', { cgroupCpuSeconds: 3 * at }),
  ]);
  assert.deepEqual(cpu.cpuSeconds(measuredTrial(all)), { value: 20, source: 'cgroup' });
  assert.equal(cpu.cpuSeconds(measuredTrial(all.filter(({ probe }) => probe !== 'cgroup')))?.source, 'proc');
  const engine = all.filter(({ probe }) => probe === 'docker-stats');
  assert.deepEqual(cpu.cpuSeconds(measuredTrial(engine)), { value: 30, source: 'docker-stats' });
});

test('one reading, a counter that fell, or readings over less than half of the window are no figure', () => {
  assert.equal(cpu.cpuSeconds(measuredTrial([reading(15, 'proc', { cpuSeconds: 4 })])), undefined);
  const fell = [10, 15, 20].map((at, i) => reading(at, 'proc', { cpuSeconds: [5, 1, 9][i] as number }));
  assert.equal(cpu.cpuSeconds(measuredTrial(fell)), undefined);
  const short = [reading(11, 'proc', { cpuSeconds: 4 }), reading(14, 'proc', { cpuSeconds: 5 })];
  assert.equal(cpu.cpuSeconds(measuredTrial(short)), undefined);
});

test('nothing is divided by no work', () => {
  const readings = [reading(10, 'proc', { cpuSeconds: 0 }), reading(20, 'proc', { cpuSeconds: 1 })];
  assert.equal(cpu.cpuPerRequest(measuredTrial(readings, { work: { completed: 0, unit: 'none' } })), undefined);
  assert.equal(cpu.cpuUsed(measuredTrial(readings, { work: { completed: 0, unit: 'none' } }))?.value, 0.1);
});

test('a batch costs what its exit told, else what was read last', () => {
  const readings = [reading(12, 'proc', { cpuSeconds: 3 }), reading(19, 'proc', { cpuSeconds: 8 })];
  const exit = { code: 0, signal: null, oomKilled: false, cpuSeconds: 8.5 };
  const told = measuredTrial(readings, { record: { exit }, work: { unit: 'run', completed: 1 } });
  assert.deepEqual(cpu.cpuPerRequest(told), { value: 8.5, source: 'exit' });
  const read = measuredTrial(readings, { work: { unit: 'run', completed: 1 } });
  assert.deepEqual(cpu.cpuPerRequest(read), { value: 8, source: 'proc' });
});

test('allocation is a difference of TotalAlloc over the window', () => {
  const readings = [9, 11, 19, 21].map((at) => reading(at, 'expvar', { totalAllocBytes: 1000 * at }));
  assert.deepEqual(cpu.allocationRate(measuredTrial(readings)), { value: 1000, source: 'expvar' });
  assert.deepEqual(cpu.allocationPerRequest(measuredTrial(readings)), { value: 100, source: 'expvar' });
});

test('throttling is a share of the periods of the window', () => {
  const readings = [
    reading(10, 'cgroup', { periods: 100, throttledPeriods: 90 }),
    reading(20, 'cgroup', { periods: 200, throttledPeriods: 95 }),
  ];
  assert.equal(cpu.throttledShare(measuredTrial(readings)), 0.05);
  assert.equal(cpu.throttledShare(measuredTrial([])), undefined);
  const unlimited = [10, 20].map((at) => reading(at, 'cgroup', { periods: 0, throttledPeriods: 0 }));
  assert.equal(cpu.throttledShare(measuredTrial(unlimited)), undefined);
});

test('CPU per request: where the generator’s window is longer than that of the readings, its rate counts', () => {
  // 5 s of CPU in a window of 10 s; 1,010 requests in the generator's 10.1 s.
  const readings = [9, 10, 15, 20, 21].map((at) => reading(at, 'cgroup', { cgroupCpuSeconds: at / 2 }));
  const trial = measuredTrial(readings, { work: { completed: 1010, windowSeconds: 10.1 } });
  assert.equal(cpu.cpuPerRequest(trial)?.value, 0.005);
});
