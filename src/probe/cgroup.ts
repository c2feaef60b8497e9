import { join } from 'node:path';
import type { ReadingKey } from '../results/format.ts';
import type { Daemon } from '../runner/runner.ts';
import { KernelFile, isGone } from './kernel-file.ts';
import type { Figures, Probe } from './probe.ts';

type Folders = NonNullable<Daemon['cgroup']>;
type Controller = 'memory' | 'cpu' | 'cpuacct';
/** The text of a controller's file; undefined where the kernel lacks it. */
type FileText = (controller: Controller, file: string) => string | undefined;
type Found = Partial<Record<ReadingKey, number | undefined>>;

/** `name value` lines, as memory.stat, cpu.stat, memory.events and memory.oom_control have them. */
export function parseFlatKeyed(text: string | undefined): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const [, name = '', value] of (text ?? '').matchAll(/^(\S+) (\d{1,20})$/gm)) values.set(name, Number(value));
  return values;
}

/** The figures of a cgroup's files. What the kernel's version lacks is left out. */
export function cgroupFigures(version: Folders['version'], text: FileText): Figures {
  const found = version === 1 ? figuresV1(text) : figuresV2(text);
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** cgroup v1 (Documentation/admin-guide/cgroup-v1/memory.rst): `total_rss` is anonymous memory and swap cache, not RSS. */
function figuresV1(text: FileText): Found {
  const memory = parseFlatKeyed(text('memory', 'memory.stat'));
  const quota = parseFlatKeyed(text('cpu', 'cpu.stat'));
  return {
    cgroupAnonBytes: memory.get('total_rss') ?? memory.get('rss'),
    cgroupUsageBytes: single(text('memory', 'memory.usage_in_bytes')),
    cgroupPeakBytes: single(text('memory', 'memory.max_usage_in_bytes')),
    cgroupCpuSeconds: scaled(single(text('cpuacct', 'cpuacct.usage')), 1e9),
    periods: quota.get('nr_periods'),
    throttledPeriods: quota.get('nr_throttled'),
    throttledSeconds: scaled(quota.get('throttled_time'), 1e9),
    oomKills: parseFlatKeyed(text('memory', 'memory.oom_control')).get('oom_kill'),
  };
}

/** cgroup v2 (Documentation/admin-guide/cgroup-v2.rst). */
function figuresV2(text: FileText): Found {
  const time = parseFlatKeyed(text('cpu', 'cpu.stat'));
  return {
    cgroupAnonBytes: parseFlatKeyed(text('memory', 'memory.stat')).get('anon'),
    cgroupUsageBytes: single(text('memory', 'memory.current')),
    cgroupPeakBytes: single(text('memory', 'memory.peak')),
    cgroupCpuSeconds: scaled(time.get('usage_usec'), 1e6),
    periods: time.get('nr_periods'),
    throttledPeriods: time.get('nr_throttled'),
    throttledSeconds: scaled(time.get('throttled_usec'), 1e6),
    oomKills: parseFlatKeyed(text('memory', 'memory.events')).get('oom_kill'),
  };
}

/** Memory, CPU and throttling of the target's own cgroup. */
export function cgroupProbe(folders: Folders): Probe {
  const files = new Map<string, KernelFile | undefined>();
  const text: FileText = (controller, name) => {
    const path = join(folders[controller], name);
    if (!files.has(path)) files.set(path, openIfThere(path));
    return files.get(path)?.read();
  };
  return {
    id: 'cgroup',
    side: 'outside',
    read: async () => {
      try {
        const figures = cgroupFigures(folders.version, text);
        return Object.keys(figures).length === 0 ? undefined : figures;
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const file of files.values()) file?.[Symbol.dispose]();
    },
  };
}

function openIfThere(path: string): KernelFile | undefined {
  try {
    return new KernelFile(path);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function single(text: string | undefined): number | undefined {
  const match = /^(\d{1,20})\n?$/.exec(text ?? '');
  return match === null ? undefined : Number(match[1]);
}

function scaled(value: number | undefined, perUnit: number): number | undefined {
  return value === undefined ? undefined : value / perUnit;
}
