import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sharedCpus } from '../../src/commands/harness/note-cpus.ts';
import { ORDER_VARIABLE, writeOrder, type Order } from '../../src/kubernetes/order.ts';
import { unpackRun } from '../../src/kubernetes/pack-run.ts';
import { readSum, ResultReader } from '../../src/kubernetes/result-lines.ts';
import { openRun } from '../../src/results/run-folder.ts';
import { gctune, main } from '../e2e/gctune.ts';

const order: Order = {
  text: `name: harnessed
target: { simulated: { live: 20MiB } }
runner: simulated
matrix: { gogc: [25, 50, 100] }
workloads: { steady: { http: { path: /, rate: 500/s } } }
phases: { warmup: 1s, measure: 2s }
`,
  seed: 7,
  of: 5,
  blocks: [2, 5],
  filter: ['gogc=25'],
  cpus: { harness: 1 },
  nodeNames: false,
  hold: { seconds: 60, aboveBytes: 1e9 },
};

let folder = '';
before(async () => (folder = await mkdtemp(join(tmpdir(), 'gctune-harness-'))));
after(() => rm(folder, { recursive: true, force: true }));

function environmentOf(index: string, of = order): Record<string, string> {
  return { [ORDER_VARIABLE]: writeOrder(of), JOB_COMPLETION_INDEX: index, NODE_NAME: 'worker-1' };
}

function places(name: string): readonly string[] {
  return ['--results', join(folder, name), '--message', join(folder, `${name}.message`)];
}

test('a harness runs the block of its index, and what it prints is that part of the plan', async () => {
  const { code, stdout, stderr } = await gctune(['harness', ...places('a')], { env: environmentOf('1') });
  assert.equal(code, 0, stderr);
  const events: Readonly<Record<string, unknown>>[] = [];
  const reader = new ResultReader((event) => events.push(event));
  for (const line of stdout.trim().split('\n')) assert.ok(reader.line(line), line.slice(0, 100));
  const sum = readSum(await readFile(join(folder, 'a.message'), 'utf8'));
  assert.ok(sum);
  const result = reader.whole(sum);
  assert.ok(result);
  const copy = join(folder, 'copy');
  await unpackRun(result, copy, 0o644);
  const { manifest } = await openRun(copy);
  assert.deepEqual([manifest.shard?.number, manifest.shard?.of, manifest.plan.seed], [5, 5, 7]);
  // A digest of the node's name, not the name.
  assert.match(manifest.shard?.node ?? '', /^node-[0-9a-f]{6}$/);
  assert.deepEqual(
    manifest.plan.cells.map(({ id }) => id),
    ['gogc=25', 'gogc=100', 'gogc=100 (A/A)'],
  );
  assert.equal(typeof manifest.environment['cpusExclusive'], 'boolean');
  assert.deepEqual(
    events.map(({ type }) => type),
    ['pod', 'trial-ended', 'trial-ended', 'trial-ended', 'result'],
  );
  assert.ok(!stdout.includes('"hdr"'));
});

test('pieces are printed again, and a harness that holds its result goes when it is released', async () => {
  const held = { ...order, hold: { seconds: 60, aboveBytes: 0 } };
  const env = environmentOf('0', held);
  const child = spawn(process.execPath, [main, 'harness', ...places('b')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => void child.once('close', resolve));
  try {
    while (!existsSync(join(folder, 'b.message'))) await sleep(20);
    const sum = readSum(await readFile(join(folder, 'b.message'), 'utf8'));
    assert.ok(sum && sum.pieces >= 2);
    const one = await gctune(['harness', ...places('b'), '--send', '2']);
    const reader = new ResultReader();
    assert.ok(reader.line(one.stdout.trim()));
    assert.equal(reader.missing(sum)?.includes(2), false);
    assert.equal(child.exitCode, null);
    const rest = await gctune(['harness', ...places('b'), '--send', 'all', '--release']);
    for (const line of rest.stdout.trim().split('\n')) reader.line(line);
    assert.ok(reader.whole(sum));
    assert.equal(await ended, 0);
  } finally {
    child.kill('SIGKILL');
  }
});

test('a bad experiment ends a harness with 2, a block of which nothing can be used with 42 and its result', async () => {
  const bad = await gctune(['harness', ...places('c')], { env: environmentOf('0', { ...order, text: 'name: x\n' }) });
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /target/);
  const text = order.text
    .replace('{ live: 20MiB } }', '{ live: 20MiB } }\nlimits: { memory: 44MiB }')
    .replace('[25, 50, 100]', '[100, 200]');
  const oom = { ...order, filter: [], text };
  const useless = await gctune(['harness', ...places('d')], { env: environmentOf('0', oom) });
  assert.equal(useless.code, 42, useless.stderr);
  assert.ok(readSum(await readFile(join(folder, 'd.message'), 'utf8')));
  const nowhere = await gctune(['harness', ...places('e')], { env: environmentOf('7') });
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /JOB_COMPLETION_INDEX is "7", and the Job has 2 indexes/);
  const unordered = await gctune(['harness', ...places('e')]);
  assert.match(unordered.stderr, /GCTUNE_ORDER is not the order of a harness/);
});

test('containers have CPUs of their own where they have exactly those promised and no quota', () => {
  const own = { name: 'harness', promised: 2, allowed: 2, hasQuota: false } as const;
  assert.equal(sharedCpus([own, { ...own, name: 'target' }]), undefined);
  assert.match(
    sharedCpus([{ ...own, allowed: 8 }]) ?? '',
    /^shared CPUs: the harness asked for 2 and may run on 8 CPUs;/,
  );
  assert.match(
    sharedCpus([own, { ...own, name: 'target', hasQuota: true }]) ?? '',
    /the target asked for 2 and may run on 2 CPUs under a quota/,
  );
  assert.match(sharedCpus([{ ...own, allowed: undefined }]) ?? '', /unknown CPUs/);
});
