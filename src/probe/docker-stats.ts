import type { Figures, Probe } from './probe.ts';

/** What is read of the engine's ContainerStats; nothing says that an answer is really so. */
interface ContainerStats {
  readonly memory_stats?: {
    readonly usage?: unknown;
    readonly max_usage?: unknown;
    readonly stats?: Readonly<Record<string, unknown>> | null;
  } | null;
  readonly cpu_stats?: {
    readonly cpu_usage?: { readonly total_usage?: unknown } | null;
    readonly throttling_data?: {
      readonly periods?: unknown;
      readonly throttled_periods?: unknown;
      readonly throttled_time?: unknown;
    } | null;
  } | null;
}

/**
 * The figures of one answer of `GET /containers/{id}/stats` (Docker Engine API, ContainerStats). cgroup v1 calls
 * anonymous memory `total_rss`, v2 `anon`; times are nanoseconds with both. Undefined for a container that has ended:
 * it answers with no memory at all.
 */
export function parseContainerStats(answer: unknown): Figures | undefined {
  const { memory_stats: memory, cpu_stats: cpu } = (answer ?? {}) as ContainerStats;
  const throttling = cpu?.throttling_data;
  const found: readonly (readonly [string, number | undefined])[] = [
    ['cgroupAnonBytes', count(memory?.stats?.['anon'] ?? memory?.stats?.['total_rss'] ?? memory?.stats?.['rss'])],
    ['cgroupUsageBytes', count(memory?.usage)],
    ['cgroupPeakBytes', count(memory?.max_usage)],
    ['cgroupCpuSeconds', count(cpu?.cpu_usage?.total_usage, 1e9)],
    ['periods', count(throttling?.periods)],
    ['throttledPeriods', count(throttling?.throttled_periods)],
    ['throttledSeconds', count(throttling?.throttled_time, 1e9)],
  ];
  const figures: Figures = Object.fromEntries(found.filter(([, value]) => value !== undefined));
  return figures.cgroupUsageBytes === undefined ? undefined : figures;
}

function count(value: unknown, perUnit = 1): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value / perUnit : undefined;
}

/** The engine's own figures, for where this machine cannot see the container's process. */
export function dockerStatsProbe(engineStats: (signal: AbortSignal) => Promise<unknown>): Probe {
  return {
    id: 'docker-stats',
    side: 'outside',
    read: async (signal) => parseContainerStats(await engineStats(signal)),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
