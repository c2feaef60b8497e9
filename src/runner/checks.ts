import { statfs } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { execa } from 'execa';
import { REAL_RUNNER_NAMES, type RealRunnerChoice } from '../experiment/runner-names.ts';
import { cgroupMounts } from './cgroup-mounts.ts';
import { meminfoBytes, transparentHugePages } from './environment.ts';
import { readIfPresent } from './proc.ts';
import type { Check } from './runner.ts';
import { RUNNERS } from './runners.ts';

/** Load per CPU above which other work bends the figures, and above which they are worthless. */
const BUSY_LOAD = 0.3;
/** A run of some hours with profiles stays well under this. */
const LEAST_FREE_BYTES = 2 ** 30;

/**
 * Looks at everything on this machine that a run depends on or that bends its figures. `folder`: where results will be
 * written. `runner`: the one that must be usable; any will do otherwise.
 */
export async function machineChecks(
  options: { readonly folder?: string; readonly runner?: RealRunnerChoice } = {},
): Promise<readonly Check[]> {
  const runners = REAL_RUNNER_NAMES.map((name) => RUNNERS[name]());
  const groups = await Promise.all([
    checkGovernor(),
    checkHugePages(),
    checkSwap(),
    checkDisk(options.folder ?? '.'),
    checkCgroups(),
    checkGo(),
    ...runners.map(async (runner) => {
      const checks = await runner.check();
      return runner.name === options.runner ? checks : checks.map(asOption);
    }),
  ]);
  return [checkCpus(), checkLoad(), ...groups.flat()];
}

/** Where another runner is usable gctune still works, so for the machine as a whole what one lacks is a warning. */
function asOption(check: Check): Check {
  return check.status === 'fail' ? { ...check, status: 'warn' } : check;
}

function checkCpus(): Check {
  const count = availableParallelism();
  return count >= 2
    ? { id: 'cpus', status: 'ok', message: `${count} CPUs` }
    : {
        id: 'cpus',
        status: 'warn',
        message: 'one CPU: the target and the load generator share it, so each disturbs the other',
        remedy: 'Use a machine with at least two CPUs',
      };
}

function checkLoad(): Check {
  if (process.platform === 'win32')
    return { id: 'load', status: 'unknown', message: 'this system reports no load average' };
  const perCpu = (loadavg()[0] ?? 0) / availableParallelism();
  const message = `load average ${(loadavg()[0] ?? 0).toFixed(2)} on ${availableParallelism()} CPUs`;
  return perCpu <= BUSY_LOAD
    ? { id: 'load', status: 'ok', message }
    : {
        id: 'load',
        status: 'warn',
        message: `${message}: other programs are running`,
        remedy: 'Stop other programs before a run',
      };
}

async function checkGovernor(): Promise<Check> {
  const governor = (await readIfPresent('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'))?.trim();
  if (governor === undefined) {
    return {
      id: 'cpu-governor',
      status: 'unknown',
      message: 'the system does not report a CPU frequency governor (usual in a virtual machine)',
    };
  }
  return governor === 'performance'
    ? { id: 'cpu-governor', status: 'ok', message: 'CPU frequency governor performance' }
    : {
        id: 'cpu-governor',
        status: 'warn',
        message: `CPU frequency governor ${governor}: CPU seconds depend on the momentary clock rate`,
        remedy: 'sudo cpupower frequency-set -g performance',
      };
}

async function checkHugePages(): Promise<Check> {
  const mode = await transparentHugePages();
  if (mode === undefined)
    return {
      id: 'huge-pages',
      status: 'unknown',
      message: 'the system does not report the mode of transparent huge pages',
    };
  return mode === 'always'
    ? {
        id: 'huge-pages',
        status: 'warn',
        message: 'transparent huge pages are set to always: resident memory comes in steps of 2 MiB',
        remedy:
          'echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled, or measure with the mode of production',
      }
    : { id: 'huge-pages', status: 'ok', message: `transparent huge pages: ${mode}` };
}

async function checkSwap(): Promise<Check> {
  const meminfo = await readIfPresent('/proc/meminfo');
  const total = meminfoBytes(meminfo, 'SwapTotal');
  const free = meminfoBytes(meminfo, 'SwapFree');
  if (total === null || free === null)
    return { id: 'swap', status: 'unknown', message: 'the system does not report swap' };
  const used = total - free;
  if (total === 0) return { id: 'swap', status: 'ok', message: 'no swap' };
  const message = `${Math.round(used / 2 ** 20)} MiB of ${Math.round(total / 2 ** 20)} MiB swap in use`;
  return used === 0
    ? { id: 'swap', status: 'ok', message }
    : {
        id: 'swap',
        status: 'warn',
        message: `${message}: memory that is swapped out is missing from RSS`,
        remedy: 'sudo swapoff -a for the run',
      };
}

async function checkDisk(folder: string): Promise<Check> {
  try {
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const message = `${(free / 2 ** 30).toFixed(1)} GiB free for results`;
    return free >= LEAST_FREE_BYTES
      ? { id: 'disk', status: 'ok', message }
      : { id: 'disk', status: 'warn', message, remedy: 'Free some space, or write results elsewhere with --output' };
  } catch (error) {
    return { id: 'disk', status: 'unknown', message: `free space cannot be determined: ${(error as Error).message}` };
  }
}

async function checkCgroups(): Promise<Check> {
  if (process.platform !== 'linux') {
    return { id: 'cgroup', status: 'skipped', message: 'control groups exist only on Linux' };
  }
  const mounts = await cgroupMounts();
  return mounts === undefined
    ? { id: 'cgroup', status: 'warn', message: 'no control groups are mounted', remedy: 'Mount /sys/fs/cgroup' }
    : { id: 'cgroup', status: 'ok', message: `control groups version ${mounts.version}` };
}

async function checkGo(): Promise<Check> {
  const go = await execa('go', ['version'], { reject: false, timeout: 10_000 });
  return go.exitCode === 0
    ? { id: 'go', status: 'ok', message: go.stdout.replace(/^go version /, '') }
    : {
        id: 'go',
        status: 'warn',
        message: 'no Go toolchain, so targets cannot be built from source',
        remedy: 'Install Go, or give `target.binary` or `target.image`',
      };
}
