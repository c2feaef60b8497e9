import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeWorkload, unitOfWork } from '../../src/analysis/finding/describe-workload.ts';
import type { KuboOperation, KuboWorkload } from '../../src/experiment/experiment.ts';

const size = { leastBytes: 262_144, mostBytes: 262_144 };

test('a kubo workload is described by its operations, their shares and its preload', () => {
  assert.equal(
    describeWorkload(workload([{ kind: 'add', size, pin: false }], 'uniform')),
    'kubo, add of 256 KiB, 25 requests/s, evenly spaced',
  );
  const preloaded: KuboWorkload = {
    ...workload(
      [{ kind: 'cat' }, { kind: 'add', size: { leastBytes: 4096, mostBytes: 1_048_576 }, pin: true }],
      'poisson',
    ),
    preload: [
      { operation: { kind: 'add', size, pin: false }, count: 100 },
      { operation: { kind: 'connect', addresses: 60, transport: 'udp' }, count: 4000 },
    ],
  };
  assert.equal(
    describeWorkload(preloaded),
    'kubo, 50.0 % cat and 50.0 % add of 4 KiB to 1 MiB, pinned, 25 requests/s, Poisson arrivals, after a preload of 100 × add of 256 KiB and 4000 × connect to a new peer with 60 UDP addresses',
  );
});

test('what figures are per is a request where requests are made', () => {
  assert.equal(unitOfWork(workload([{ kind: 'pin' }], 'uniform')), 'request');
  assert.equal(unitOfWork({ kind: 'batch', args: [], withinSeconds: 1 }), 'run');
  assert.equal(unitOfWork({ kind: 'idle' }), 'none');
  assert.equal(unitOfWork(undefined), 'none');
});

function workload(operations: readonly KuboOperation[], arrivals: KuboWorkload['arrivals']): KuboWorkload {
  return {
    kind: 'kubo',
    operations: operations.map((operation) => ({ operation, weight: 1 })),
    rate: { kind: 'constant', perSecond: 25 },
    arrivals,
    timeoutSeconds: 5,
    connections: 16,
    preload: [],
  };
}
