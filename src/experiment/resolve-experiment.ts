import { dirname, isAbsolute, join, normalize } from 'node:path';
import type { Assertion } from './assert/assertion.ts';
import { scopeOfFile } from './assert/check-assert.ts';
import { baselineLevels } from './check/check-matrix.ts';
import type {
  Experiment,
  HttpWorkload,
  KuboOperation,
  KuboWorkload,
  Rate,
  Readiness,
  SimulatedTarget,
  SizeRange,
  TargetSource,
  WorkloadSpec,
} from './experiment.ts';
import type { MetricId } from '../metrics/metrics.ts';
import { readAssertion } from './assert/read-assertion.ts';
import type { ExperimentFile } from './schema/schema.ts';
import { withoutVariables } from './secrets/secrets.ts';
import { kindOfWorkload, usedWorkloads } from './sections.ts';

type TargetSection = ExperimentFile['target'];
type WorkloadSection = ExperimentFile['workloads'][string];
type HttpSection = NonNullable<WorkloadSection['http']>;
type KuboSection = NonNullable<WorkloadSection['kubo']>;

/** An experiment file that was found free of problems as an experiment: paths made absolute, defaults that depend on others filled in. */
export function resolveExperiment(file: ExperimentFile, directory: string): Experiment {
  const { target, limits, phases, sampling, validity } = file;
  return {
    name: file.name,
    description: file.description,
    target: {
      source: targetSource(target, directory),
      args: target.args,
      env: valuesOf(target.env),
      port: target.port,
      ready: readiness(target.ready),
      prepare: target.prepare.map(({ run, within }) => ({ run, withinSeconds: within })),
      data: mentionsData(target),
    },
    limits: {
      cpus: limits.cpus,
      memoryBytes: limits.memory,
      pids: limits.pids,
      pin: limits.pin,
      required: limits.required,
    },
    runner: file.runner,
    gomaxprocs: file.gomaxprocs,
    matrix: {
      gogc: file.matrix.gogc,
      gomemlimit: file.matrix.gomemlimit,
      workload: usedWorkloads(file),
      ...(file.matrix.levels === 'auto' ? { auto: true } : {}),
    },
    baseline: baselineLevels(file),
    workloads: Object.fromEntries(
      Object.entries(file.workloads).map(([name, workload]) => [name, workloadSpec(workload)]),
    ),
    phases: {
      warmupSeconds: phases.warmup,
      settleSeconds: phases.settle,
      measureSeconds: phases.measure,
      drainSeconds: phases.drain,
    },
    ...blocksOf(file.blocks),
    seed: file.seed,
    sampling: {
      outsideHz: sampling.outside,
      insideHz: sampling.inside,
      inside: sampling.source,
      paths: sampling.paths,
      gctrace: sampling.gctrace,
    },
    profiles: file.profiles,
    companion: file.companion,
    validity: {
      achievedRate: validity.achieved_rate,
      errorRate: validity.error_rate,
      latenessSeconds: validity.lateness,
      cycles: validity.cycles,
      drift: validity.drift,
      retries: validity.retries,
    },
    confidence: file.confidence,
    primaries: file.primaries ?? defaultPrimaries(file),
    matters: file.matters,
    ...(file.assert === undefined ? {} : { assert: assertions(file.assert, file) }),
  };
}

function assertions(list: NonNullable<ExperimentFile['assert']>, file: ExperimentFile): readonly Assertion[] {
  const scope = scopeOfFile(file);
  return list.flatMap((written) => {
    const read = readAssertion(written, scope);
    return 'assertion' in read ? [read.assertion] : [];
  });
}

function blocksOf(blocks: ExperimentFile['blocks']): Pick<Experiment, 'blocks' | 'adaptive'> {
  if (typeof blocks === 'number') return { blocks, adaptive: undefined };
  const { min, max, precision, budget } = blocks;
  return { blocks: max, adaptive: { min, precision, budgetSeconds: budget } };
}

function targetSource(target: TargetSection, directory: string): TargetSource {
  const absolute = (path: string): string => (isAbsolute(path) ? normalize(path) : join(directory, path));
  if (target.package !== undefined)
    return { kind: 'package', directory: absolute(target.package), flags: target.flags };
  if (target.module !== undefined) {
    const at = target.module.lastIndexOf('@');
    return {
      kind: 'module',
      package: target.module.slice(0, at),
      version: target.module.slice(at + 1),
      replaces: Object.entries(target.replace).map(([from, to]) => ({
        from,
        to: /^\.{0,2}\//.test(to) ? absolute(to) : to,
      })),
      flags: target.flags,
    };
  }
  if (target.simulated !== undefined) return { kind: 'simulated', model: simulatedTarget(target.simulated) };
  if (target.image !== undefined) return { kind: 'image', reference: target.image };
  if (target.dockerfile !== undefined) {
    const file = absolute(target.dockerfile);
    return {
      kind: 'dockerfile',
      file,
      context: target.context === undefined ? dirname(file) : absolute(target.context),
    };
  }
  const path = target.binary ?? '';
  return { kind: 'binary', path: path.startsWith('npm:') ? path : absolute(path) };
}

