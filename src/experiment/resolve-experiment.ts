import { dirname, isAbsolute, join, normalize } from 'node:path';
import { baselineLevels } from './check-matrix.ts';
import type { Experiment, HttpWorkload, Rate, Readiness, TargetSource, WorkloadSpec } from './experiment.ts';
import type { MetricId } from './metrics.ts';
import type { ExperimentFile } from './schema.ts';
import { kindOfWorkload, usedWorkloads } from './sections.ts';

type TargetSection = ExperimentFile['target'];
type WorkloadSection = ExperimentFile['workloads'][string];
type HttpSection = NonNullable<WorkloadSection['http']>;

/** An experiment file that was found free of problems as an experiment: paths made absolute, defaults that depend on others filled in. */
export function resolveExperiment(file: ExperimentFile, directory: string): Experiment {
  const { target, limits, phases, sampling, validity } = file;
  return {
    name: file.name,
    description: file.description,
    target: {
      source: targetSource(target, directory),
      args: target.args,
      env: target.env,
      port: target.port,
      ready: readiness(target.ready),
      prepare: target.prepare.map(({ run, within }) => ({ run, withinSeconds: within })),
    },
    limits: { cpus: limits.cpus, memoryBytes: limits.memory, pids: limits.pids, required: limits.required },
    runner: file.runner,
    gomaxprocs: file.gomaxprocs,
    matrix: { gogc: file.matrix.gogc, gomemlimit: file.matrix.gomemlimit, workload: usedWorkloads(file) },
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
    blocks: file.blocks,
    seed: file.seed,
    sampling: {
      outsideHz: sampling.outside,
      insideHz: sampling.inside,
      inside: sampling.source,
      paths: sampling.paths,
      gctrace: sampling.gctrace,
    },
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
  };
}

function targetSource(target: TargetSection, directory: string): TargetSource {
  const absolute = (path: string): string => (isAbsolute(path) ? normalize(path) : join(directory, path));
  if (target.package !== undefined)
    return { kind: 'package', directory: absolute(target.package), flags: target.flags };
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

function readiness(ready: TargetSection['ready']): Readiness | undefined {
  if (ready === undefined) return undefined;
  if (ready.http !== undefined) return { kind: 'http', path: ready.http, withinSeconds: ready.within };
  return { kind: 'output', contains: ready.output ?? '', withinSeconds: ready.within };
}

function workloadSpec(workload: WorkloadSection): WorkloadSpec {
  if (workload.http !== undefined) return httpWorkload(workload.http);
  if (workload.batch === undefined) return { kind: 'idle' };
  return { kind: 'batch', args: workload.batch.args, withinSeconds: workload.batch.within };
}

function httpWorkload(http: HttpSection): HttpWorkload {
  const short = { method: 'GET', path: http.path ?? '/', body: undefined, headers: {}, weight: 1 };
  return {
    kind: 'http',
    requests: http.requests?.map((request) => ({ ...request, body: request.body })) ?? [short],
    rate: rate(http.rate),
    arrivals: http.arrivals,
    timeoutSeconds: http.timeout,
    connections: http.connections,
  };
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
