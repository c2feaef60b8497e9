import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CgroupMemory } from '../linux/cgroup-memory.ts';
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
  const withBelow = (name: string): number | undefined => memory.get(`total_${name}`) ?? memory.get(name);
  return {
    cgroupAnonBytes: withBelow('rss'),
    cgroupFileBytes: withBelow('cache'),
    fileRefaults: withBelow('workingset_refault_file') ?? withBelow('workingset_refault'),
    anonRefaults: withBelow('workingset_refault_anon'),
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
  const memory = parseFlatKeyed(text('memory', 'memory.stat'));
  const events = parseFlatKeyed(text('memory', 'memory.events'));
  const waits = text('memory', 'memory.pressure');
  return {
    cgroupAnonBytes: memory.get('anon'),
    cgroupFileBytes: memory.get('file'),
    // One count of both kinds before Linux 5.9.
    fileRefaults: memory.get('workingset_refault_file') ?? memory.get('workingset_refault'),
    anonRefaults: memory.get('workingset_refault_anon'),
    memoryPressureSeconds: stalled(waits, 'some'),
    memoryStallSeconds: stalled(waits, 'full'),
    cpuPressureSeconds: stalled(text('cpu', 'cpu.pressure'), 'some'),
    cgroupHighBytes: single(text('memory', 'memory.high')),
    highEvents: events.get('high'),
    cgroupUsageBytes: single(text('memory', 'memory.current')),
    cgroupPeakBytes: single(text('memory', 'memory.peak')),
    cgroupCpuSeconds: scaled(time.get('usage_usec'), 1e6),
    periods: time.get('nr_periods'),
    throttledPeriods: time.get('nr_throttled'),
    throttledSeconds: scaled(time.get('throttled_usec'), 1e6),
    oomKills: events.get('oom_kill'),
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
        const { cgroupPeakBytes, ...others } = cgroupFigures(folders.version, text);
        const figures = folders.isOlder || cgroupPeakBytes === undefined ? others : { ...others, cgroupPeakBytes };
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

/** A limit from here up is none: version 1 writes the greatest multiple of a page below 2^63. */
const NO_LIMIT_BYTES = 2 ** 62;

/** The memory of a cgroup as its own files tell it, by the text of each; undefined where it has none (the root of version 2). */
export function cgroupMemory(
  version: 1 | 2,
  text: (file: string) => string | undefined,
): Omit<CgroupMemory, 'processes'> | undefined {
  const usageBytes = single(text(version === 1 ? 'memory.usage_in_bytes' : 'memory.current'));
  const stat = parseFlatKeyed(text('memory.stat'));
  if (usageBytes === undefined || stat.size === 0) return undefined;
  // Version 1 counts the groups below only under `total_`.
  const of = (name: string): number | undefined =>
    version === 1 ? (stat.get(`total_${name}`) ?? stat.get(name)) : stat.get(name);
  const limit = version === 1 ? stat.get('hierarchical_memory_limit') : single(text('memory.max'));
  return {
    version,
    usageBytes,
    limitBytes: limit !== undefined && limit < NO_LIMIT_BYTES ? limit : undefined,
    anonBytes: version === 1 ? of('rss') : of('anon'),
    activeFileBytes: of('active_file'),
    inactiveFileBytes: of('inactive_file'),
    mappedFileBytes: version === 1 ? of('mapped_file') : of('file_mapped'),
    shmemBytes: of('shmem'),
    kernelBytes: version === 1 ? single(text('memory.kmem.usage_in_bytes')) : (of('kernel') ?? sumOf(of, KERNEL_PARTS)),
  };
}

/** What `kernel` is the sum of, where the kernel is too old to say it (before 5.18). */
const KERNEL_PARTS = ['kernel_stack', 'pagetables', 'percpu', 'slab', 'vmalloc'];

function sumOf(of: (name: string) => number | undefined, names: readonly string[]): number | undefined {
  const known = names.map(of).filter((bytes) => bytes !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, bytes) => sum + bytes, 0);
}

/** The memory of the cgroup in a folder, with the least limit of the groups above it; undefined where it cannot be read. */
export async function readCgroupMemory(version: 1 | 2, folder: string): Promise<CgroupMemory | undefined> {
  const read = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);
  const names = [
    ...(version === 1 ? ['memory.usage_in_bytes', 'memory.kmem.usage_in_bytes'] : ['memory.current', 'memory.max']),
    'memory.stat',
    'cgroup.procs',
  ];
  const texts = new Map(await Promise.all(names.map(async (name) => [name, await read(join(folder, name))] as const)));
  const own = cgroupMemory(version, (name) => texts.get(name));
  if (own === undefined) return undefined;
  const processes = texts.get('cgroup.procs')?.split('\n').filter(Boolean).length;
  if (version === 1) return { ...own, processes };
  let limitBytes = own.limitBytes;
  // Version 2 has no file that says what the groups above allow.
  for (let above = dirname(folder); above !== dirname(above); above = dirname(above)) {
    const text = await read(join(above, 'memory.max'));
    if (text === undefined) break;
    limitBytes = Math.min(limitBytes ?? Infinity, single(text) ?? Infinity);
  }
  return { ...own, limitBytes: limitBytes === Infinity ? undefined : limitBytes, processes };
}

function openIfThere(path: string): KernelFile | undefined {
  try {
    return new KernelFile(path);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** The total of a line of pressure stall information (Documentation/accounting/psi.rst). */
function stalled(text: string | undefined, line: 'some' | 'full'): number | undefined {
  const total = new RegExp(`^${line} [^\\n]{0,200} total=(\\d{1,20})$`, 'm').exec(text ?? '')?.[1];
  return scaled(total === undefined ? undefined : Number(total), 1e6);
}

function single(text: string | undefined): number | undefined {
  const match = /^(\d{1,20})\n?$/.exec(text ?? '');
  return match === null ? undefined : Number(match[1]);
}

function scaled(value: number | undefined, perUnit: number): number | undefined {
  return value === undefined ? undefined : value / perUnit;
}
