import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { readBuildInfo } from '../../src/executable/build-info.ts';

/** Offsets by the runtime's own names of its variables. */
export interface Offsets {
  readonly gcController: Readonly<Record<string, number>>;
  readonly memstats: Readonly<Record<string, number>>;
  readonly work: Readonly<Record<string, number>>;
  readonly gcCPULimiter: Readonly<Record<string, number>>;
}

/**
 * The layout that a Go release (`1.26.8`, which the go command fetches) or the installed Go (undefined) gives its runtime's
 * variables: it builds the smallest program, whose debug information is read by Go's own library. Throws where that is not
 * as this script knows it.
 */
export async function layoutsOf(version: string | undefined, arch: string): Promise<Offsets> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-layouts-'));
  try {
    await writeFile(join(folder, 'go.mod'), 'module smallest\n\ngo 1.19\n');
    await writeFile(join(folder, 'main.go'), 'package main\n\nfunc main() {}\n');
    const program = join(folder, 'smallest');
    const env = { GOFLAGS: '', GOWORK: 'off', CGO_ENABLED: '0', GOEXPERIMENT: '' };
    const toolchain = version === undefined ? 'local' : `go${version}`;
    await execa('go', ['build', '-o', program, 'main.go'], {
      cwd: folder,
      env: { ...env, GOOS: 'linux', GOARCH: arch, GOTOOLCHAIN: toolchain },
    });
    const built = (await readBuildInfo(program))?.goVersion;
    if (version !== undefined && built !== `go${version}`) throw new Error(`${built} built it instead of go${version}`);
    const { stdout } = await execa('go', ['run', '.', program], {
      cwd: import.meta.dirname,
      env: { ...env, GOTOOLCHAIN: 'local' },
    });
    return named(JSON.parse(stdout) as Readonly<Record<string, number>>);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const CPU_STATS = [
  'GCAssistTime',
  'GCDedicatedTime',
  'GCIdleTime',
  'GCPauseTime',
  'GCTotalTime',
  'ScavengeAssistTime',
  'ScavengeBgTime',
  'ScavengeTotalTime',
  'IdleTime',
  'UserTime',
  'TotalTime',
];

function named(all: Readonly<Record<string, number>>): Offsets {
  // An atomic value is a struct, whose only field of weight may be nested in it: the outer name is where it begins.
  const at = (path: string): number => {
    const offset = all[path];
    if (offset === undefined) throw new Error(`the debug information has no ${path}`);
    return offset;
  };
  const fields = (prefix: string, names: readonly string[]): Record<string, number> =>
    Object.fromEntries(names.map((name) => [name.replace(/^.*\./, ''), at(`${prefix}.${name}`)]));
  const delta = 'memstats.heapStats.stats[]';
  if (at('memstats.heapStats') !== 0 || at('memstats.heapStats.stats') !== 0 || at('memstats.heapStats.stats#') !== 3)
    throw new Error('memstats does not begin with three generations of heap statistics');
  if (at('memstats.pause_end#') !== 256 || at('memstats.pause_end[]') !== 8)
    throw new Error('the ring of pauses is not 256 times 8 bytes');
  const end = at('work.tEnd');
  const cpuStats = all['work.cpuStats'];
  if (cpuStats !== undefined) {
    for (const [i, name] of CPU_STATS.entries()) {
      // Go 1.20 wrote them with small letters.
      const path = Object.keys(all).find((each) => each.toLowerCase() === `work.cpustats.${name.toLowerCase()}`);
      if (path === undefined || at(path) !== cpuStats + 8 * i) throw new Error(`work.cpuStats.${name} has moved`);
    }
  }
  return {
    gcController: fields('gcController', [
      'gcPercent',
      'memoryLimit',
      'heapMinimum',
      'gcPercentHeapGoal',
      'sweepDistMinTrigger',
      'triggered',
      'lastStackScan',
      'globalsScan',
      'heapMarked',
      'heapInUse',
      'heapReleased',
      'heapFree',
      'totalAlloc',
      'totalFree',
      'mappedReady',
    ]),
    memstats: {
      generation: at(delta),
      ...fields(delta, ['committed', 'released', 'inHeap', 'inStacks', 'inWorkBufs']),
      ...(all[`${delta}.inPtrScalarBits`] === undefined ? {} : fields(delta, ['inPtrScalarBits'])),
      ...fields(delta, ['tinyAllocCount', 'largeAllocCount', 'smallAllocCount', 'largeFreeCount', 'smallFreeCount']),
      sizeClasses: at(`${delta}.smallAllocCount#`),
      ...fields('memstats', [
        'stacks_sys',
        'mspan_sys',
        'mcache_sys',
        'buckhash_sys',
        'gcMiscSys',
        'other_sys',
        'last_gc_unix',
        'pause_total_ns',
        'pause_end',
        'numgc',
        'numforcedgc',
        'gc_cpu_fraction',
        'last_gc_nanotime',
      ]),
    },
    work: Object.fromEntries(
      Object.entries({
        ...fields('work', ['cycles', 'maxprocs', 'tSweepTerm', 'tMark', 'tMarkTerm']),
        ...(cpuStats === undefined ? { totaltime: at('work.totaltime') } : { cpuStats }),
      }).map(([name, offset]) => [name, offset - end]),
    ),
    gcCPULimiter: fields('gcCPULimiter', [
      'enabled',
      'test',
      'bucket.fill',
      'bucket.capacity',
      'lastUpdate',
      'lastEnabledCycle',
      'nprocs',
    ]),
  };
}
