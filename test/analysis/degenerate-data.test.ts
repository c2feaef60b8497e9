import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Analysis, Contrast } from '../../src/analysis/analysis.ts';
import { evaluateAssertions } from '../../src/analysis/assert/evaluate-assertions.ts';
import { compareRuns } from '../../src/analysis/compare/compare-runs.ts';
import { infer } from '../../src/analysis/inference/infer.ts';
import { recommend } from '../../src/analysis/recommend/recommend.ts';
import type { Limit } from '../../src/analysis/recommend/wishes.ts';
import type { MetricId } from '../../src/metrics/metrics.ts';
import { answerSentences } from '../../src/report/recommend/recommend-words.ts';
import { sampleRun } from '../fixtures/analysis/sample-run.ts';
import { altered, assertSound, coded, EVERY_WISH, SMALL } from './altered-run.ts';
import { cellOf, experimentOf, inputOf } from './recommend/simulated-sweep.ts';
import { assertFinite } from './walk.ts';

function contrast({ workloads }: Analysis, metric: MetricId, cell = 'gogc=50'): Contrast {
  return workloads[0]?.contrasts.find((one) => one.cell === cell && one.metric === metric) as Contrast;
}

test('constant data: intervals of no width, no p, no noise, nothing divided by zero, and it is said', async () => {
  const analysis = await altered({ ...SMALL, inside: 'prometheus' }, ({ at, v, probe }) => {
    const late = at < 8 ? 0 : 1;
    if (probe === 'proc')
      return { rssBytes: 1e8, rssAnonBytes: 9e7, rssFileBytes: 1e7, peakRssBytes: 1.1e8, swapBytes: 0 };
    if (probe === 'cgroup')
      return { cgroupAnonBytes: 9e7, cgroupCpuSeconds: 1 + 2 * late, periods: 1, throttledPeriods: 0 };
    const cpu = { numGc: 1 + 40 * late, gcCpuSeconds: 1 + late, classesTotalCpuSeconds: 10 + 10 * late };
    return { ...v, ...cpu, heapAllocBytes: 5e7, heapInuseBytes: 5e7, totalAllocBytes: 1e6 * (1 + late) };
  });
  for (const metric of ['memory.anon', 'cpu.per_request', 'gc.cpu_window'] as const) {
    const { difference, ratio, p, adjustedP, rankBiserial } = contrast(analysis, metric);
    assert.deepEqual([difference.value, difference.low, difference.high], [0, 0, 0], metric);
    assert.deepEqual([ratio?.value, ratio?.low, ratio?.high], [1, 1, 1], metric);
    assert.deepEqual([p, adjustedP, rankBiserial], [null, null, null], metric);
  }
  const [workload] = analysis.workloads;
  const noise = workload?.noise.find(({ metric }) => metric === 'memory.anon');
  assert.deepEqual([noise?.sd, noise?.relativeSd, noise?.detectable, noise?.relativeDetectable], [0, 0, 0, 0]);
  assert.deepEqual(
    workload?.omnibus?.map(({ statistic, p }) => [statistic, p]),
    [
      [null, null],
      [null, null],
    ],
  );
  assert.ok(workload?.model?.laws.every(({ slope }) => Math.abs(slope.value) < 1e-6));
  assert.equal(analysis.recommendation?.chosen?.label, 'GOGC=100');
  assert.deepEqual(
    coded(analysis, 'constant-values').map(({ metric, cell, message }) => [
      metric,
      cell,
      /^\S+ has the same value in all 28 trials of all cells/.test(message),
    ]),
    [
      ['memory.anon', 'gogc=100', true],
      ['cpu.per_request', 'gogc=100', true],
    ],
  );
  assert.ok(
    compareRuns(analysis, analysis, { margin: 0 }).cells.every(
      ({ metrics }) => metrics[0]?.reason === 'all values of both runs are equal',
    ),
  );
  await assertSound(analysis, ['constant-values']);
});

test('cells that are constant but not alike have the p of their blocks, and a law without scatter', () => {
  const values = (memory: number, cpu: number): Partial<Record<MetricId, number[]>> => ({
    'memory.anon': Array<number>(6).fill(memory),
    'cpu.per_request': Array<number>(6).fill(cpu),
  });
  const cells = [
    cellOf(50, 'level', values(150, 3)),
    cellOf(100, 'level', values(200, 2)),
    cellOf(200, 'level', values(300, 1.5)),
    cellOf(100, 'a-a', values(200, 2)),
  ];
  const { manifest } = sampleRun();
  const [found] = infer(manifest, [{ workload: 'steady', description: '', unit: 'request', cells }]);
  assertFinite(found);
  const memory = found?.contrasts.find(({ cell, metric }) => cell === 'gogc=50' && metric === 'memory.anon');
  assert.deepEqual([memory?.difference.low, memory?.difference.high, memory?.p], [-50, -50, 2 / 64]);
  assert.equal(found?.front?.cells.filter(({ member }) => member).length, 3);
  const law = found?.model?.laws.find(({ kind }) => kind === 'memory');
  assert.ok(Math.abs((law?.intercept.value ?? 0) - 100) < 1e-9 && Math.abs((law?.slope.value ?? 0) - 100) < 1e-9);
  for (const wishes of EVERY_WISH) assertFinite(recommend({ run: manifest, workloads: found ? [found] : [] }, wishes));
});

