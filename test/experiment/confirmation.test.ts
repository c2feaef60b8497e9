import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confirmationOf, isSpikeOf, secretsOfConfirmation, spikesOf } from '../../src/experiment/confirmation.ts';
import type { Experiment } from '../../src/experiment/experiment.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';

const MIB = 2 ** 20;

const TEXT = `name: shop
target: { binary: /bin/true, port: 8080, ready: { http: /, within: 5s } }
matrix: { gogc: [25, 50, 100], workload: [steady, bursty, nodes, nothing] }
baseline: { gogc: 100 }
workloads:
  steady: { http: { path: /, rate: 200/s, connections: 8, grow: [--live, 5MiB] } }
  bursty: { http: { path: /, rate: { base: 100/s, peak: 300/s, every: 2s, for: 500ms } } }
  nodes: { kubo: { operations: [{ add: { size: 256KiB } }], rate: 25/s, preload: [{ add: { size: 1MiB }, count: 10 }] } }
  nothing: { idle: }
blocks: { min: 6, max: 20, precision: 5% }
`;

function experiment(): Experiment {
  const parsed = parseExperiment(TEXT, 'shop.yaml', { directory: '/' });
  if ('diagnostics' in parsed) assert.fail(parsed.diagnostics.map(({ message }) => message).join('\n'));
  return parsed.experiment;
}

test('a limit is tried beside the same GOGC without it, under every load and under twice the load', () => {
  const made = confirmationOf(experiment(), { gogc: 50, gomemlimit: 'off', gomemlimitBytes: 460 * MIB, blocks: 6 });
  assert.equal(made.name, 'shop-confirm');
  assert.deepEqual(made.matrix, {
    gogc: [50],
    gomemlimit: ['off', 460 * MIB],
    workload: ['steady', 'steady-spike', 'bursty', 'bursty-spike', 'nodes', 'nodes-spike', 'nothing'],
  });
  assert.deepEqual(made.baseline, { gogc: 50, gomemlimit: 'off' });
  assert.deepEqual([made.blocks, made.adaptive, made.assert], [6, undefined, undefined]);
  const { steady, 'steady-spike': spike, 'bursty-spike': bursty, 'nodes-spike': nodes } = made.workloads;
  assert.deepEqual(steady, experiment().workloads['steady']);
  assert.ok(spike?.kind === 'http' && bursty?.kind === 'http' && nodes?.kind === 'kubo');
  assert.deepEqual([spike.rate, spike.connections], [{ kind: 'constant', perSecond: 400 }, 16]);
  assert.deepEqual(spike.args, ['--live', '5MiB']);
  assert.deepEqual(
    [bursty.rate, bursty.args],
    [{ kind: 'bursty', basePerSecond: 200, peakPerSecond: 600, everySeconds: 2, forSeconds: 0.5 }, undefined],
  );
  // A quarter more, rounded up.
  assert.deepEqual([nodes.rate, nodes.preload[0]?.count], [{ kind: 'constant', perSecond: 50 }, 13]);
});

test('without a limit the setting is tried beside the baseline', () => {
  const made = confirmationOf(experiment(), { gogc: 50, gomemlimit: 'off', gomemlimitBytes: undefined, blocks: 8 });
  assert.deepEqual([made.matrix.gogc, made.matrix.gomemlimit], [[50, 100], ['off']]);
  assert.deepEqual(made.baseline, { gogc: 100, gomemlimit: 'off' });
});

test('a spike never takes the name of a workload that there is', () => {
  const made = experiment();
  const taken = { ...made, workloads: { ...made.workloads, 'steady-spike': made.workloads['nothing'] as never } };
  assert.equal(spikesOf(taken).get('steady'), 'steady-spike-2');
  assert.equal(spikesOf(taken).get('nothing'), undefined);
  assert.deepEqual(
    ['steady-spike', 'steady-spike-2', 'steady', 'steady-spiked', 'other-spike'].map((name) =>
      isSpikeOf('steady', name),
    ),
    [true, true, false, false, false],
  );
});

test('a spike sends the secret header fields of its workload', () => {
  const path = ['workloads', 'steady', 'requests', 0, 'headers', 'Authorization'];
  const secrets = secretsOfConfirmation(
    { literals: [{ path, text: 'Bearer x' }], variables: [] },
    spikesOf(experiment()),
  );
  assert.deepEqual(
    secrets.literals.map((one) => one.path[1]),
    ['steady', 'steady-spike'],
  );
});
