import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import type { Analysis } from '../../src/analysis/analysis.ts';
import { openCluster } from '../../src/kubernetes/cluster.ts';
import type { RunManifest } from '../../src/results/format.ts';
import { openRun } from '../../src/results/run-folder.ts';
import { blocksOf } from '../docs/page.ts';
import { gctune, main, root, type Ended } from '../e2e/gctune.ts';
import { requirement } from '../requirements.ts';
import { temporaryFolder, type Folder } from '../runner/target-binary.ts';
import { startCluster, type Cluster } from './cluster.ts';

const IMAGE = 'gctune:run-test';
const NAMESPACE = `run-${process.pid}`;
/** For pods that never start, which would else be taken for those of another test. */
const OTHER = `${NAMESPACE}-other`;

const SIMULATED = `name: podded
target: { simulated: { live: 20MiB, noise: { memory: 1%, cpu: 1%, reading: 0.5% } } }
runner: simulated
matrix: { gogc: [25, 100] }
workloads: { steady: { http: { path: /, rate: 500/s } } }
phases: { warmup: 1s, measure: 3s }
blocks: 4
seed: 7
`;

/** At GOGC=1000 the live heap of 16 MiB would become 176 MiB before it is collected. */
const DAEMON = `name: daemon
target:
  package: ${join(root, 'experiments/targets/heapd')}
  args: [--listen, "{host}:{port}", --live, 16MiB, --garbage, 2MiB]
  port: auto
  ready: { http: /healthz, within: 30s }
limits: { cpus: 1, memory: 64MiB }
matrix: { gogc: [100, 1000] }
workloads: { steady: { http: { path: /work, rate: 40/s } } }
phases: { warmup: 1s, measure: 2s }
validity: { drift: 100%, achieved_rate: 1%, lateness: 5s }
blocks: 2
seed: 3
`;

interface Listed {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

describe('gctune run --on kubernetes', requirement('kubernetes', 'go'), () => {
  let folder: Folder;
  let cluster: Cluster;
  let load = '';
  /** Takes as long as a cluster is given to find an image, so that others run meanwhile. */
  let withoutImage: Promise<Ended>;

  before(async () => {
    folder = await temporaryFolder();
    const image = join(folder.path, 'gctune.tar');
    const made = await gctune(['image', image, '--name', IMAGE]);
    assert.equal(made.code, 0, made.stderr);
    cluster = await startCluster({ nodes: 2, images: [image] });
    await cluster.restricted(NAMESPACE);
    await cluster.restricted(OTHER);
    const place = join(cluster.kubeconfig, '../..');
    load = `${join(root, 'test/cluster/cluster.sh')} load ${place} {archive}`;
    await writeFile(join(folder.path, 'sim.yaml'), SIMULATED);
    await writeFile(join(folder.path, 'daemon.yaml'), DAEMON);
  });
  after(async () => {
    await cluster[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const flags = (...more: readonly string[]): readonly string[] => [
    '--on',
    'kubernetes',
    '--namespace',
    NAMESPACE,
    '--harness-image',
    IMAGE,
    ...more,
  ];
  const options = (kubeconfig = cluster.kubeconfig) => ({ cwd: folder.path, env: { KUBECONFIG: kubeconfig } });
  const run = (...args: readonly string[]): Promise<Ended> => gctune(args, options());

  async function only(results: string): Promise<string> {
    const names = await readdir(join(folder.path, results));
    assert.equal(names.length, 1, names.join(' '));
    return join(folder.path, results, names[0] ?? '');
  }

  const listed = async (what: string): Promise<readonly string[]> => {
    const { body } = await cluster.api('GET', what);
    return (body as Listed).items.map(({ metadata }) => metadata.name);
  };
  const jobs = (): Promise<readonly string[]> => listed(`/apis/batch/v1/namespaces/${NAMESPACE}/jobs`);
  const pods = (): Promise<readonly string[]> => listed(`/api/v1/namespaces/${NAMESPACE}/pods`);

  /** Pods go some moments after their Job. */
  async function nothingLeft(): Promise<void> {
    assert.deepEqual(await jobs(), []);
    for (let looks = 0; looks < 300 && (await pods()).length > 0; looks++) await sleep(100);
    assert.deepEqual(await pods(), []);
  }

  /** A kubeconfig of a service account of the namespace. */
  async function configOf(account: string): Promise<string> {
    const { body } = await cluster.api('POST', `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${account}/token`, {
      spec: {},
    });
    const { token } = (body as { readonly status: { readonly token: string } }).status;
    const file = join(folder.path, `${account}.kubeconfig`);
    const there = await readFile(cluster.kubeconfig, 'utf8');
    await writeFile(file, there.replace(/token: "?[0-9a-f]+"?/, `token: ${token}`));
    return file;
  }

  /** A kubeconfig of one who has the rights that the documentation names. */
  async function documented(): Promise<string> {
    const [role = ''] = blocksOf('docs/kubernetes.md').flatMap(({ text }) =>
      text.includes('kind: Role') ? [text] : [],
    );
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}`;
    const name = 'driver';
    const subjects = [{ kind: 'ServiceAccount', name, namespace: NAMESPACE }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'gctune' };
    for (const [path, body] of [
      [`/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, { metadata: { name } }],
      [`${rbac}/roles`, parse(role)],
      [`${rbac}/rolebindings`, { metadata: { name }, subjects, roleRef }],
    ] as const)
      assert.equal((await cluster.api('POST', path, body)).status, 201, path);
    return configOf(name);
  }

  test('all blocks come back from a restricted namespace, and are the run that one machine makes of this seed', async () => {
    const args = ['run', 'sim.yaml', ...flags('--nodes', '2', '-o', 'sim')];
    const { code, stdout, stderr } = await gctune(args, options(await documented()));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Report: sim\/podded-/);
    assert.equal((await run('run', 'sim.yaml', '-o', 'one')).code, 0);
    const [podded, one] = [await only('sim'), await only('one')];
    const { manifest } = await openRun(podded);
    const nodes = manifest.nodes ?? [];
    assert.deepEqual(
      nodes.flatMap(({ blocks }) => blocks).toSorted((a, b) => a - b),
      [1, 2, 3, 4],
    );
    for (const { name, environment } of nodes) {
      assert.match(name, /^node-[0-9a-f]{6}$/);
      assert.equal(environment['cpusExclusive'], false);
    }
    // Two pods on one machine that has no static policy share its CPUs, and that is said.
    assert.ok(manifest.warnings.some(({ code: warned }) => warned === 'shared-cpus'));
    const values = async (path: string): Promise<string> => {
      const { workloads } = JSON.parse(await readFile(join(path, 'analysis.json'), 'utf8')) as Analysis;
      return JSON.stringify(workloads);
    };
    assert.equal(await values(podded), await values(one));
    assert.deepEqual((await readdir(podded)).toSorted(), (await readdir(one)).toSorted());
    await nothingLeft();
  });

