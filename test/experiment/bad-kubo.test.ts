import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatDiagnostic } from '../../src/text/format-diagnostic.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';
import { edited } from './demo-file.ts';

/** One fault put into the demo file, and all that is said about it. Lines that are indented are hints. */
interface Case {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly says: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: 'a module without version',
    from: 'package: ./daemon',
    to: 'module: github.com/ipfs/kubo/cmd/ipfs',
    says: [
      'f.yaml:3:11: target.module: "github.com/ipfs/kubo/cmd/ipfs" is not a Go package at a version [bad-module]',
      '  write its import path, @ and a version: github.com/ipfs/kubo/cmd/ipfs@v0.42.0',
    ],
  },
  {
    name: 'a module that is no import path',
    from: 'package: ./daemon',
    to: 'module: kubo@v1.0.0',
    says: [
      'f.yaml:3:11: target.module: "kubo@v1.0.0" is not a Go package at a version [bad-module]',
      '  write its import path, @ and a version: github.com/ipfs/kubo/cmd/ipfs@v0.42.0',
    ],
  },
  {
    name: 'replaced modules of a package',
    from: 'package: ./daemon',
    to: 'package: ./daemon\n  replace: { a.org/b: ../b }',
    says: [
      'f.yaml:4:3: target.replace: dependencies can be replaced only for a module; a package has its own go.mod [unused-key]',
      '  remove replace',
    ],
  },
  {
    name: 'the target as an argument of a step',
    from: 'package: ./daemon',
    to: "package: ./daemon\n  prepare: [{ run: [echo, '{target}'] }]",
    says: [
      'f.yaml:4:27: target.prepare[0].run[1]: {target} can only be the program of a step [bad-placeholder]',
      '  write it first: run: ["{target}", init]',
    ],
  },
  {
    name: 'no operation',
    from: '    http:\n      path: /work\n      rate: 200/s\n',
    to: '    kubo:\n      operations: []\n      rate: 20/s\n',
    says: [
      'f.yaml:15:19: workloads.steady.kubo.operations: the list is empty [empty-list]',
      '  for example operations: [{"add": {"size": "256KiB"}}, {"cat": {}, "weight": 3}]',
    ],
  },
  {
    name: 'an unknown operation',
    from: '    http:\n      path: /work\n      rate: 200/s\n',
    to: '    kubo:\n      operations: [{ ad: { size: 4KiB } }]\n      rate: 20/s\n',
    says: ['f.yaml:15:22: workloads.steady.kubo.operations[0].ad: unknown key [unknown-key]', '  did you mean add?'],
  },
  {
    name: 'two operations in one',
    from: '    http:\n      path: /work\n      rate: 200/s\n',
    to: '    kubo:\n      operations: [{ add: { size: 4KiB }, pin: {} }]\n      rate: 20/s\n',
    says: [
      'f.yaml:15:43: workloads.steady.kubo.operations[0].pin: add and pin exclude each other [too-many-keys]',
      '  keep one of add, cat, block_get, dag_put, mfs_write, pin, connect or exchange',
    ],
  },
  {
    name: 'a range of sizes the wrong way round',
    from: '    http:\n      path: /work\n      rate: 200/s\n',
    to: '    kubo:\n      operations: [{ add: { size: { from: 1MiB, to: 4KiB } } }]\n      rate: 20/s\n',
    says: [
      'f.yaml:15:53: workloads.steady.kubo.operations[0].add.size.to: it is less than “from” [bad-range]',
      '  swap the two',
    ],
  },
  {
    name: 'a file that fits no memory',
    from: '    http:\n      path: /work\n      rate: 200/s\n',
    to: '    kubo:\n      operations: [{ add: { size: 4GiB } }]\n      rate: 20/s\n',
    says: [
      'f.yaml:15:35: workloads.steady.kubo.operations[0].add.size: the load generator holds each file in memory, and 4GiB is too much [bad-size]',
      '  write at most 256MiB',
    ],
  },
  {
    name: 'reading what nobody added',
    from: '    http:\n      path: /work\n      rate: 200/s\n',
    to: '    kubo:\n      operations: [{ cat: {} }]\n      rate: 20/s\n',
    says: [
      'f.yaml:15:22: workloads.steady.kubo.operations[0].cat: there is no file for it: the preload does not add one first [no-files]',
      '  add to the preload: {add: {size: 256KiB}, count: 100}',
    ],
  },
  {
    name: 'pinning before anything was added',
    from: '    http:\n      path: /work\n      rate: 200/s\n',
    to: '    kubo:\n      operations: [{ add: { size: 4KiB } }]\n      rate: 20/s\n      preload: [{ pin: {}, count: 3 }, { add: { size: 4KiB }, count: 3 }]\n',
    says: [
      'f.yaml:17:19: workloads.steady.kubo.preload[0].pin: there is no file for it: the preload does not add one first [no-files]',
      '  add to the preload: {add: {size: 256KiB}, count: 100}',
    ],
  },
  {
    name: 'too many addresses',
    from: '    http:\n      path: /work\n      rate: 200/s\n',
    to: '    kubo:\n      operations: [{ connect: { addresses: 65 } }]\n      rate: 20/s\n',
    says: [
      'f.yaml:15:44: workloads.steady.kubo.operations[0].connect.addresses: 65 is too large [bad-number]',
      '  write a whole number from 1 to 64',
    ],
  },
  {
    name: 'an unknown transport',
    from: '    http:\n      path: /work\n      rate: 200/s\n',
    to: '    kubo:\n      operations: [{ connect: { transport: quic } }]\n      rate: 20/s\n',
    says: [
      'f.yaml:15:44: workloads.steady.kubo.operations[0].connect.transport: "quic" is not a known value [bad-choice]',
      '  it is one of tcp, udp',
    ],
  },
  {
    name: 'an exchange without a second node',
    from: '    http:\n      path: /work\n      rate: 200/s\n',
    to: '    kubo:\n      operations: [{ exchange: { size: 4KiB } }]\n      rate: 20/s\n',
    says: [
      'f.yaml:15:22: workloads.steady.kubo.operations[0].exchange: there is no second node to exchange blocks with [no-second-node]',
      '  add a kubo node at top level: services: { peer: { module: …, args: [daemon], port: 5001, … } }',
    ],
  },
  {
    name: 'a preload without a number',
    from: '    http:\n      path: /work\n      rate: 200/s\n',
    to: '    kubo:\n      operations: [{ add: { size: 4KiB } }]\n      rate: 20/s\n      preload: [{ add: { size: 4KiB } }]\n',
    says: [
      'f.yaml:17:7: workloads.steady.kubo.preload[0]: the key "count" is missing [missing-key]',
      '  for example count: 4000',
    ],
  },
  {
    name: 'a burst that is none',
    from: '    http:\n      path: /work\n      rate: 200/s\n',
    to: '    kubo:\n      operations: [{ add: { size: 4KiB } }]\n      rate: { base: 20/s, peak: 10/s, every: 1s, for: 2s }\n',
    says: [
      'f.yaml:16:33: workloads.steady.kubo.rate.peak: the peak of 10/s is below the base of 20/s [bad-burst]',
      '  swap the two',
      'f.yaml:16:55: workloads.steady.kubo.rate.for: a burst of 2 s does not fit into 1 s [bad-burst]',
      '  make it at most as long as every',
    ],
  },
];

