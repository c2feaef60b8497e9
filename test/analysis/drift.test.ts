import assert from 'node:assert/strict';
import { test } from 'node:test';

import { analyse } from '../../src/analysis/analyse.ts';
import { trialDrift } from '../../src/analysis/per-trial/drift-figures.ts';
import type { Warning } from '../../src/metrics/warning.ts';
import type { Reading } from '../../src/results/format.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';
import { measuredTrial, reading } from './measured-trial.ts';

const MIB = 2 ** 20;

/** A trial's window of 10 s: memory and the rate of CPU as functions of the time in it. */
function windowOf(mebibytes: (s: number) => number, cores: (s: number) => number, thirds?: [number, number, number]) {
  let cpuSeconds = 5;
  const readings = Array.from({ length: 111 }, (_, i) => {
    const s = i / 10 - 0.5;
    cpuSeconds += cores(s) / 10;
    return [
      reading(10 + s, 'proc', { rssAnonBytes: mebibytes(s) * MIB }),
      reading(10 + s, 'cgroup', { cgroupCpuSeconds: cpuSeconds }),
    ];
  }).flat();
  return measuredTrial(readings, { work: { completed: 3000, ...(thirds === undefined ? {} : { thirds }) } });
}

test('a drift is the last third of the window over its first', () => {
  const steady = trialDrift(
    windowOf(
      (s) => 100 * (1 + 0.03 * s),
      () => 0.5,
      [1000, 1000, 1000],
    ),
  );
  assert.ok(Math.abs((steady.memory ?? 0) - (125 / 105 - 1)) < 0.003, String(steady.memory));
  assert.ok(Math.abs(steady.cpuPerRequest ?? 1) < 0.01, String(steady.cpuPerRequest));
  // A tenth more requests and CPU in the last third: a request costs what it did.
  const rising = windowOf(
    () => 100,
    (s) => (s < 20 / 3 ? 0.5 : 0.55),
    [1000, 1000, 1100],
  );
  assert.ok(Math.abs(trialDrift(rising).cpuPerRequest ?? 1) < 0.01);
  assert.equal(trialDrift(rising).memory, 0);
  const dearer = windowOf(
    () => 100,
    (s) => (s < 10 / 3 ? 0.5 : s < 20 / 3 ? 0.6 : 0.7),
    [1000, 1000, 1000],
  );
  assert.ok(Math.abs((trialDrift(dearer).cpuPerRequest ?? 0) - 0.4) < 0.02);
});

test('thirds under unequal load do not compare: bursts of 600 ms in thirds of 1 s', () => {
  const bursts = windowOf(
    () => 100,
    () => 0.5,
    [437, 541, 536],
  );
  assert.deepEqual(trialDrift(bursts), { memory: undefined, cpuPerRequest: undefined });
});

test('what the generator does not tell, and a run from start to end, has no drift of CPU', () => {
  const untold = windowOf(
    () => 100,
    () => 1,
  );
  assert.equal(trialDrift(untold).cpuPerRequest, undefined);
  const run = { ...untold, record: { ...untold.record, work: { ...untold.record.work, unit: 'run' as const } } };
  assert.deepEqual(trialDrift(run as typeof untold), { memory: undefined, cpuPerRequest: undefined });
});

/** Warnings of a run in whose cells memory rises within the window by these shares of its level at the start. */
async function warningsWith(rises: Readonly<Record<string, number>>, blocks = 8): Promise<readonly Warning[]> {
  const run = syntheticRun({ gogc: [50, 100, 400], blocks });
  const trials = run.trials().map(({ record, readings }) => {
    const { startSeconds, endSeconds } = record.window as { startSeconds: number; endSeconds: number };
    const rise = rises[record.cell] ?? 0;
    return {
      record,
      readings: [...(readings as Iterable<Reading>)].map((one) => {
        const factor = 1 + (rise * (one.at - startSeconds)) / (endSeconds - startSeconds);
        const { rssAnonBytes } = one.v;
        return rssAnonBytes === undefined ? one : { ...one, v: { ...one.v, rssAnonBytes: rssAnonBytes * factor } };
      }),
    };
  });
  return (await analyse({ manifest: run.manifest, trials })).warnings;
}

test('memory that rises in common over a cell’s trials is found, and so is that it does so at one GOGC alone', async () => {
  const warnings = await warningsWith({ 'gogc=400': 0.1 });
  const about = (code: string) => warnings.filter((one) => one.code === code).map(({ cell, metric }) => [cell, metric]);
  assert.deepEqual(about('cell-drifts'), [['gogc=400', 'memory.anon']]);
  assert.deepEqual(about('drift-differs'), [['gogc=400', 'memory.anon']]);
  const [found] = warnings.filter(({ code }) => code === 'cell-drifts');
  assert.match(
    found?.message ?? '',
    /^anonymous memory rises during the window: by \+[5-8]\.\d+ % \(.* interval\) from the first to the last third, over 8 trials; /,
  );
});

test('a rise that all cells have in common is told of each, but sets none apart from the baseline', async () => {
  const warnings = await warningsWith({ 'gogc=50': 0.1, 'gogc=100': 0.1, 'gogc=100 (A/A)': 0.1, 'gogc=400': 0.1 });
  assert.equal(warnings.filter(({ code }) => code === 'cell-drifts').length, 4);
  assert.equal(warnings.filter(({ code }) => code === 'drift-differs').length, 0);
});

test('level cells, and drifts under one per cent, are not told', async () => {
  const codes = ['cell-drifts', 'drift-differs'];
  assert.deepEqual(
    (await warningsWith({})).filter(({ code }) => codes.includes(code)),
    [],
  );
  const slight = await warningsWith({ 'gogc=400': 0.008 });
  assert.deepEqual(
    slight.filter(({ code }) => codes.includes(code)),
    [],
  );
});