  test('a pod that is deleted in mid-block and a driver that is killed lose no finished block; an OOM kill is an outcome', async () => {
    const elsewhere = ['--on', 'kubernetes', '--namespace', OTHER, '-o', 'image'];
    withoutImage = run('run', 'sim.yaml', ...elsewhere, '--harness-image', 'gctune-none:1');
    const args = ['run', 'daemon.yaml', ...flags('--load', load, '-o', 'daemon')];
    const child = spawn(process.execPath, [main, ...args], {
      ...options(),
      env: { ...process.env, CI: 'true', NO_COLOR: '1', KUBECONFIG: cluster.kubeconfig },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ended = new Promise((resolve) => void child.once('close', resolve));
    const until = async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(said)) {
        assert.equal(child.exitCode, null, said);
        await sleep(100);
      }
    };
    await until(/\[1\/6\] block 1 /);
    const [first = ''] = await pods();
    await cluster.api('DELETE', `/api/v1/namespaces/${NAMESPACE}/pods/${first}`, { gracePeriodSeconds: 0 });
    await until(/block 1: pod \S+ on \S+ came to nothing: it was deleted/);
    await until(/block 2 /);
    const results = await only('daemon');
    const blocks = (await readdir(join(results, 'parts'))).filter((name) => /^\d+$/.test(name));
    assert.deepEqual(blocks, ['1'], said);
    child.kill('SIGKILL');
    await ended;
    assert.equal(existsSync(join(results, 'run.json')), false);
    assert.equal((await jobs()).length, 1, 'the Job goes on without its driver');

    const { code, stderr } = await run('resume', results);
    assert.equal(code, 4, stderr);
    assert.match(stderr, /3 of them are there/);
    const { manifest } = await openRun(results);
    assert.equal(manifest.runner, 'sidecar');
    assert.deepEqual(
      [manifest.gomaxprocs, manifest.placement.target, manifest.placement.generator],
      [1, undefined, undefined],
    );
    assert.deepEqual(
      manifest.nodes?.flatMap((node) => node.blocks).toSorted((a, b) => a - b),
      [1, 2],
    );
    const outcomes = new Map<string, string[]>();
    for await (const { record } of (await openRun(results)).trials())
      outcomes.set(record.cell, [...(outcomes.get(record.cell) ?? []), record.outcome.kind]);
    assert.deepEqual(Object.fromEntries(outcomes), {
      'gogc=100': ['completed', 'completed'],
      'gogc=100 (A/A)': ['completed', 'completed'],
      'gogc=1000': ['oom-killed', 'oom-killed'],
    });
    const restarted = manifest.warnings.find(({ code: warned }) => warned === 'block-restarted');
    assert.match(restarted?.message ?? '', /block 1 on node-[0-9a-f]{6} \(it was deleted\)/);
    assert.equal(existsSync(join(results, 'parts')), false);
    await nothingLeft();
  });