test('a baseline of zero has no ratio, and each output says why', async () => {
  const idle = await altered(SMALL, ({ v }, record) =>
    record.cell.startsWith('gogc=100') && v.cgroupCpuSeconds !== undefined ? { ...v, cgroupCpuSeconds: 1 } : undefined,
  );
  assert.equal(contrast(idle, 'cpu.per_request').ratio, undefined);
  assert.match(
    coded(idle, 'no-ratio').find(({ cell }) => cell === 'gogc=100')?.message ?? '',
    /^no ratio or percentage change can be computed for .*cpu\.per_request: not every trial has a value above zero$/,
  );
  const said = answerSentences(recommend(idle)).join(' ');
  assert.match(said, /GOGC=50 \(steady: no percentage change in CPU per request: not all values are above zero\)/);
  const { results } = evaluateAssertions(
    [
      {
        metric: 'cpu.per_request',
        cell: 'gogc=50',
        kind: 'change',
        min: undefined,
        max: { value: 0.05, written: '+5%' },
        level: 'error',
      },
    ],
    idle.workloads,
  );
  assert.deepEqual(
    results.map(({ state, reason }) => [state, reason]),
    [['failed', 'there is no percentage change: not all values are above zero']],
  );
  const compared = compareRuns(idle, idle, { margin: 0 }).warnings.filter(({ code }) => code === 'no-ratio');
  assert.deepEqual(
    compared.map(({ message }) => message.split(':').slice(0, 2).join(':')),
    ['steady: GOGC=100'],
  );
  await assertSound(idle, ['no-ratio', 'constant-values']);

  // The collector of the baseline never ran.
  const still = await altered(SMALL, ({ v }, { cell }) =>
    v.gcCpuFraction !== undefined && cell.startsWith('gogc=100') ? { ...v, gcCpuFraction: 0 } : undefined,
  );
  assert.equal(contrast(still, 'gc.cpu_window').ratio, undefined);
  assert.match(coded(still, 'no-ratio')[0]?.message ?? '', /for gc\.cpu_window, .*above zero/);
  await assertSound(still, ['no-ratio']);
});

test('a workload that is missing at one level is named, and the level is not recommended', async () => {
  const analysis = await altered(
    {
      gogc: [50, 100],
      blocks: 6,
      workloads: { steady: 'http', other: 'http' },
      outcomes: ({ cell }) => (cell === 'gogc=50 workload=other' ? [] : [{ kind: 'completed' }]),
    },
    () => undefined,
  );
  assert.deepEqual(
    coded(analysis, 'no-trials').map(({ cell }) => cell),
    ['gogc=50 workload=other'],
  );
  assert.equal(analysis.recommendation?.refusal?.code, 'cells-invalid');
  assert.match(answerSentences(recommend(analysis)).join(' '), /GOGC=50 \(left out: other: /);
  await assertSound(analysis, ['no-trials']);
});

test('limits that no setting meets together are refused by name', () => {
  const spread = (value: number): number[] => Array.from({ length: 8 }, (_, i) => value * (1 + i / 1000));
  const cells = (
    [
      [50, 0.8, 1.2],
      [100, 1, 1],
      [200, 1.5, 0.9],
    ] as const
  ).map(([gogc, memory, cpu]) =>
    cellOf(gogc, 'level', { 'memory.anon': spread(memory * 2 ** 27), 'cpu.per_request': spread(cpu / 1000) }),
  );
  const limits: readonly Limit[] = [
    { name: 'cpu', kind: 'change', most: -0.05 },
    { name: 'memory', kind: 'change', most: -0.1 },
  ];
  assert.deepEqual(experimentOf().primaries, ['memory.anon', 'cpu.per_request']);
  const answer = recommend(inputOf(cells), { limits, price: undefined });
  assert.equal(answer.refusal?.code, 'limits-contradict');
  assert.deepEqual(
    [...new Set(answer.refusal?.obstacles.map(({ setting }) => setting))],
    ['GOGC=100', 'GOGC=50', 'GOGC=200'],
  );
  assert.match(answerSentences(answer).join(' '), /although each limit alone is met by some setting/);
  assertFinite(answer.refusal);
});
