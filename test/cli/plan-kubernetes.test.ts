import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import type { V1Job } from '@kubernetes/client-node';
import { readOrder } from '../../src/kubernetes/order.ts';
import { program } from '../../src/program.ts';
import { fakeIo } from './fake-io.ts';

let folder = '';
before(async () => (folder = await mkdtemp(join(tmpdir(), 'gctune-plan-'))));
after(() => rm(folder, { recursive: true, force: true }));

async function plan(
  file: string,
  ...args: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  await writeFile(join(folder, 'f.yaml'), file);
  const io = fakeIo({ cwd: folder, env: { NO_COLOR: '1' } });
  return { code: await program(['plan', 'f.yaml', '--on', 'kubernetes', ...args], io), ...io.written };
}

const daemon = `name: daemon
target:
  image: registry.example/daemon:1
  container: { entrypoint: [/daemon] }
  port: 8080
  ready: { http: /healthz }
limits: { cpus: 2, memory: 512MiB }
matrix: { gogc: [50, 100] }
workloads: { steady: { http: { path: /, rate: 100/s } } }
seed: 3
blocks: 5
`;

test('plan --on kubernetes prints the Job that a run would create, with one index for each block', async () => {
  const { code, stdout, stderr } = await plan(daemon, '--nodes', '2', '--filter', 'gogc=50', '--namespace', 'x');
  assert.equal(code, 0, stderr);
  const { metadata, spec } = parse(stdout) as V1Job;
  assert.equal(metadata?.namespace, 'x');
  assert.equal(spec?.completions, 5);
  assert.equal(spec.parallelism, 2);
  const [, target] = spec.template.spec?.initContainers ?? [];
  assert.equal(target?.image, 'registry.example/daemon:1');
  assert.deepEqual(target.resources?.limits, { cpu: '2', memory: String(512 * 2 ** 20) });
  const [harness] = spec.template.spec?.containers ?? [];
  assert.deepEqual(
    { ...readOrder(harness?.env?.[0]?.value), text: '' },
    {
      text: '',
      seed: 3,
      of: 5,
      blocks: [1, 2, 3, 4, 5],
      filter: ['gogc=50'],
      cpus: { harness: 1, target: 2 },
      nodeNames: false,
      hold: { seconds: 120, aboveBytes: 8 * 2 ** 20 },
    },
  );
  assert.match(stderr, /^5 blocks, 2 at a time: about /);
  // Though there be but one node for all of them.
  const alone = parse((await plan(daemon, '--nodes', '1', '--filter', 'gogc=50')).stdout) as V1Job;
  assert.equal(spec.activeDeadlineSeconds, alone.spec?.activeDeadlineSeconds);
  const json = JSON.parse((await plan(daemon, '--json')).stdout) as V1Job;
  assert.deepEqual([json.kind, json.metadata?.namespace], ['Job', undefined]);
});

test('everything that keeps an experiment out of pods is named at once, each with what to do', async () => {
  const bad = daemon
    .replace('image: registry.example/daemon:1', 'image: d:1\n  env: { PASSWORD: hunter2, OTHER: "${TOKEN}" }')
    .replace('cpus: 2, memory: 512MiB', 'cpus: 1.5')
    .replace('blocks: 5', 'blocks: { precision: 5% }\nservices: { db: { image: "postgres:17" } }');
  const { code, stderr } = await plan(bad, '--node-selector', 'pool', '--toleration', 'a=b:c:d');
  assert.equal(code, 2);
  for (const expected of [
    /"pool" is not a label with its value/,
    /"a=b:c:d" is not a taint/,
    /the number of blocks is adaptive/,
    /the file holds secret values/,
    /the experiment needs \$\{TOKEN\}/,
    /services \(db\) are not started in pods/,
    /limits\.cpus is 1\.5: only whole CPUs/,
    /limits\.memory is not set/,
  ])
    assert.match(stderr, expected);
});

test('a program that the file does not give as an image is one of --target-image', async () => {
  const binary = daemon.replace(/image: .*\n  container: .*/, 'binary: ./daemon');
  const named = await plan(binary, '--target-image', 'mine:2');
  assert.equal((parse(named.stdout) as V1Job).spec?.template.spec?.initContainers?.[1]?.image, 'mine:2');
  const unnamed = await plan(binary);
  assert.match(unnamed.stderr, /gctune-target:built stands for the image/);
});
