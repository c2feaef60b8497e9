import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gogcGoal } from '../../src/go/pacer.ts';
import { cycleCpuSeconds, heapGoal, runwayBytes } from '../../src/simulation/pacer.ts';
import { steadyState } from '../../src/simulation/truth.ts';
import { simulatedExperiment } from './simulated-run.ts';

const MIB = 2 ** 20;

describe('the cost of the collector (the guide’s anchors: 10 MiB/s allocated, 100 MiB marked per CPU second)', () => {
  const { model } = simulatedExperiment(
    '{ live: 10MiB, roots: 1B, mark_rate: 100MiB/s, cycle_cost: 0s, alloc_per_request: 1MiB, cpu_per_request: 1ms }',
  );
  test('a cycle a second at GOGC=100: 20 MiB of heap and 10 % of a CPU', () => {
    const steady = steadyState(model, { gogc: 100, gomemlimit: 'off', gomaxprocs: 1 }, 10);
    assert.ok(Math.abs(steady.peakBytes - 20 * MIB) < 10);
    assert.ok(Math.abs(steady.gcCores - 0.1) < 1e-6);
  });
  test('a cycle every 2 s at GOGC=200: 30 MiB and 5 %', () => {
    const steady = steadyState(model, { gogc: 200, gomemlimit: 'off', gomaxprocs: 1 }, 10);
    assert.ok(Math.abs(steady.peakBytes - 30 * MIB) < 10);
    assert.ok(Math.abs(steady.gcCores - 0.05) < 1e-6);
  });
});

describe('the heap goal under GOMEMLIMIT', () => {
  const { model } = simulatedExperiment('{ live: 40MiB, off_heap: 6MiB, fragmentation: 0% }');
  test('the lower of the two counts, and with GOGC off the limit alone', () => {
    const limit = { gomemlimit: 106 * MIB, gomaxprocs: 1 };
    assert.equal(heapGoal(model, { gogc: 50, ...limit }, 40 * MIB), gogcGoal(40 * MIB, MIB, 50));
    assert.equal(heapGoal(model, { gogc: 400, ...limit }, 40 * MIB), 97 * MIB);
    assert.equal(heapGoal(model, { gogc: 'off', ...limit }, 40 * MIB), 97 * MIB);
  });
  test('a limit under what is live makes the collector take half of the CPUs, and the heap exceeds it', () => {
    const settings = { gogc: 100, gomemlimit: 30 * MIB, gomaxprocs: 2 } as const;
    const runway = runwayBytes(model, settings, 40 * MIB, 100 * MIB);
    assert.ok(Math.abs(((100 * MIB) / runway) * cycleCpuSeconds(model, 40 * MIB) - 1) < 1e-9);
    assert.ok(40 * MIB + runway > 30 * MIB);
  });
});
