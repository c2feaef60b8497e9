import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { V1Pod } from '@kubernetes/client-node';
import { EnvironmentError } from '../../src/errors.ts';
import type { Cluster } from '../../src/kubernetes/cluster.ts';
import { ORDER_VARIABLE, writeOrder } from '../../src/kubernetes/order.ts';
import { PodReader } from '../../src/kubernetes/pod-reader.ts';
import { readSum, sumOf, type ResultSum } from '../../src/kubernetes/result-lines.ts';
import { gctune } from '../e2e/gctune.ts';

const run = promisify(execFile);

let folder = '';
/** What a harness printed, line by line, and the sum of its result. */
let printed: readonly string[] = [];
let sum: ResultSum | undefined;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gctune-reader-'));
  const order = writeOrder({
    text: `name: read
target: { simulated: { live: 20MiB } }
runner: simulated
matrix: { gogc: [25, 100] }
workloads: { steady: { http: { path: /, rate: 500/s } } }
phases: { warmup: 1s, measure: 5s }
`,
    seed: 7,
    of: 1,
    blocks: [1],
    filter: [],
    cpus: { harness: 1 },
    nodeNames: false,
    // Announces that it holds, and is gone at once.
    hold: { seconds: 0, aboveBytes: 0 },
  });
  const message = join(folder, 'message');
  const { code, stdout, stderr } = await gctune(['harness', '--results', folder, '--message', message], {
    env: { [ORDER_VARIABLE]: order, JOB_COMPLETION_INDEX: '0' },
  });
  assert.equal(code, 0, stderr);
  printed = stdout.trim().split('\n');
  sum = readSum(await readFile(message, 'utf8'));
  assert.ok(sum !== undefined && sum.pieces >= 3);
});
after(() => rm(folder, { recursive: true, force: true }));

const HARNESS = { name: 'harness', image: '', imageID: '', ready: true, restartCount: 0 };
const running: V1Pod = {
  metadata: { name: 'p' },
  spec: { nodeName: 'n', containers: [] },
  status: {
    phase: 'Running',
    containerStatuses: [{ ...HARNESS, state: { running: {} } }],
  },
};

function ended(exitCode: number, message: string): V1Pod {
  return {
    metadata: { name: 'p' },
    spec: { nodeName: 'n', containers: [] },
    status: {
      phase: exitCode === 0 ? 'Succeeded' : 'Failed',
      containerStatuses: [{ ...HARNESS, state: { terminated: { exitCode, message } } }],
    },
  };
}

/** A pod whose log is what a node kept of it, and in which programs run as they do in a pod. */
class Node {
  /** What each look at the log gives. */
  readonly logs: (readonly string[])[];
  readonly execs: string[][] = [];
  /** Why no program is run. */
  refusal: string | undefined;

  constructor(...logs: readonly (readonly string[])[]) {
    this.logs = [...logs];
  }

  reader(mayExec: boolean): PodReader {
    const cluster: Pick<Cluster, 'log' | 'exec'> = {
      log: () => Promise.resolve(`${((this.logs.length > 1 ? this.logs.shift() : this.logs[0]) ?? []).join('\n')}\n`),
      exec: async (_pod, _container, [program = '', ...args]) => {
        if (this.refusal !== undefined) throw new EnvironmentError('cluster-refused', this.refusal);
        this.execs.push(args.slice(args.indexOf('harness')));
        return (await run(program, [...args, '--results', folder], { maxBuffer: 2 ** 26 })).stdout;
      },
    };
    return new PodReader(cluster as Cluster, running, { mayExec, onEvent: () => {} });
  }
}

const isPiece = (number: number) => (line: string) => line.startsWith(`gctune-result ${number}/`);

test('a result that is read in parts, and the end again, is delivered once all of it is there', async () => {
  const half = Math.floor(printed.length / 2);
  const reader = new Node(printed.slice(0, half), printed.slice(half - 1)).reader(false);
  assert.equal(await reader.look(running), undefined);
  const delivered = await reader.look(running);
  assert.deepEqual(delivered && sumOf(delivered.packed), sum);
  assert.equal(delivered?.node, 'n');
});

test('pieces that a rotated log has lost are asked for in the pod, which may then go', async () => {
  // As a driver finds it that was not there from the beginning.
  const rotated = printed.filter((line) => !isPiece(2)(line) && !line.startsWith('gctune-event 1 '));
  const node = new Node(rotated);
  const delivered = await node.reader(true).look(running);
  assert.deepEqual(delivered && sumOf(delivered.packed), sum);
  assert.deepEqual(node.execs, [
    ['harness', '--send', '2'],
    ['harness', '--release'],
  ]);
});

test('what cannot be asked for any more is named with its reason', async () => {
  const rotated = printed.filter((line) => !isPiece(2)(line) && !isPiece(3)(line));
  const message = JSON.stringify(sum);
  const without = new Node(rotated).reader(false);
  assert.equal(await without.look(running), undefined);
  assert.equal(without.cut, undefined, 'while it runs the rest may come');
  assert.equal(await without.look(ended(0, message)), undefined);
  assert.match(
    without.cut ?? '',
    /^its log has lost 2 of \d+ pieces of the result: .*containerLogMaxSize.*pods\/exec are missing/,
  );
  const node = new Node(rotated);
  node.refusal = 'the cluster did not run a program in a pod (500): no route to the node';
  const refused = node.reader(true);
  assert.equal(await refused.look(running), undefined);
  assert.equal(await refused.look(ended(0, message)), undefined);
  assert.match(refused.cut ?? '', /^its log has lost 2 of .*, and asking for them failed: .*no route to the node$/);
  const silent = new Node([]).reader(true);
  assert.equal(await silent.look(ended(0, '')), undefined);
  assert.equal(silent.cut, 'its result was never printed');
});

test('after its end a pod is read as a whole, also where its block was useless; one that failed gives nothing', async () => {
  for (const code of [0, 42]) {
    const delivered = await new Node(printed).reader(true).look(ended(code, JSON.stringify(sum)));
    assert.deepEqual(delivered && sumOf(delivered.packed), sum, String(code));
  }
  const failed = new Node(printed).reader(true);
  assert.equal(await failed.look(ended(3, '')), undefined);
  assert.equal(failed.cut, undefined);
});
