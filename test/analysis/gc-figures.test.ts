import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  gcCpuNaive,
  gcCpuPerRequest,
  gcCpuShare,
  gcCpuWindow,
  gcCycles,
} from '../../src/analysis/per-trial/gc-figures.ts';
import type { Reading } from '../../src/results/format.ts';
import { assertClose } from '../statistics/close.ts';
import { measuredTrial, reading, START } from './measured-trial.ts';

/** A reading of expvar: cycles so far, the uptime at which the last ended, and the lifetime mean. */
const expvar = (at: number, numGc: number, lastGc: number, gcCpuFraction: number): Reading =>
  reading(at, 'expvar', { numGc, lastGcUnixSeconds: START + lastGc, gcCpuFraction });

/** CPU seconds of the process: half a core until 12 s, two cores from then on. */
const cpu = [8, 10, 12, 14, 16, 18, 20, 22].map((at) =>
  reading(at, 'proc', { cpuSeconds: at <= 12 ? at / 2 : 6 + 2 * (at - 12) }),
);

const edges = [
  expvar(9, 100, 8.9, 0.5),
  expvar(11, 120, 10.8, 0.02),
  expvar(15, 130, 14.8, 0.03),
  expvar(19, 150, 18.8, 0.03),
];

test('GC CPU is taken between the first and the last reading in the window', () => {
  const found = gcCpuWindow(measuredTrial(edges));
  assertClose(found?.value as number, (0.03 * 18.8 - 0.02 * 10.8) / 8, 1e-9);
  assert.equal(found?.source, 'GCCPUFraction at two GC edges');
  assert.deepEqual(gcCycles(measuredTrial(edges)), { value: 30, source: 'expvar' });
  assert.deepEqual(gcCpuNaive(measuredTrial(edges)), { value: 0.03, source: 'expvar' });
});

test('its share of the CPU used is over the same span as the cycles, not over the window', () => {
  const trial = measuredTrial([...edges, ...cpu]);
  const gcSeconds = 4 * (0.03 * 18.8 - 0.02 * 10.8);
  const used = 6 + 2 * (18.8 - 12) - 10.8 / 2;
  assertClose(gcCpuShare(trial)?.value as number, gcSeconds / used, 1e-6);
  // Per request: that share of the CPU of the whole window, 17 s for 100 requests.
  assertClose(gcCpuPerRequest(trial)?.value as number, (gcSeconds / used) * 0.17, 1e-6);
});

test('without CPU seconds a request is charged the rate between the edges', () => {
  const rate = (0.03 * 18.8 - 0.02 * 10.8) / 8;
  assert.equal(gcCpuShare(measuredTrial(edges)), undefined);
  assertClose(gcCpuPerRequest(measuredTrial(edges))?.value as number, (rate * 4 * 10) / 100, 1e-9);
});

test('cpu classes come first where they are exposed', () => {
  const classes = (at: number, numGc: number, gcCpuSeconds: number, total: number): Reading =>
    reading(at, 'prometheus', { numGc, gcCpuSeconds, classesTotalCpuSeconds: total, lastGcUnixSeconds: START + at });
  const found = gcCpuWindow(measuredTrial([classes(11, 10, 1, 40), classes(19, 30, 3, 72)]));
  assert.deepEqual(found, { value: 2 / 32, source: '/cpu/classes' });
});

test('under five cycles, with none or without a source there is no figure, never 0', () => {
  const few = [expvar(11, 120, 10.8, 0.02), expvar(19, 124, 18.8, 0.03)];
  const none = [expvar(11, 120, 9, 0.02), expvar(19, 120, 9, 0.02)];
  const off = [
    reading(11, 'expvar', { numGc: 0, lastGcUnixSeconds: 0, gcCpuFraction: 0 }),
    reading(19, 'expvar', { numGc: 0, lastGcUnixSeconds: 0, gcCpuFraction: 0 }),
  ];
  for (const readings of [few, none, off, []]) {
    const trial = measuredTrial([...readings, ...cpu]);
    assert.equal(gcCpuWindow(trial), undefined);
    assert.equal(gcCpuShare(trial), undefined);
    assert.equal(gcCpuPerRequest(trial), undefined);
  }
  assert.equal(gcCycles(measuredTrial(few))?.value, 4);
  assert.equal(gcCycles(measuredTrial(off))?.value, 0);
  assert.equal(gcCycles(measuredTrial(cpu)), undefined);
  assert.equal(gcCpuNaive(measuredTrial(off)), undefined);
});

test('a process that never collected before the window begins at its first cycle', () => {
  const late = [
    reading(10.5, 'expvar', { numGc: 0, lastGcUnixSeconds: 0, gcCpuFraction: 0 }),
    expvar(12, 1, 11.5, 0.001),
    expvar(19, 21, 18.5, 0.004),
  ];
  assertClose(gcCpuWindow(measuredTrial(late))?.value as number, (0.004 * 18.5 - 0.001 * 11.5) / 7, 1e-6);
});

test('counters of two processes give no figure', () => {
  const restarted = [expvar(11, 120, 10.8, 0.02), expvar(13, 3, 12.9, 0.01), expvar(19, 150, 18.8, 0.03)];
  assert.equal(gcCpuWindow(measuredTrial(restarted)), undefined);
  assert.equal(gcCycles(measuredTrial(restarted)), undefined);
});

test('gctrace alone: the sum of the cycles in the window over GOMAXPROCS × window', () => {
  const cycle = (at: number, seconds: number): Reading =>
    reading(at, 'gctrace', { cycle: Math.round(at), cycleGcCpuSeconds: seconds, cycleIdleCpuSeconds: 9 });
  const readings = [cycle(9.9, 5), ...[11, 12, 13, 14, 15, 16].map((at) => cycle(at, 0.02)), cycle(20.5, 5)];
  assert.deepEqual(gcCycles(measuredTrial(readings)), { value: 6, source: 'gctrace' });
  const found = gcCpuWindow(measuredTrial(readings));
  assert.equal(found?.source, 'gctrace');
  assertClose(found?.value, 0.12 / 40, 1e-12);
  const quiet = measuredTrial([cycle(5, 1)]);
  assert.equal(gcCycles(quiet)?.value, 0);
  assert.equal(gcCpuWindow(quiet), undefined);
});

test('a batch: GC CPU of the window over the CPU seconds that its exit told', () => {
  const cycle = (at: number): Reading => reading(at, 'gctrace', { cycle: at, cycleGcCpuSeconds: 0.5 });
  const trial = measuredTrial([11, 12, 13, 14, 15].map(cycle), {
    record: { exit: { code: 0, signal: null, oomKilled: false, cpuSeconds: 20 } },
    work: { unit: 'run', completed: 1 },
  });
  assertClose(gcCpuShare(trial)?.value as number, 2.5 / 20, 1e-12);
  assertClose(gcCpuPerRequest(trial)?.value as number, 2.5, 1e-12);
});
