import assert from 'node:assert/strict';
import { test } from 'node:test';

import { windowedGcCpu } from '../../src/go/windowed-gc-cpu.ts';
import { assertClose } from '../statistics/close.ts';

test('the vector of the domain reference: F 0.010 at 100 s and 0.012 at 160 s make 0.0153333', () => {
  const fraction = windowedGcCpu(
    { gcCpuFraction: 0.01, uptimeSeconds: 100 },
    { gcCpuFraction: 0.012, uptimeSeconds: 160 },
  );
  assertClose(fraction as number, 0.92 / 60, 1e-12);
  // Neither the difference of the two nor the later one.
  assertClose(fraction as number, 0.0153333, 1e-5);
});

test('without a cycle between, or of two processes, there is no figure', () => {
  const edge = { gcCpuFraction: 0.01, uptimeSeconds: 100 };
  assert.equal(windowedGcCpu(edge, edge), undefined);
  assert.equal(windowedGcCpu(edge, { gcCpuFraction: 0.01, uptimeSeconds: 50 }), undefined);
  assert.equal(windowedGcCpu(edge, { gcCpuFraction: 0.0001, uptimeSeconds: 101 }), undefined);
  assert.equal(windowedGcCpu({ gcCpuFraction: 0, uptimeSeconds: -5 }, edge), undefined);
  assert.equal(windowedGcCpu({ gcCpuFraction: NaN, uptimeSeconds: 5 }, edge), undefined);
});
