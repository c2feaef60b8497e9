import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AGENT_PATH, podImageName, writePodImage } from '../../src/runner/sidecar/image/pod-image.ts';
import { writeDockerArchive } from '../../src/runner/sidecar/image/docker-archive.ts';
import { AGENT_SOCKET } from '../../src/runner/sidecar/sidecar-runner.ts';
import { requirement } from '../requirements.ts';
import { buildProgram, temporaryFolder, type Folder } from '../runner/target-binary.ts';
import { startCluster, type Cluster } from './cluster.ts';

const signal = AbortSignal.timeout(900_000);
const NAMESPACE = `sidecar-${process.pid}`;
const IMAGE = podImageName('test');
const TARGET = 'gctune-test/target:1';
/** Containers of Guaranteed pods that ask for whole CPUs have them to themselves; what is left is for all others (Kubernetes, CPU management policies). */
const STATIC_POLICY = 'cpuManagerPolicy: static\nkubeReserved: {cpu: 500m}';
/** Where the image made of these sources has them. */
const SOURCES = '/opt/gctune/src/runner';

/** What the harness's container runs: the runner as in a sweep, with what is found printed as one line of JSON. */
const HARNESS = `
  import { readFileSync } from 'node:fs';
  import { readCgroupFigures } from '${SOURCES}/cgroup.ts';
  import { sidecarRunner } from '${SOURCES}/sidecar/sidecar-runner.ts';
  import { lookAtContainer } from '${SOURCES}/sidecar/target-container.ts';
  const signal = AbortSignal.timeout(120_000);
  const runner = sidecarRunner();
  const usable = await runner.usable(60);
  const container = await lookAtContainer('${AGENT_SOCKET}', 1, signal);
  const limits = { cpus: 0.5, memoryBytes: 128 * 2 ** 20, pids: 512, pin: false, required: true };
  const warnings = await runner.admit(limits, undefined);
  const source = { kind: 'image', reference: '${TARGET}', container: { entrypoint: ['/target'], mounts: {} } };
  const artifact = await runner.obtain(source, { env: process.env, signal, onProgress: () => undefined });
  const launch = (args, port) => runner.launch({ runId: 'r', trialId: 't', artifact, args, env: { GOGC: '50' }, port, ports: {},
    limits, cpuset: undefined, workDirectory: undefined, dataDirectory: undefined, together: false }, signal);
  const read = (path) => { try { return readFileSync(path, 'utf8'); } catch (error) { return error.code; } };
  const serving = await launch(['serve', '{host}:{port}'], 'auto');
  const lines = serving.output[Symbol.asyncIterator]();
  const first = (await lines.next()).value;
  const answer = await (await fetch('http://' + serving.address.host + ':' + serving.address.port)).text();
  const served = {
    line: first.text, answer, smaps: read('/proc/' + serving.pid + '/smaps').includes('Rss:'),
    gogc: read('/proc/' + serving.pid + '/environ').split('\\0').includes('GOGC=50'),
    status: read('/proc/' + serving.pid + '/status').match(/^Uid:\\s+(\\d+)/m)?.[1],
    cgroup: await readCgroupFigures(serving.cgroup), exit: await serving.stop(5),
  };
  const eater = await launch(['eat', '400']);
  const oom = { exit: await eater.exited, fault: (await eater.fault())?.code };
  // Whether the kernel killed the agent with it depends on the version of its control groups.
  const afterOom = await (await launch(['quick', '3'])).exited;
  const waiting = await launch(['wait']);
  const { agentPid } = await lookAtContainer('${AGENT_SOCKET}', 60, signal);
  process.kill(agentPid, 'SIGKILL');
  const lost = { exit: await waiting.exited, fault: (await waiting.fault())?.code };
  const restarted = await (await launch(['quick', '4'])).exited;
  console.log(JSON.stringify({ usable, container, warnings, artifact, served, oom, afterOom, lost, restarted }));
`;

