import { z } from 'zod';
import { ASSERTION_LEVELS, type AssertedBound, type Assertion } from '../../experiment/assert/assertion.ts';
import type {
  AdaptiveBlocks,
  BatchWorkload,
  Companion,
  Experiment,
  Gogc,
  Gomemlimit,
  HttpWorkload,
  IdleWorkload,
  KuboOperation,
  KuboWorkload,
  Levels,
  Limits,
  Matrix,
  ModuleReplace,
  Phases,
  PrepareStep,
  Profiles,
  Rate,
  Readiness,
  RequestTemplate,
  Sampling,
  SimulatedTarget,
  SizeRange,
  TargetSource,
  TargetSpec,
  Validity,
  WeightedOperation,
  WorkloadSpec,
} from '../../experiment/experiment.ts';
import { INSIDE_PROBES, insideFacts, USUAL_PATHS } from '../../experiment/probe-ids.ts';
import { RUNNER_CHOICES } from '../../experiment/runner-names.ts';
import { METRIC_IDS } from '../../metrics/metrics.ts';
import {
  absent,
  amount,
  count,
  line,
  lines,
  mapping,
  maybe,
  number,
  object,
  ordinal,
  seconds,
  share,
  slug,
} from './parts.ts';

const words = z.array(lines);
const positive = amount.refine((value) => value > 0, 'expected more than 0');
const gogc: z.ZodType<Gogc> = z.union([
  z
    .int()
    .min(1)
    .max(2 ** 31 - 1),
  z.literal('off'),
]);
const gomemlimit: z.ZodType<Gomemlimit> = z.union([z.int().min(1).max(Number.MAX_SAFE_INTEGER), z.literal('off')]);
/** The name of a workload, which stands in names of cells and trials. */
const workloadName: z.ZodType<string> = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'expected the name of a workload');

/** The id of a metric. */
export const metricId = z.enum(METRIC_IDS);

/** The levels of a cell. */
export const levels = object<Levels>({ gogc, gomemlimit, workload: workloadName });

const simulated = object<SimulatedTarget>({
  liveBytes: amount,
  rootBytes: amount,
  offHeapBytes: amount,
  fileBytes: amount,
  fragmentation: amount,
  allocPerRequestBytes: amount,
  cpuPerRequestSeconds: amount,
  markBytesPerSecond: amount,
  cycleSeconds: amount,
  latencySpread: amount,
  scavengeSeconds: amount,
  startUp: object<SimulatedTarget['startUp']>({ excess: amount, seconds: amount }),
  growthPerMinute: number,
  noise: object<SimulatedTarget['noise']>({ memory: amount, cpu: amount, reading: amount }),
  drift: object<SimulatedTarget['drift']>({ cpu: amount, seconds: amount }),
});

type Source<K extends TargetSource['kind']> = Extract<TargetSource, { readonly kind: K }>;
const source: z.ZodType<TargetSource> = z.union([
  object<Source<'package'>>({ kind: z.literal('package'), directory: line, flags: words }),
  object<Source<'module'>>({
    kind: z.literal('module'),
    package: line,
    version: line,
    replaces: z.array(object<ModuleReplace>({ from: line, to: line })),
    flags: words,
  }),
  object<Source<'binary'>>({ kind: z.literal('binary'), path: line }),
  object<Source<'image'>>({ kind: z.literal('image'), reference: line }),
  object<Source<'dockerfile'>>({ kind: z.literal('dockerfile'), file: line, context: line }),
  object<Source<'simulated'>>({ kind: z.literal('simulated'), model: simulated }),
]);

type Ready<K extends Readiness['kind']> = Extract<Readiness, { readonly kind: K }>;
const ready: z.ZodType<Readiness> = z.union([
  object<Ready<'http'>>({ kind: z.literal('http'), path: line, withinSeconds: seconds }),
  object<Ready<'output'>>({ kind: z.literal('output'), contains: line, withinSeconds: seconds }),
]);

const target = object<TargetSpec>({
  source,
  args: words,
  env: mapping(lines),
  port: maybe(z.union([z.int().min(1).max(65_535), z.literal('auto')])),
  ready: maybe(ready),
  prepare: z.array(object<PrepareStep>({ run: words, withinSeconds: seconds })),
  data: z.boolean(),
});

type RateOf<K extends Rate['kind']> = Extract<Rate, { readonly kind: K }>;
const rate: z.ZodType<Rate> = z.union([
  object<RateOf<'constant'>>({ kind: z.literal('constant'), perSecond: positive }),
  object<RateOf<'bursty'>>({
    kind: z.literal('bursty'),
    basePerSecond: amount,
    peakPerSecond: amount,
    everySeconds: seconds,
    forSeconds: seconds,
  }),
  object<RateOf<'stepped'>>({
    kind: z.literal('stepped'),
    steps: z.array(
      object<RateOf<'stepped'>['steps'][number]>({
        perSecond: amount,
        forSeconds: seconds,
      }),
    ),
  }),
]);

