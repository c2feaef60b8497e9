import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkloadSpec } from '../../src/experiment/experiment.ts';
import { makeWorkload } from '../../src/workload/make-workload.ts';
import { httpSpec } from './support/http-spec.ts';
import { kuboSpec, sized } from './support/kubo-spec.ts';

const nowhere = { address: undefined, seed: 1, cpuset: undefined };
const signal = new AbortController().signal;

const unloaded: readonly [WorkloadSpec, string, number][] = [
  [{ kind: 'batch', args: [], withinSeconds: 1 }, 'run', 1],
  [{ kind: 'idle' }, 'none', 0],
];
for (const [spec, unit, count] of unloaded) {
  test(`${spec.kind} work is ${count} of unit ${unit}, without latency or errors`, async () => {
    await using load = await makeWorkload(spec).start(nowhere, signal);
    assert.equal(load.preload, undefined);
    await load.begin();
    await load.openWindow();
    const { windowSeconds, ...work } = await load.closeWindow(0);
    assert.ok(windowSeconds >= 0);
    assert.deepEqual(work, {
      unit,
      intended: count,
      completed: count,
      dropped: 0,
      errors: {},
      lateness: { p99Seconds: 0, maxSeconds: 0 },
      latency: undefined,
    });
  });
}

test('load on a target without a port is refused', async () => {
  for (const spec of [httpSpec(), kuboSpec([{ kind: 'dag-put', size: sized(10) }])]) {
    await assert.rejects(makeWorkload(spec).start(nowhere, signal), /serves a port/);
  }
});
