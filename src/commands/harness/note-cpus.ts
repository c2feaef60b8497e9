import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Order } from '../../kubernetes/order.ts';
import type { RunManifest } from '../../results/format.ts';
import { runFiles } from '../../results/layout.ts';
import { allowedCpus } from '../../runner/allowed-cpus.ts';
import { readIfPresent } from '../../runner/proc.ts';
import { AGENT_SOCKET } from '../../runner/sidecar/sidecar-runner.ts';
import { lookAtContainer } from '../../runner/sidecar/target-container.ts';
import { counted, listed } from '../../text/words.ts';

/** What a container may run on, as it is seen from within the pod. */
export interface SeenCpus {
  readonly name: 'harness' | 'target';
  readonly promised: number;
  /** Undefined where nothing tells. */
  readonly allowed: number | undefined;
  readonly hasQuota: boolean;
}

/** How long an agent that is about to begin is waited for: what it would tell is only a remark. */
const AGENT_SECONDS = 10;

/**
 * Looks what the containers of this pod may run on, which no field of the API tells. Before the first trial: the kernel may end the
 * target's container with the last one.
 */
export async function lookAtCpus(promised: Order['cpus'], hasTarget: boolean): Promise<readonly SeenCpus[]> {
  const seen = [await harnessCpus(promised.harness)];
  if (hasTarget && promised.target !== undefined) seen.push(await targetCpus(promised.target));
  return seen;
}

/** Notes in the run of a block whether its pod had CPUs of its own. */
export function noteCpus(folder: string, seen: readonly SeenCpus[]): void {
  const file = join(folder, runFiles.manifest);
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as RunManifest;
  const shared = sharedCpus(seen);
  const warnings = shared === undefined ? [] : [{ code: 'shared-cpus', message: shared }];
  const noted: RunManifest = {
    ...manifest,
    environment: { ...manifest.environment, cpusExclusive: shared === undefined },
    warnings: [...manifest.warnings, ...warnings],
  };
  writeFileSync(file, `${JSON.stringify(noted, null, 1)}\n`);
}

/** What is to be said where a container has not exactly the CPUs it was promised, or has a quota; undefined where all do. */
export function sharedCpus(seen: readonly SeenCpus[]): string | undefined {
  const faults = seen.flatMap(({ name, promised, allowed, hasQuota }) => {
    if (allowed === promised && !hasQuota) return [];
    const has = allowed === undefined ? 'unknown CPUs' : counted(allowed, 'CPU');
    return [`the ${name} asked for ${promised} and may run on ${has}${hasQuota ? ' under a quota' : ''}`];
  });
  if (faults.length === 0) return undefined;
  return `shared CPUs: ${listed(faults)}; other pods of the node ran on the same CPUs, unless its kubelet has the static CPU manager policy`;
}

async function harnessCpus(promised: number): Promise<SeenCpus> {
  const [max, quota] = await Promise.all([
    readIfPresent('/sys/fs/cgroup/cpu.max'),
    readIfPresent('/sys/fs/cgroup/cpu/cpu.cfs_quota_us'),
  ]);
  const hasQuota = max === undefined ? quota === undefined || Number(quota) > 0 : !max.startsWith('max');
  return { name: 'harness', promised, allowed: allowedCpus()?.length, hasQuota };
}

async function targetCpus(promised: number): Promise<SeenCpus> {
  const found = await lookAtContainer(AGENT_SOCKET, AGENT_SECONDS, AbortSignal.timeout(10_000)).catch(() => undefined);
  return { name: 'target', promised, allowed: found?.cpus?.length, hasQuota: found?.cpuQuota !== undefined };
}
