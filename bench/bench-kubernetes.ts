import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { gctune } from '../test/e2e/gctune.ts';
import { startCluster } from '../test/cluster/cluster.ts';
import { requirement } from '../test/requirements.ts';
import type { BenchRow } from './row.ts';

/** What a block in a pod may take beyond the same block of the process runner, with the images there. */
const LIMIT_SECONDS = 15;
const BLOCKS = 3;
const IMAGE = 'gctune:bench';

const experiment = (root: string): string => `name: overhead
target:
  package: ${join(root, 'experiments/targets/heapd')}
  args: [--listen, "{host}:{port}", --live, 2MiB]
  port: auto
  ready: { http: /healthz, within: 30s }
limits: { cpus: 1, memory: 64MiB, required: false }
matrix: { gogc: [100] }
workloads: { steady: { http: { path: /work, rate: 50/s } } }
phases: { warmup: 1s, measure: 2s }
validity: { drift: 100%, achieved_rate: 1%, lateness: 5s }
blocks: ${BLOCKS}
seed: 3
`;

/** A block of two trials in a pod beside the same block as processes of this machine. */
export async function benchKubernetes(root: string): Promise<readonly BenchRow[]> {
  const name = 'a block on Kubernetes, beyond the process runner';
  const { skip } = requirement('kubernetes', 'go');
  if (skip !== false) return [{ name, value: 'skipped', limit: skip, ok: true }];
  const folder = await mkdtemp(join(tmpdir(), 'gctune-bench-'));
  try {
    const image = join(folder, 'gctune.tar');
    await succeeded(['image', image, '--name', IMAGE], folder);
    await using cluster = await startCluster({ images: [image] });
    await cluster.restricted('bench');
    await writeFile(join(folder, 'f.yaml'), experiment(root));
    const load = `${join(root, 'test/cluster/cluster.sh')} load ${join(cluster.kubeconfig, '../..')} {archive}`;
    const on = ['--on', 'kubernetes', '--namespace', 'bench', '--harness-image', IMAGE];
    // Builds the target and brings it to the node, once.
    await timed(['run', 'f.yaml', '--blocks', '1', ...on, '--load', load, '-o', 'first'], folder, cluster.kubeconfig);
    const [own = ''] = await readdir(join(folder, 'first'));
    if (own === '') throw new Error('the first run left nothing');
    const pods = await timed(['run', 'f.yaml', ...on, '--load', load, '-o', 'pods'], folder, cluster.kubeconfig);
    const processes = await timed(['run', 'f.yaml', '--runner', 'process', '-o', 'own'], folder, cluster.kubeconfig);
    const beyond = (pods - processes) / BLOCKS;
    return [
      {
        name,
        value: `${beyond.toFixed(1)} s`,
        limit: `≤ ${LIMIT_SECONDS} s`,
        ok: beyond <= LIMIT_SECONDS,
        detail: `${BLOCKS} blocks of 2 trials: ${pods.toFixed(1)} s in pods, ${processes.toFixed(1)} s as processes`,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function timed(args: readonly string[], cwd: string, kubeconfig: string): Promise<number> {
  const began = performance.now();
  await succeeded(args, cwd, kubeconfig);
  return (performance.now() - began) / 1000;
}

async function succeeded(args: readonly string[], cwd: string, kubeconfig = ''): Promise<void> {
  const { code, stderr } = await gctune(args, { cwd, env: { KUBECONFIG: kubeconfig } });
  if (code !== 0) throw new Error(`gctune ${args.join(' ')} ended with ${code}: ${stderr}`);
}