/** What is found of a container with a CPU of its own, and what a sweep makes of it. */
const EXCLUSIVE = `
  import { parseExperiment } from '${SOURCES}/../experiment/parse-experiment.ts';
  import { allowedCpus } from '${SOURCES}/allowed-cpus.ts';
  import { sidecarRunner } from '${SOURCES}/sidecar/sidecar-runner.ts';
  import { lookAtContainer } from '${SOURCES}/sidecar/target-container.ts';
  import { makeVariants } from '${SOURCES}/../sweep/variants.ts';
  const signal = AbortSignal.timeout(120_000);
  const { cpus, cpuQuota } = await lookAtContainer('${AGENT_SOCKET}', 60, signal);
  const text = 'name: exclusive\\n' +
    'target: { image: "${TARGET}", container: { entrypoint: [/target] }, port: auto, ready: { tcp: true }, args: ["{port}"] }\\n' +
    'limits: { cpus: 1, memory: 128MiB }\\nmatrix: { gogc: [100] }\\nworkloads: { w: { http: { path: /, rate: 1/s } } }\\n';
  const { experiment } = parseExperiment(text, 'e.yaml', { directory: '/' });
  const context = { env: process.env, signal, onProgress: () => undefined };
  const { all, warnings } = await makeVariants(experiment, allowedCpus(), sidecarRunner(), context);
  const { placement } = all[0];
  console.log(JSON.stringify({ cpus, cpuQuota, warnings, placement, own: allowedCpus() }));
`;

