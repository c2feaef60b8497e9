import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse } from '../../../src/analysis/analyse.ts';
import type { Analysis } from '../../../src/analysis/analysis.ts';
import { compareRuns } from '../../../src/analysis/compare/compare-runs.ts';
import { differencesOf } from '../../../src/analysis/compare/differences.ts';
import type { ComparedMetric, RunComparison } from '../../../src/analysis/compare/run-comparison.ts';
import { comparedVerdict } from '../../../src/analysis/compare/compared-verdict.ts';
import type { MetricId } from '../../../src/metrics/metrics.ts';
import type { Estimate } from '../../../src/statistics/estimate.ts';
import { SMALL_SERVICE } from '../../fixtures/analysis/heap-model.ts';
import { syntheticRun, type SyntheticOptions } from '../../fixtures/analysis/synthetic-run.ts';

const MARGIN = { margin: 0 };
const QUIET: SyntheticOptions = { blocks: 10, noise: 0.01, gogc: [50, 100, 200] };
const dearer = (): typeof SMALL_SERVICE => ({ ...SMALL_SERVICE, requestSeconds: SMALL_SERVICE.requestSeconds * 1.1 });

async function analysisOf(options: SyntheticOptions): Promise<Analysis> {
  const run = syntheticRun(options);
  return analyse({ manifest: run.manifest, trials: run.trials() });
}

function found(comparison: RunComparison, label: string, metric: MetricId): ComparedMetric {
  const one = comparison.cells.find((cell) => cell.label === label)?.metrics.find((each) => each.metric === metric);
  assert.ok(one !== undefined, `${label} has no ${metric}`);
  return one;
}

describe('two runs', () => {
  test('a dearer request is found in every cell with its size, and memory is not said to have changed', async () => {
    const comparison = compareRuns(
      await analysisOf({ ...QUIET, seed: 1 }),
      await analysisOf({ ...QUIET, seed: 2, model: dearer }),
      MARGIN,
    );
    for (const label of ['GOGC=50', 'GOGC=100', 'GOGC=200']) {
      const cpu = found(comparison, label, 'cpu.per_request');
      assert.equal(cpu.verdict, 'worse', JSON.stringify(cpu));
      assert.equal(cpu.family, 'primary');
      assert.ok((cpu.ratio?.low as number) > 1.05 && (cpu.ratio?.high as number) < 1.12, JSON.stringify(cpu.ratio));
      assert.ok((cpu.adjustedP as number) >= (cpu.p as number));
      assert.ok(['not-shown', 'may-be-chance'].includes(found(comparison, label, 'memory.anon').verdict));
    }
    const mean = comparison.geometricMeans.find(({ metric }) => metric === 'cpu.per_request');
    assert.equal(mean?.cells, 3);
    assert.ok((mean?.ratio.low as number) > 1.05 && (mean?.ratio.high as number) < 1.12);
    assert.deepEqual(comparison.missing, []);
    assert.deepEqual(
      comparison.warnings.map(({ code }) => code),
      ['not-interleaved'],
    );
  });

  test('exchanged, the two give the other direction and the same p', async () => {
    const [a, b] = [await analysisOf({ ...QUIET, seed: 1 }), await analysisOf({ ...QUIET, seed: 2, model: dearer })];
    const [there, back] = [compareRuns(a, b, MARGIN), compareRuns(b, a, MARGIN)];
    const [one, other] = [found(there, 'GOGC=50', 'cpu.per_request'), found(back, 'GOGC=50', 'cpu.per_request')];
    assert.deepEqual([one.verdict, other.verdict], ['worse', 'better']);
    assert.ok(Math.abs((one.p as number) - (other.p as number)) < 1e-12);
    assert.ok(Math.abs((one.difference?.value as number) + (other.difference?.value as number)) < 1e-12);
  });

  test('of the same daemon almost nothing is claimed in a primary metric', async () => {
    let claims = 0;
    let made = 0;
    for (let seed = 10; seed < 30; seed += 2) {
      const comparison = compareRuns(
        await analysisOf({ ...QUIET, blocks: 6, seed }),
        await analysisOf({ ...QUIET, blocks: 6, seed: seed + 1 }),
        MARGIN,
      );
      for (const one of comparison.cells.flatMap(({ metrics }) => metrics)) {
        if (one.family !== 'primary') continue;
        made++;
        if (['better', 'worse'].includes(one.verdict)) claims++;
      }
    }
    assert.equal(made, 60);
    // Holm keeps each of the ten pairs of runs under 5 %, so that two claims are already rare.
    assert.ok(claims <= 2, `${claims} of ${made}`);
  });

  test('a margin takes small changes out', async () => {
    const [a, b] = [await analysisOf({ ...QUIET, seed: 1 }), await analysisOf({ ...QUIET, seed: 2, model: dearer })];
    const cpu = found(compareRuns(a, b, { margin: 0.2 }), 'GOGC=100', 'cpu.per_request');
    assert.deepEqual([cpu.verdict, cpu.reason], ['smaller-than-matters', 'within the margin']);
  });

  test('too few trials are named with the least n, and no change is claimed', async () => {
    const comparison = compareRuns(
      await analysisOf({ ...QUIET, blocks: 3, seed: 1 }),
      await analysisOf({ ...QUIET, blocks: 3, seed: 2, model: dearer }),
      MARGIN,
    );
    const cpu = found(comparison, 'GOGC=50', 'cpu.per_request');
    assert.equal(cpu.verdict, 'not-comparable');
    assert.equal(cpu.reason, 'interval not attainable with n = 3 and 3, needs 4 and 4');
  });

  test('a cell without trials, a level and a workload that only one run has are named', async () => {
    const base = await analysisOf({ ...QUIET, gogc: [50, 100, 200], workloads: { steady: 'http', rest: 'idle' } });
    const other = await analysisOf({
      ...QUIET,
      gogc: [25, 50, 100],
      workloads: { steady: 'http' },
      outcomes: ({ cell }) =>
        cell.startsWith('gogc=50')
          ? [{ kind: 'oom-killed', phase: 'measure', limitBytes: 1 }]
          : [{ kind: 'completed' }],
    });
    const comparison = compareRuns(base, other, MARGIN);
    assert.deepEqual(
      comparison.missing.map(({ workload, cell, in: where }) => `${workload} ${cell} ${where}`),
      ['steady GOGC=200 base', 'rest GOGC=50 base', 'rest GOGC=100 base', 'rest GOGC=200 base', 'steady GOGC=25 new'],
    );
    const cpu = found(comparison, 'GOGC=50', 'cpu.per_request');
    assert.deepEqual([cpu.verdict, cpu.reason], ['not-comparable', 'no trial of the new run has a value']);
    const codes = comparison.warnings.map(({ code }) => code);
    assert.ok(codes.includes('cell-missing') && codes.includes('trials-lost'), codes.join());
  });
});

