import { z } from 'zod';
import { ASSERTION_LEVELS, type AssertedBound, type Assertion } from '../../experiment/assert/assertion.ts';
import type {
  AdaptiveBlocks,
  Experiment,
  Levels,
  Matrix,
  ModuleReplace,
  RealTargetSource,
  ServiceSource,
  ServiceSpec,
  TargetSource,
  TargetSpec,
} from '../../experiment/experiment.ts';
import { isFurtherFactor, isLevel, type Factor } from '../../experiment/factors.ts';
import { gogc as gogcSchema, gomemlimit as gomemlimitSchema } from '../../experiment/schema/go-settings.ts';
import { adaptiveBlocksSchema, storedSections } from '../../experiment/schema/schema.ts';
import { containerSchema } from '../../experiment/schema/container.ts';
import { simulatedSchema } from '../../experiment/schema/simulated.ts';
import { storedForm } from '../../experiment/schema/stored.ts';
import { PORT_NAME, targetSchema } from '../../experiment/schema/target.ts';
import { METRIC_IDS, type MetricId } from '../../metrics/metrics.ts';
import { absent, agreeing, line, lines, mapping, maybe, number, object, share, slug, someOf } from './parts.ts';

const words = z.array(lines);
const gogc = storedForm(gogcSchema());
const gomemlimit = storedForm(gomemlimitSchema());
/** The name of a workload, which stands in names of cells and trials. */
const workloadName: z.ZodType<string> = z
  .string()
  // The name of a confirmation's spike is longer than any that a file may give.
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$/, 'expected the name of a workload');

/** The id of a metric. */
export const metricId = z.enum(METRIC_IDS);

/** The levels of a cell. */
export const levels = object<Levels>({ gogc, gomemlimit, workload: workloadName, factors: absent(mapping(line)) });

/** A factor whose levels can be what they are said to be: what a trial is made of is read from them. */
const factor: z.ZodType<Factor> = agreeing(
  object<Factor>({ name: line, levels: z.array(line).min(1).max(1000), baseline: line }),
  ({ name, levels: own, baseline }, say) => {
    if (!isFurtherFactor(name)) say(['name'], `${name} is not a factor`);
    for (const [index, level] of own.entries())
      if (!isLevel(name, level)) say(['levels', index], `${level} is not a level of ${name}`);
    if (!own.includes(baseline)) say(['baseline'], `${baseline} is not one of the levels`);
  },
);

type Source<K extends TargetSource['kind']> = Extract<TargetSource, { readonly kind: K }>;
const container = absent(storedForm(containerSchema));
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
  object<Source<'image'>>({ kind: z.literal('image'), reference: line, container }),
  object<Source<'dockerfile'>>({ kind: z.literal('dockerfile'), file: line, context: line, container }),
  object<Source<'simulated'>>({ kind: z.literal('simulated'), model: storedForm(simulatedSchema) }),
]);

const { shape: inFile } = targetSchema;
const program = {
  args: storedForm(inFile.args),
  env: storedForm(inFile.env),
  port: storedForm(inFile.port),
  ports: storedForm(inFile.ports),
  ready: storedForm(inFile.ready),
  prepare: storedForm(inFile.prepare),
  files: storedForm(inFile.files),
  data: z.boolean(),
};
const target = object<TargetSpec>({
  source,
  versions: absent(mapping(source)),
  toolchain: absent(line),
  ...program,
  unix: maybe(line),
});

const service = object<ServiceSpec>({
  source: z.union([
    source as z.ZodType<RealTargetSource>,
    object<Extract<ServiceSource, { readonly kind: 'command' }>>({ kind: z.literal('command'), program: line }),
  ]),
  ...program,
  start: z.enum(['trial', 'run']),
  user: maybe(line),
});
/** What a service may be called. */
const serviceName = z.string().regex(PORT_NAME);

const bound = object<AssertedBound>({ value: number, written: line });

// The most blocks of a file are `blocks` of a run.
const { min, precision, budget } = adaptiveBlocksSchema.in.shape;
const adaptive = object<AdaptiveBlocks>({
  min: storedForm(min),
  precision: storedForm(precision),
  budgetSeconds: storedForm(budget),
});

/** The experiment of a run, with its defaults filled in. */
export const experiment: z.ZodType<Experiment> = object<Experiment>({
  ...storedSections,
  target,
  services: z.record(serviceName, service).default({}),
  matrix: object<Matrix>({
    gogc: z.array(gogc).min(1).max(1000),
    gomemlimit: z.array(gomemlimit).min(1).max(1000),
    workload: z.array(workloadName).min(1).max(1000),
    factors: absent(z.array(factor).max(100)),
    include: absent(z.array(line).max(1000)),
    exclude: absent(z.array(line).max(1000)),
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
  blocks: z.int().min(1).max(10_000),
  adaptive: maybe(adaptive),
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
  canary: maybe(line),
  gate: maybe(someOf<MetricId, number | undefined>(METRIC_IDS, share.optional())),
});
