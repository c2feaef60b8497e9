import type { Figures, Probe } from './probe.ts';

/** What is read of the engine's ContainerStats; everything else in it is left alone. */
interface ContainerStats {
  readonly memory_stats?: {
    readonly usage?: number;
    readonly max_usage?: number;
    readonly stats?: Readonly<Record<string, number>>;
  };
  readonly cpu_stats?: {
    readonly cpu_usage?: { readonly total_usage?: number };
    readonly throttling_data?: {
      readonly periods?: number;
      readonly throttled_periods?: number;
      readonly throttled_time?: number;
    };
  };
}

/** The figures of one answer of `GET /containers/{id}/stats`; cgroup v1 calls anonymous memory `rss`, v2 `anon`. */
export function parseContainerStats(answer: unknown): Figures | undefined {
  const { memory_stats: memory, cpu_stats: cpu } = (answer ?? {}) as ContainerStats;
  const throttling = cpu?.throttling_data;
  const all = {
    cgroupAnonBytes: memory?.stats?.['anon'] ?? memory?.stats?.['total_rss'] ?? memory?.stats?.['rss'],
    cgroupUsageBytes: memory?.usage,
    cgroupPeakBytes: memory?.max_usage,
    cgroupCpuSeconds: cpu?.cpu_usage?.total_usage === undefined ? undefined : cpu.cpu_usage.total_usage / 1e9,
    periods: throttling?.periods,
    throttledPeriods: throttling?.throttled_periods,
    throttledSeconds: throttling?.throttled_time === undefined ? undefined : throttling.throttled_time / 1e9,
  };
  // A container that has ended answers with an empty memory_stats.
  if (all.cgroupUsageBytes === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => typeof value === 'number' && Number.isFinite(value) && value >= 0),
  );
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
