import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expectedSeconds } from '../../src/experiment/plan/estimate-time.ts';
import type { Experiment } from '../../src/experiment/experiment.ts';
import { makePlan } from '../../src/experiment/plan/make-plan.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';
import { primaryContrasts, reachability } from '../../src/experiment/plan/reachability.ts';
import { demoFile } from './demo-file.ts';

function demo(more: Partial<Experiment> = {}): Experiment {
  const parsed = parseExperiment(demoFile, 'demo.yaml', { directory: '/x' });
  if ('experiment' in parsed) return { ...parsed.experiment, ...more };
  throw new Error('the demo file has a fault');
}

describe('what a plan can show', () => {
  test('contrasts are levels without the baseline × workloads × primaries', () => {
    const experiment = demo({
      matrix: { gogc: [25, 50, 100, 200], gomemlimit: ['off', 2 ** 26], workload: ['steady', 'again'] },
      primaries: ['memory.anon', 'cpu.per_request', 'latency.p99'],
    });
    assert.equal(primaryContrasts(experiment, makePlan(experiment, 1)), 7 * 2 * 3);
  });

  const warned = (experiment: Experiment): string[] =>
    reachability(experiment, makePlan(experiment, 1)).map((warning) => `${warning.code}: ${warning.message}`);

  test('a plan that can show what it is for has no warnings', () => {
    assert.deepEqual(warned(demo({ blocks: 7 })), []);
  });

  test('the blocks that an interval takes can show any number of contrasts', () => {
    assert.deepEqual(warned(demo({ blocks: 6 })), []);
    assert.deepEqual(warned(demo({ blocks: 5 })), [
      'interval-not-attainable: 5 blocks cannot give 95 % intervals or show any difference: that needs 6, whatever the number of contrasts',
    ]);
    assert.deepEqual(warned(demo({ blocks: 1, confidence: 0.5, primaries: ['memory.anon'] })), [
      'interval-not-attainable: 1 block cannot give 50 % intervals or show any difference: that needs 2, whatever the number of contrasts',
    ]);
  });

  test('nothing to compare', () => {
    const matrix = { gogc: [100], gomemlimit: ['off'], workload: ['steady'] } as const;
    assert.deepEqual(warned(demo({ matrix })), [
      'nothing-to-compare: the matrix has only the baseline level: the run can only show the noise of this machine',
    ]);
  });

  test('a window that cuts bursts', () => {
    const steady = demo().workloads['steady'];
    assert.ok(steady?.kind === 'http');
    const rate = { kind: 'bursty', basePerSecond: 1, peakPerSecond: 2, everySeconds: 0.4, forSeconds: 0.1 } as const;
    const bursty = (measureSeconds: number): Experiment =>
      demo({ blocks: 7, workloads: { steady: { ...steady, rate } }, phases: { ...demo().phases, measureSeconds } });
    assert.deepEqual(warned(bursty(3)), [
      'window-cuts-burst: the window of 3 s is not a multiple of the burst period of steady, 0.4 s',
    ]);
    assert.deepEqual(warned(bursty(2.8)), []);
    assert.equal(warned(bursty(0.1)).length, 1);
  });
});

describe('how long a plan takes', () => {
  test('a daemon: warm-up, settling, window and overhead of every trial', () => {
    const experiment = demo({ blocks: 2 });
    const plan = makePlan(experiment, 1);
    assert.equal(plan.trials.length, 6);
    // 1 s warm-up, 3 s window, 0.5 s overhead.
    assert.equal(expectedSeconds(experiment, plan, 0.5), 6 * 4.5);
  });

  test('a batch: its run, which no phase belongs to', () => {
    const batch = { kind: 'batch', args: [], withinSeconds: 10 } as const;
    const experiment = demo({ blocks: 2, workloads: { steady: batch } });
    const plan = makePlan(experiment, 1);
    assert.equal(expectedSeconds(experiment, plan, 0.5, 1.5), 6 * 2);
    assert.equal(expectedSeconds(experiment, plan, 0.5, 99), 6 * 10.5);
  });
});
