import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cgroupFiguresOf } from '../../src/analysis/per-trial/cgroup-figures.ts';
import { measuredTrial, reading } from './measured-trial.ts';

test('page cache is a mean over the window, waits are shares of it, and events are counted per second', () => {
  const readings = [
    reading(10, 'cgroup', { cgroupFileBytes: 100, fileRefaults: 5, memoryPressureSeconds: 1, highEvents: 2 }),
    reading(20, 'cgroup', { cgroupFileBytes: 300, fileRefaults: 35, memoryPressureSeconds: 2, highEvents: 2 }),
  ];
  assert.deepEqual(cgroupFiguresOf(measuredTrial(readings)), {
    fileBytes: 200,
    fileRefaults: 3,
    anonRefaults: undefined,
    memoryPressure: 0.1,
    cpuPressure: undefined,
    highEvents: 0,
  });
});