function simulatedTarget(given: NonNullable<TargetSection['simulated']>): SimulatedTarget {
  return {
    liveBytes: given.live,
    rootBytes: given.roots,
    offHeapBytes: given.off_heap,
    fileBytes: given.file_pages,
    fragmentation: given.fragmentation,
    allocPerRequestBytes: given.alloc_per_request,
    cpuPerRequestSeconds: given.cpu_per_request,
    markBytesPerSecond: given.mark_rate,
    cycleSeconds: given.cycle_cost,
    latencySpread: given.latency_spread,
    scavengeSeconds: given.scavenge,
    startUp: { excess: given.start_up.excess, seconds: given.start_up.fades },
    growthPerMinute: given.growth,
    noise: given.noise,
    drift: { cpu: given.drift.cpu, seconds: given.drift.over },
  };
}

/** Whether the target is told where its data folder is, or a step fills one. */
function mentionsData({ args, env, prepare }: TargetSection): boolean {
  const values = Object.values(env).map(({ value }) => withoutVariables(value));
  return [...args, ...values, ...prepare.flatMap(({ run }) => run)].some((word) => word.includes('{data}'));
}

function valuesOf(entries: TargetSection['env']): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(entries).map(([name, { value }]) => [name, value]));
}

function readiness(ready: TargetSection['ready']): Readiness | undefined {
  if (ready === undefined) return undefined;
  if (ready.http !== undefined) return { kind: 'http', path: ready.http, withinSeconds: ready.within };
  return { kind: 'output', contains: ready.output ?? '', withinSeconds: ready.within };
}

function workloadSpec(workload: WorkloadSection): WorkloadSpec {
  if (workload.http !== undefined) return httpWorkload(workload.http);
  if (workload.kubo !== undefined) return kuboWorkload(workload.kubo);
  if (workload.batch === undefined) return { kind: 'idle' };
  return { kind: 'batch', args: workload.batch.args, withinSeconds: workload.batch.within };
}

function httpWorkload(http: HttpSection): HttpWorkload {
  const short = { method: 'GET', path: http.path ?? '/', body: undefined, headers: {}, weight: 1 };
  return {
    kind: 'http',
    requests: http.requests?.map((request) => ({
      ...request,
      body: request.body,
      headers: valuesOf(request.headers),
    })) ?? [short],
    rate: rate(http.rate),
    arrivals: http.arrivals,
    timeoutSeconds: http.timeout,
    connections: http.connections,
    ...(http.grow === undefined ? {} : { grow: http.grow }),
  };
}

function kuboWorkload(kubo: KuboSection): KuboWorkload {
  return {
    kind: 'kubo',
    operations: kubo.operations.map(({ weight, ...operation }) => ({ operation: kuboOperation(operation), weight })),
    rate: rate(kubo.rate),
    arrivals: kubo.arrivals,
    timeoutSeconds: kubo.timeout,
    connections: kubo.connections,
    preload: kubo.preload.map(({ count, ...operation }) => ({ operation: kuboOperation(operation), count })),
  };
}

type OperationSection = Omit<KuboSection['operations'][number], 'weight'>;

function kuboOperation(given: OperationSection): KuboOperation {
  if (given.add !== undefined) return { kind: 'add', size: sizeRange(given.add.size), pin: given.add.pin };
  if (given.cat !== undefined) return { kind: 'cat' };
  if (given.block_get !== undefined) return { kind: 'block-get' };
  if (given.dag_put !== undefined) return { kind: 'dag-put', size: sizeRange(given.dag_put.size) };
  if (given.mfs_write !== undefined) return { kind: 'mfs-write', size: sizeRange(given.mfs_write.size) };
  if (given.connect !== undefined) return { kind: 'connect', ...given.connect };
  if (given.exchange !== undefined) return { kind: 'exchange', size: sizeRange(given.exchange.size) };
  return { kind: 'pin' };
}

function sizeRange(given: number | { readonly from: number; readonly to: number }): SizeRange {
  return typeof given === 'number'
    ? { leastBytes: given, mostBytes: given }
    : { leastBytes: given.from, mostBytes: given.to };
}

function rate(given: HttpSection['rate']): Rate {
  if (typeof given === 'number') return { kind: 'constant', perSecond: given };
  if ('steps' in given) {
    return { kind: 'stepped', steps: given.steps.map((step) => ({ perSecond: step.rate, forSeconds: step.for })) };
  }
  const { base, peak, every, for: length } = given;
  return { kind: 'bursty', basePerSecond: base, peakPerSecond: peak, everySeconds: every, forSeconds: length };
}

function defaultPrimaries(file: ExperimentFile): readonly MetricId[] {
  const idle = usedWorkloads(file).every((name) => kindOfWorkload(file.workloads[name]) === 'idle');
  return ['memory.anon', idle ? 'cpu.used' : 'cpu.per_request'];
}