const size = object<SizeRange>({ leastBytes: amount, mostBytes: amount });
type Kubo<K extends KuboOperation['kind']> = Extract<KuboOperation, { readonly kind: K }>;
const operation: z.ZodType<KuboOperation> = z.union([
  object<Kubo<'add'>>({ kind: z.literal('add'), size, pin: z.boolean() }),
  object<Kubo<'cat'>>({ kind: z.literal('cat') }),
  object<Kubo<'block-get'>>({ kind: z.literal('block-get') }),
  object<Kubo<'dag-put'>>({ kind: z.literal('dag-put'), size }),
  object<Kubo<'mfs-write'>>({ kind: z.literal('mfs-write'), size }),
  object<Kubo<'pin'>>({ kind: z.literal('pin') }),
  object<Kubo<'connect'>>({ kind: z.literal('connect'), addresses: ordinal, transport: z.enum(['tcp', 'udp']) }),
  object<Kubo<'exchange'>>({ kind: z.literal('exchange'), size }),
]);

const load = {
  rate,
  arrivals: z.enum(['uniform', 'poisson']),
  timeoutSeconds: seconds,
  connections: ordinal,
} as const;
const workload: z.ZodType<WorkloadSpec> = z.union([
  object<HttpWorkload>({
    kind: z.literal('http'),
    requests: z.array(
      object<RequestTemplate>({
        method: line,
        path: line,
        headers: mapping(line),
        body: maybe(lines),
        weight: amount,
      }),
    ),
    ...load,
    grow: maybe(words),
    args: maybe(words),
  }),
  object<KuboWorkload>({
    kind: z.literal('kubo'),
    operations: z.array(object<WeightedOperation>({ operation, weight: amount })),
    preload: z.array(object<KuboWorkload['preload'][number]>({ operation, count })),
    ...load,
  }),
  object<BatchWorkload>({ kind: z.literal('batch'), args: words, withinSeconds: seconds }),
  object<IdleWorkload>({ kind: z.literal('idle') }),
]);

const bound = object<AssertedBound>({ value: number, written: line });

/** The experiment of a run, with its defaults filled in. */
export const experiment: z.ZodType<Experiment> = object<Experiment>({
  name: line,
  description: maybe(lines),
  target,
  limits: object<Limits>({
    cpus: maybe(positive),
    memoryBytes: maybe(positive),
    pids: ordinal,
    pin: z.boolean(),
    required: z.boolean(),
  }),
  runner: z.enum(RUNNER_CHOICES),
  gomaxprocs: maybe(ordinal),
  matrix: object<Matrix>({
    gogc: z.array(gogc).min(1).max(1000),
    gomemlimit: z.array(gomemlimit).min(1).max(1000),
    workload: z.array(workloadName).min(1).max(1000),
    auto: absent(z.literal(true)),
    chosen: absent(
      object<NonNullable<Matrix['chosen']>>({
        pilot: slug,
        levels: z.array(
          z
            .int()
            .min(1)
            .max(2 ** 31 - 1),
        ),
      }),
    ),
  }),
  baseline: object<Experiment['baseline']>({ gogc, gomemlimit }),
  workloads: mapping(workload),
  phases: object<Phases>({
    warmupSeconds: seconds,
    settleSeconds: seconds,
    measureSeconds: seconds,
    drainSeconds: seconds,
  }),
  blocks: z.int().min(1).max(10_000),
  adaptive: maybe(
    object<AdaptiveBlocks>({
      min: z.int().min(1).max(10_000),
      precision: positive,
      budgetSeconds: maybe(seconds),
    }),
  ),
  seed: maybe(count),
  sampling: object<Sampling>({
    outsideHz: positive,
    insideHz: positive,
    inside: z.enum([...INSIDE_PROBES, 'none', 'auto']),
    paths: object<Sampling['paths']>(insideFacts((id) => line.default(USUAL_PATHS[id]))),
    gctrace: z.boolean(),
  }),
  profiles: object<Profiles>({ heap: z.boolean(), allocs: z.boolean() }),
  companion: maybe(object<Companion>({ gogc, gomemlimit })),
  validity: object<Validity>({
    achievedRate: share,
    errorRate: share,
    latenessSeconds: seconds,
    cycles: count,
    drift: amount,
    retries: count,
  }),
  confidence: z.number().min(0.5).lt(1),
  primaries: z.array(metricId).max(METRIC_IDS.length),
  matters: maybe(share),
  assert: maybe(
    z.array(
      object<Assertion>({
        metric: metricId,
        cell: maybe(line),
        kind: z.enum(['level', 'difference', 'change']),
        min: maybe(bound),
        max: maybe(bound),
        level: z.enum(ASSERTION_LEVELS),
      }),
    ),
  ),
});