describe('what differs', () => {
  const { manifest } = syntheticRun(QUIET);

  test('the artifact is expected to differ; nothing else does between two runs of one experiment', () => {
    const next = { ...manifest, artifact: { ...manifest.artifact, description: 'next', digest: 'sha256:next' } };
    const differences = differencesOf(manifest, next);
    assert.deepEqual(
      differences.map(({ what, kind }) => `${what} ${kind}`),
      ['artifact expected', 'artifact digest expected'],
    );
  });

  test('machine, Go, limits, phases and load are named, each with both values', () => {
    const { buildInfo } = manifest.artifact;
    const steady = manifest.experiment.workloads['steady'];
    assert.ok(steady?.kind === 'http');
    const other = {
      ...manifest,
      gomaxprocs: manifest.gomaxprocs + 1,
      artifact: { ...manifest.artifact, buildInfo: { ...buildInfo, goVersion: 'go1.99' } },
      environment: { ...manifest.environment, kernel: '9.9', loadAverage1: 77 },
      experiment: {
        ...manifest.experiment,
        phases: { ...manifest.experiment.phases, measureSeconds: 99 },
        limits: { ...manifest.experiment.limits, memoryBytes: 12 },
        workloads: { steady: { ...steady, rate: { kind: 'constant', perSecond: 7 } } },
      },
    } as typeof manifest;
    const differences = differencesOf(manifest, other);
    assert.ok(differences.every(({ kind }) => kind === 'drift'));
    const names = differences.map(({ what }) => what);
    for (const name of ['Go version', 'GOMAXPROCS', 'host: kernel', 'phases.measureSeconds', 'limits.memoryBytes']) {
      assert.ok(names.includes(name), `${name} of ${names.join()}`);
    }
    assert.ok(names.some((name) => name.startsWith('workloads.steady.rate')));
    assert.ok(!names.some((name) => name.includes('load') && name.startsWith('host')));
    const go = differences.find(({ what }) => what === 'Go version');
    assert.deepEqual([go?.base, go?.new], [buildInfo.goVersion, 'go1.99']);
  });

  test('machines of one kind whose memory differs by a little are alike', () => {
    const of = (memoryBytes: number): typeof manifest => ({ ...manifest, environment: { memoryBytes } });
    assert.deepEqual(differencesOf(of(100e9), of(100.5e9)), []);
    assert.equal(differencesOf(of(100e9), of(50e9))[0]?.what, 'host: memoryBytes');
  });
});

describe('a verdict', () => {
  const estimate = (value: number, low: number | null, high: number | null): Estimate => ({
    value,
    low,
    high,
    confidence: 0.95,
    method: 'test',
    n: 10,
    warnings: ['needs more'],
  });
  const clear = {
    metric: 'memory.anon',
    family: 'primary',
    base: estimate(100, 99, 101),
    new: estimate(110, 109, 111),
    difference: estimate(10, 9, 11),
    ratio: undefined,
    p: 0.001,
    adjustedP: 0.002,
    cliffsDelta: 0.9,
  } as const;
  const verdict = (change: object, better: 'lower' | 'higher' | 'neither' = 'lower', matters = 0): string =>
    comparedVerdict({ ...clear, ...change }, better, { confidence: 0.95, matters }).verdict;

  test('needs the interval, the adjusted p and the margin, each of them', () => {
    assert.equal(verdict({}), 'worse');
    assert.equal(verdict({}, 'higher'), 'better');
    assert.equal(verdict({}, 'neither'), 'changed');
    assert.equal(verdict({ difference: estimate(10, -1, 21) }), 'not-shown');
    assert.equal(verdict({ adjustedP: 0.06 }), 'may-be-chance');
    assert.equal(verdict({ adjustedP: 0.05 }), 'worse');
    assert.equal(verdict({}, 'lower', 0.1), 'smaller-than-matters');
    assert.equal(verdict({}, 'lower', 0.099), 'worse');
    assert.equal(verdict({ adjustedP: null, difference: estimate(0, 0, 0) }), 'not-shown');
    assert.equal(verdict({ difference: estimate(10, null, null) }), 'not-comparable');
    assert.equal(verdict({ difference: undefined, new: undefined }), 'not-comparable');
  });
});
