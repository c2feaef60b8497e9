import type { SimulatedTarget } from '../experiment/experiment.ts';
import type { CellTruth } from '../results/format.ts';
import { latencyMixture, latencyQuantile } from './latency.ts';
import { LIMITER_SHARE } from '../go/pacer.ts';
import { cycleCpuSeconds, heapGoal, runwayBytes, type Settings } from './pacer.ts';

/** What a cell is asked for in its window. */
export interface Demand {
  readonly requestsPerSecond: number;
  /** More anonymous memory than this kills the process; undefined: nothing does. */
  readonly limitBytes: number | undefined;
}

/** The collector in the steady state. */
export interface Steady {
  readonly allocPerSecond: number;
  /** Heap at the end of a cycle; without end where no cycle ever comes. */
  readonly peakBytes: number;
  readonly gcCores: number;
  /** Served ÷ asked requests: less than 1 where the CPUs do not suffice. */
  readonly served: number;
}

/** The steady state of a process. */
export function steadyState(model: SimulatedTarget, settings: Settings, requestsPerSecond: number): Steady {
  const cpus = settings.gomaxprocs;
  const asked = requestsPerSecond * model.allocPerRequestBytes;
  const cost = cycleCpuSeconds(model, model.liveBytes);
  const wanted = (asked * cost) / (heapGoal(model, settings, model.liveBytes) - model.liveBytes);
  const collector = Math.min(wanted, LIMITER_SHARE * cpus);
  const served = Math.min(1, cpus / (requestsPerSecond * model.cpuPerRequestSeconds + collector));
  const allocPerSecond = asked * served;
  const runway = runwayBytes(model, settings, model.liveBytes, allocPerSecond);
  return {
    allocPerSecond,
    peakBytes: allocPerSecond === 0 ? model.liveBytes : model.liveBytes + runway,
    gcCores: (allocPerSecond / runway) * cost,
    served,
  };
}

/** The truth of a cell. A figure that it does not have (GC of a process that never collects) is left out. */
export function cellTruth(model: SimulatedTarget, settings: Settings, demand: Demand): CellTruth {
  const steady = steadyState(model, settings, demand.requestsPerSecond);
  const { allocPerSecond, peakBytes, gcCores } = steady;
  const anon = peakBytes * (1 + model.fragmentation) + model.offHeapBytes;
  if (anon > (demand.limitBytes ?? Infinity)) return { outcome: 'oom-killed', figures: {} };
  const requests = demand.requestsPerSecond * steady.served;
  const cores = requests * model.cpuPerRequestSeconds + gcCores;
  const mixture = latencyMixture(model, gcCores, settings.gomaxprocs, 1);
  const memory = { 'memory.anon': anon, 'memory.rss': anon + model.fileBytes, 'memory.go': anon };
  const goal = heapGoal(model, settings, model.liveBytes);
  const gc = {
    'heap.live': model.liveBytes,
    'heap.goal': goal,
    'gc.cpu_window': gcCores / settings.gomaxprocs,
    'gc.cpu_share': gcCores / cores,
    'gc.cpu_per_request': gcCores / requests,
  };
  const work = {
    'cpu.per_request': cores / requests,
    'alloc.rate': allocPerSecond,
    'alloc.per_request': model.allocPerRequestBytes,
    'latency.p50': latencyQuantile(mixture, 0.5),
    'latency.p99': latencyQuantile(mixture, 0.99),
    'latency.p999': latencyQuantile(mixture, 0.999),
  };
  return {
    outcome: 'completed',
    figures: {
      ...(Number.isFinite(anon) ? memory : {}),
      ...(gcCores > 0 && Number.isFinite(goal) ? gc : {}),
      ...(cores > 0 ? { 'cpu.used': cores } : {}),
      ...(requests > 0 ? work : {}),
    },
  };
}