describe('bad input: modules, preparation and kubo', () => {
  for (const { name, from, to, says } of CASES) {
    test(name, () => {
      const parsed = parseExperiment(edited(from, to), 'f.yaml', { directory: '/x' });
      const said =
        'diagnostics' in parsed ? parsed.diagnostics.flatMap((one) => formatDiagnostic(one).split('\n')) : [];
      assert.deepEqual(said, says);
    });
  }
});

test('a kubo workload is read with its units, and a module with its version', () => {
  const text = edited(
    'package: ./daemon',
    'module: github.com/ipfs/kubo/cmd/ipfs@v0.42.0\n  replace: { a.org/b: ../b, a.org/c: a.org/d@v1.0.0 }\n  env: { IPFS_PATH: "{data}" }',
  ).replace(
    '    http:\n      path: /work\n',
    '    kubo:\n      operations: [{ connect: {}, weight: 2 }, { cat: {} }]\n      preload: [{ add: { size: { from: 4KiB, to: 1MiB } }, count: 7 }]\n',
  );
  const parsed = parseExperiment(text, 'f.yaml', { directory: '/x' });
  assert.ok('experiment' in parsed, JSON.stringify(parsed));
  const { target, workloads } = parsed.experiment;
  assert.deepEqual(target.source, {
    kind: 'module',
    package: 'github.com/ipfs/kubo/cmd/ipfs',
    version: 'v0.42.0',
    replaces: [
      { from: 'a.org/b', to: '/b' },
      { from: 'a.org/c', to: 'a.org/d@v1.0.0' },
    ],
    flags: [],
  });
  assert.equal(target.data, true);
  assert.deepEqual(workloads['steady'], {
    kind: 'kubo',
    operations: [
      { operation: { kind: 'connect', addresses: 8, transport: 'tcp' }, weight: 2 },
      { operation: { kind: 'cat' }, weight: 1 },
    ],
    rate: { kind: 'constant', perSecond: 200 },
    arrivals: 'uniform',
    timeoutSeconds: 5,
    connections: 256,
    preload: [{ operation: { kind: 'add', size: { leastBytes: 4096, mostBytes: 2 ** 20 }, pin: false }, count: 7 }],
  });
});