describe('sidecar runner in a pod', requirement('kubernetes', 'go'), () => {
  let folder: Folder;
  let cluster: Cluster;
  before(async () => {
    folder = await temporaryFolder();
    const gctune = join(folder.path, 'gctune.tar');
    const target = join(folder.path, 'target.tar');
    const program = await buildProgram('target', folder);
    const onProgress = (): void => undefined;
    const { architecture } = await writePodImage(
      gctune,
      { name: IMAGE, version: 'test' },
      { env: process.env, signal, onProgress },
    );
    await writeDockerArchive(
      target,
      {
        name: TARGET,
        architecture,
        config: { Entrypoint: ['/target'], Env: [], User: '', WorkingDir: '/', Labels: {} },
        entries: [{ kind: 'file', path: 'target', from: program.reference, mode: 0o755 }],
      },
      signal,
    );
    cluster = await startCluster({ images: [gctune, target], kubelet: STATIC_POLICY });
    await cluster.restricted(NAMESPACE);
  });
  after(async () => {
    await cluster.api('DELETE', `/api/v1/namespaces/${NAMESPACE}`);
    await cluster[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  test('drives a target in the other container under restricted pod security, through an OOM kill and a restart', async () => {
    const { said, restarts } = await runPod(cluster, pod('block', '500m', HARNESS));
    assert.ok(restarts >= 1);
    const found = JSON.parse(said.split('\n').at(-1) ?? '') as Found;

    assert.equal(found.usable.failed, undefined);
    assert.deepEqual(found.warnings, []);
    assert.deepEqual([found.container.cpuQuota, found.container.memoryLimitBytes], [0.5, 128 * 2 ** 20]);
    assert.equal(found.artifact.reference, '/target');
    assert.match(found.artifact.description, /^gctune-test\/target:1, \/target, built with go1/);
    const { cgroup, exit, ...served } = found.served;
    assert.deepEqual(served, { line: 'listening', answer: 'hello', smaps: true, gogc: true, status: '65532' });
    assert.ok(cgroup.cpuSeconds > 0 && cgroup.peakBytes > 2 ** 20);
    assert.deepEqual([exit.code, exit.oomKilled], [0, false]);
    assert.deepEqual([found.oom.exit.signal, found.oom.exit.oomKilled, found.oom.fault], ['SIGKILL', true, undefined]);
    assert.deepEqual([found.afterOom.code, found.afterOom.oomKilled], [3, false]);
    assert.deepEqual([found.lost.exit.oomKilled, found.lost.fault], [false, 'target-container-ended']);
    assert.equal(found.restarted.code, 4);
  });

  test('sees a target with a CPU of its own, without a quota, on which nothing of gctune runs', async () => {
    const { said } = await runPod(cluster, pod('exclusive', '1', EXCLUSIVE));
    const { cpus, own, ...found } = JSON.parse(said) as Readonly<Record<'cpus' | 'own', readonly number[]>>;
    assert.equal(cpus.length, 1);
    assert.ok(!own.includes(cpus[0] ?? -1), `${cpus.join()} and ${own.join()}`);
    assert.deepEqual(found, { warnings: [], placement: { cpus: {}, gomaxprocs: 1, warnings: [] } });
  });
});

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly oomKilled: boolean;
}

interface Found {
  readonly usable: { readonly failed?: unknown };
  readonly container: { readonly cpuQuota: number; readonly memoryLimitBytes: number };
  readonly warnings: readonly unknown[];
  readonly artifact: { readonly reference: string; readonly description: string };
  readonly served: {
    readonly cgroup: { readonly cpuSeconds: number; readonly peakBytes: number };
    readonly exit: Ended;
  };
  readonly oom: { readonly exit: Ended; readonly fault?: string };
  readonly afterOom: Ended;
  readonly lost: { readonly exit: Ended; readonly fault?: string };
  readonly restarted: Ended;
}

/** Runs a pod to its end; what its harness said, and how often its target's container was started again. */
async function runPod(
  cluster: Cluster,
  { metadata: { name }, ...spec }: { readonly metadata: { readonly name: string } },
): Promise<{ readonly said: string; readonly restarts: number }> {
  const pods = `/api/v1/namespaces/${NAMESPACE}/pods`;
  const made = await cluster.api('POST', pods, { metadata: { name }, ...spec });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  for (;;) {
    const { body } = await cluster.api('GET', `${pods}/${name}`);
    const { phase, initContainerStatuses = [] } = (body as Pod).status;
    if (phase === 'Succeeded' || phase === 'Failed') {
      const said = String((await cluster.api('GET', `${pods}/${name}/log?container=harness`)).body).trim();
      assert.equal(phase, 'Succeeded', said);
      return { said, restarts: initContainerStatuses.find((each) => each.name === 'target')?.restartCount ?? 0 };
    }
    await sleep(250, undefined, { signal });
  }
}

interface Pod {
  readonly status: {
    readonly phase: string;
    readonly initContainerStatuses?: readonly { readonly name: string; readonly restartCount: number }[];
  };
}

/** A pod as a run makes it; `cpu`: of the target's container. */
function pod(
  podName: string,
  cpu: string,
  script: string,
): { readonly metadata: { readonly name: string }; readonly spec: unknown } {
  const container = (
    name: string,
    image: string,
    command: readonly string[],
    memory: string,
    cpus = '500m',
  ): object => ({
    name,
    image,
    command,
    imagePullPolicy: 'Never',
    resources: { requests: { cpu: cpus, memory }, limits: { cpu: cpus, memory } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [{ name: 'share', mountPath: '/gctune' }],
  });
  const agent = '/gctune/agent';
  return {
    metadata: { name: podName },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      shareProcessNamespace: true,
      terminationGracePeriodSeconds: 2,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65532,
        runAsGroup: 65532,
        fsGroup: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      initContainers: [
        container('agent', IMAGE, [AGENT_PATH, 'copy', agent], '64Mi'),
        { ...container('target', TARGET, [agent, 'serve', AGENT_SOCKET], '128Mi', cpu), restartPolicy: 'Always' },
      ],
      containers: [container('harness', IMAGE, ['/usr/bin/node', '--input-type=module', '--eval', script], '512Mi')],
      volumes: [{ name: 'share', emptyDir: {} }],
    },
  };
}
