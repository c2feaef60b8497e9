import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadingKey } from '../results/format.ts';
import type { Daemon } from '../runner/runner.ts';
import type { Figures, Probe } from './probe.ts';

/** `name value` lines, as memory.stat, cpu.stat, memory.events and memory.oom_control have them. */
export function parseFlatKeyed(text: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [name, value] = line.split(' ');
    if (name !== undefined && value !== undefined && /^\d+$/.test(value)) values.set(name, Number(value));
  }
  return values;
}

type Reader = (folder: NonNullable<Daemon['cgroup']>) => Partial<Record<ReadingKey, number | undefined>>;

/** cgroup v1 (Documentation/admin-guide/cgroup-v1/memory.rst): `total_rss` is anonymous memory and swap cache, not RSS. */
const readV1: Reader = ({ memory, cpu, cpuacct }) => {
  const stat = keyed(join(memory, 'memory.stat'));
  const quota = keyed(join(cpu, 'cpu.stat'));
  return {
    cgroupAnonBytes: stat?.get('total_rss') ?? stat?.get('rss'),
    cgroupUsageBytes: single(join(memory, 'memory.usage_in_bytes')),
    cgroupPeakBytes: single(join(memory, 'memory.max_usage_in_bytes')),
    cgroupCpuSeconds: scaled(single(join(cpuacct, 'cpuacct.usage')), 1e-9),
    periods: quota?.get('nr_periods'),
    throttledPeriods: quota?.get('nr_throttled'),
    throttledSeconds: scaled(quota?.get('throttled_time'), 1e-9),
    oomKills: keyed(join(memory, 'memory.oom_control'))?.get('oom_kill'),
  };
};

/** cgroup v2 (Documentation/admin-guide/cgroup-v2.rst). */
const readV2: Reader = ({ memory, cpu }) => {
  const stat = keyed(join(memory, 'memory.stat'));
  const time = keyed(join(cpu, 'cpu.stat'));
  return {
    cgroupAnonBytes: stat?.get('anon'),
    cgroupUsageBytes: single(join(memory, 'memory.current')),
    cgroupPeakBytes: single(join(memory, 'memory.peak')),
    cgroupCpuSeconds: scaled(time?.get('usage_usec'), 1e-6),
    periods: time?.get('nr_periods'),
    throttledPeriods: time?.get('nr_throttled'),
    throttledSeconds: scaled(time?.get('throttled_usec'), 1e-6),
    oomKills: keyed(join(memory, 'memory.events'))?.get('oom_kill'),
  };
};

/** Memory, CPU and throttling of the target's own cgroup. What the kernel's version lacks is left out. */
export function cgroupProbe(folders: NonNullable<Daemon['cgroup']>): Probe {
  const readAll = folders.version === 1 ? readV1 : readV2;
  return {
    id: 'cgroup',
    side: 'outside',
    read: async () => {
      const figures = Object.fromEntries(
        Object.entries(readAll(folders)).filter(([, value]) => value !== undefined),
      ) as Figures;
      return Object.keys(figures).length === 0 ? undefined : figures;
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function text(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

function keyed(path: string): ReadonlyMap<string, number> | undefined {
  const found = text(path);
  return found === undefined ? undefined : parseFlatKeyed(found);
}

function single(path: string): number | undefined {
  const found = text(path)?.trim();
  return found !== undefined && /^\d+$/.test(found) ? Number(found) : undefined;
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}
