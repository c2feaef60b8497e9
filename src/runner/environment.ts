import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import type { Environment } from '../results/format.ts';
import { cgroupMounts } from './cgroup-mounts.ts';
import { readIfPresent } from './proc.ts';

const CPU0 = '/sys/devices/system/cpu/cpu0/cpufreq';
const CLOCK = '/sys/devices/system/clocksource/clocksource0/current_clocksource';

/** Facts about this machine that can bend what is measured. Null: could not be told. Never the host's or the user's name. */
export async function captureEnvironment(): Promise<Environment> {
  const [osRelease, cpuinfo, meminfo, mounts, governor, turboOff, thp, clocksource] = await Promise.all([
    readIfPresent('/etc/os-release'),
    readIfPresent('/proc/cpuinfo'),
    readIfPresent('/proc/meminfo'),
    cgroupMounts(),
    readIfPresent(`${CPU0}/scaling_governor`),
    readIfPresent('/sys/devices/system/cpu/intel_pstate/no_turbo'),
    transparentHugePages(),
    readIfPresent(CLOCK),
  ]);
  return {
    platform: platform(),
    architecture: arch(),
    kernel: release(),
    distribution: /^PRETTY_NAME="?([^"\n]*)/m.exec(osRelease ?? '')?.[1] ?? null,
    cpuModel: cpus()[0]?.model.trim() ?? null,
    cpuCount: cpus().length,
    cpuUsable: availableParallelism(),
    cpuGovernor: governor?.trim() ?? null,
    turboDisabled: turboOff === undefined ? null : turboOff.trim() === '1',
    virtualised: cpuinfo === undefined ? null : /^flags\s*:.*\bhypervisor\b/m.test(cpuinfo),
    memoryBytes: totalmem(),
    swapBytes: meminfoBytes(meminfo, 'SwapTotal'),
    transparentHugePages: thp ?? null,
    cgroupVersion: mounts?.version ?? null,
    clocksource: clocksource?.trim() ?? null,
    loadAverage1: loadavg()[0] ?? null,
    loadAverage5: loadavg()[1] ?? null,
    nodeVersion: process.version,
  };
}

/** The mode of transparent huge pages that is set: `always`, `madvise` or `never`. */
export async function transparentHugePages(): Promise<string | undefined> {
  const text = await readIfPresent('/sys/kernel/mm/transparent_hugepage/enabled');
  return /\[(\w+)\]/.exec(text ?? '')?.[1];
}

/** A field of /proc/meminfo in bytes; its `kB` are 1024. */
export function meminfoBytes(meminfo: string | undefined, field: string): number | null {
  const match = new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(meminfo ?? '');
  return match === null ? null : Number(match[1]) * 1024;
}