  test('what a killed driver left is removed by gctune clean, and by nobody else while it lives', async () => {
    const long = SIMULATED.replace('blocks: 4', 'blocks: 40').replace('name: podded', 'name: left');
    await writeFile(join(folder.path, 'left.yaml'), long);
    const child = spawn(process.execPath, [main, 'run', 'left.yaml', ...flags('-o', 'left')], {
      ...options(),
      env: { ...process.env, CI: 'true', KUBECONFIG: cluster.kubeconfig },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => void child.once('close', resolve));
    while ((await jobs()).length === 0) await sleep(100);
    const clean = ['clean', '--on', 'kubernetes', '--namespace', NAMESPACE];
    assert.match((await run(...clean)).stdout, /nothing to clean up/);
    child.kill('SIGKILL');
    await ended;
    const { code, stdout } = await run(...clean);
    assert.equal(code, 0);
    assert.match(stdout, /removed job gctune-left-\S+ of left-/);
    await nothingLeft();
  });

  test('Ctrl-C joins what is there, and leaves nothing in the cluster', async () => {
    const child = spawn(process.execPath, [main, 'run', 'left.yaml', ...flags('-o', 'stopped')], {
      ...options(),
      env: { ...process.env, CI: 'true', NO_COLOR: '1', KUBECONFIG: cluster.kubeconfig },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ended = new Promise<number | null>((resolve) => void child.once('close', resolve));
    while (!said.includes('block 3 ')) await sleep(100);
    child.kill('SIGINT');
    assert.equal(await ended, 130, said);
    const stopped = await only('stopped');
    assert.match(said, /gctune resume stopped\/left-/);
    const { warnings } = JSON.parse(await readFile(join(stopped, 'run.json'), 'utf8')) as RunManifest;
    assert.match(
      warnings.find(({ code }) => code === 'missing-blocks')?.message ?? '',
      /blocks? .* (?:is|are) missing/,
    );
    await nothingLeft();
  });

  test('what keeps pods from starting is told with its reason, and what cannot run is refused before anything is created', async () => {
    const big = DAEMON.replace('cpus: 1', 'cpus: 64');
    await writeFile(join(folder.path, 'big.yaml'), big);
    const small = await run('run', 'big.yaml', ...flags('--target-image', 'x:1'));
    assert.equal(small.code, 3);
    assert.match(
      small.stderr,
      /a pod needs 65 whole CPUs \(64 for the target, 1 for load and probes\), and the largest of \d nodes? has \d/,
    );

    const nowhere = join(folder.path, 'nowhere.kubeconfig');
    const there = await readFile(cluster.kubeconfig, 'utf8');
    await writeFile(nowhere, there.replace(/127\.0\.0\.1:\d+/, '127.0.0.99:6443'));
    const unreachable = await gctune(['run', 'sim.yaml', ...flags()], options(nowhere));
    assert.equal(unreachable.code, 3);
    assert.match(unreachable.stderr, /the cluster at https:\/\/127\.0\.0\.99:6443 cannot be reached: .*ECONNREFUSED/);

    const refused = await gctune(['run', 'sim.yaml', ...flags()], options(await configOf('default')));
    assert.equal(refused.code, 3);
    assert.match(
      refused.stderr,
      /may not do everything that is needed in namespace run-\d+; missing: create, get, list, delete jobs\.batch; list pods; get pods\/log/,
    );

    // Of a pod that is not there: who has the rights is told so.
    for (const [account, status] of [
      ['default', 403],
      ['driver', 404],
    ] as const) {
      process.env['KUBECONFIG'] = await configOf(account);
      const reached = await openCluster({ context: undefined, namespace: NAMESPACE });
      const message = new RegExp(`^no program can be run in the pod: Unexpected server response: ${status}$`);
      await assert.rejects(reached.exec('none', 'harness', ['x']), { code: 'exec-failed', message });
    }

    const other = await run('run', 'sim.yaml', ...flags('--context', 'nope'));
    assert.equal(other.code, 2);
    assert.match(other.stderr, /the kubeconfig has no context "nope"/);
    assert.equal(existsSync(join(folder.path, 'results')), false, 'nothing was made');

    const namespace = await run('run', 'sim.yaml', ...flags(), '--namespace', 'nowhere', '-o', 'namespace');
    assert.equal(namespace.code, 3);
    assert.match(namespace.stderr, /namespaces "nowhere" not found \[cluster-not-found\]/);
    assert.deepEqual(await readdir(join(folder.path, 'namespace')), []);

    const image = await withoutImage;
    assert.equal(image.code, 3, image.stderr);
    assert.match(image.stderr, /block 1 cannot start: image \S*gctune-none:1 cannot be used: .*\[image-missing\]/);
    assert.deepEqual(await readdir(join(folder.path, 'image')), []);
    await nothingLeft();
  });
});
