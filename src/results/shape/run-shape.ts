import { z } from 'zod';
import type { Cell, Plan, PlannedTrial } from '../../experiment/plan/plan.ts';
import { MOST_SHARDS } from '../../experiment/plan/shard.ts';
import { RUNNER_NAMES } from '../../experiment/runner-names.ts';
import type { Warning } from '../../metrics/warning.ts';
import type {
  ArtifactFacts,
  BuildInfo,
  CellTruth,
  MissingPart,
  RunManifest,
  RunNode,
  RunShard,
  Variant,
} from '../format.ts';
import { experiment, levels, metricId } from './experiment-shape.ts';
import { absent, agreeing, count, line, mapping, maybe, number, object, ordinal, slug, time } from './parts.ts';

/** A warning as it lies in a file of the run. */
export const warning: z.ZodType<Warning> = object<Warning>({
  code: line,
  message: line,
  cell: absent(line),
  trial: absent(line),
  metric: absent(line),
});

/** The version of a format; a newer one is refused with a message of its own before this is asked. */
export const formatVersion = z.int().min(1).max(1000);

const planned = object<PlannedTrial>({ id: slug, block: ordinal, position: ordinal, cell: line, seed: count });
const plan: z.ZodType<Plan> = object<Plan>({
  seed: count,
  blocks: z.int().min(1).max(10_000),
  cells: z.array(object<Cell>({ id: line, levels, role: z.enum(['level', 'a-a']), baseline: z.boolean() })).max(10_000),
  trials: z.array(planned).max(1_000_000),
  // Runs made before there were profiling trials have no list of them.
  profiling: z.array(planned).max(1_000_000).default([]),
});

const artifact = object<ArtifactFacts>({
  digest: line,
  description: line,
  buildInfo: object<BuildInfo>({
    goVersion: line,
    path: line,
    mainModule: maybe(object<NonNullable<BuildInfo['mainModule']>>({ path: line, version: line })),
    settings: mapping(line),
  }),
});
const placement = object<RunManifest['placement']>({ target: maybe(line), generator: maybe(line) });
const environment = mapping(z.union([line, number, z.boolean(), z.null()]));
const shardNumber = z.int().min(1).max(MOST_SHARDS);

/** `run.json`. What is said of the cells must agree, or no report could be made of it. */
export const manifest: z.ZodType<RunManifest> = agreeing(
  object<RunManifest>({
    formatVersion,
    toolVersion: line,
    id: slug,
    startedAt: time,
    experiment,
    experimentFile: absent(line),
    plan,
    pilotOf: absent(experiment),
    confirms: absent(slug),
    shard: absent(object<RunShard>({ number: shardNumber, of: shardNumber, node: line })),
    nodes: absent(
      z
        .array(object<RunNode>({ name: line, blocks: z.array(ordinal).max(10_000), environment, placement }))
        .max(10_000),
    ),
    missing: absent(
      z.array(object<MissingPart>({ number: shardNumber, of: shardNumber, folder: absent(line) })).max(MOST_SHARDS),
    ),
    runner: z.enum(RUNNER_NAMES),
    truth: absent(
      mapping(
        object<CellTruth>({
          outcome: z.enum(['completed', 'oom-killed']),
          figures: z.partialRecord(metricId, number),
        }),
      ),
    ),
    services: absent(mapping(object<{ digest: string; description: string }>({ digest: line, description: line }))),
    loads: absent(mapping(object<NonNullable<RunManifest['loads']>[string]>({ digest: line, description: line }))),
    artifact,
    variants: absent(
      z.array(object<Variant>({ factors: mapping(line), artifact, placement, gomaxprocs: ordinal })).max(10_000),
    ),
    environment,
    placement,
    gomaxprocs: ordinal,
    warnings: z.array(warning),
  }),
  (run, say) => {
    const ids = new Set<string>();
    for (const [index, { id, levels: own }] of run.plan.cells.entries()) {
      const at = ['plan', 'cells', index];
      if (ids.has(id)) say([...at, 'id'], `there are two cells ${id}`);
      ids.add(id);
      if (!Object.hasOwn(run.experiment.workloads, own.workload))
        say([...at, 'levels', 'workload'], `the experiment has no workload ${own.workload}`);
      const { factors = [] } = run.experiment.matrix;
      if (Object.keys(own.factors ?? {}).length !== factors.length)
        say([...at, 'levels', 'factors'], 'does not have one level of each factor of the matrix');
      for (const { name, levels: known } of factors) {
        const level = own.factors?.[name];
        if (level === undefined || !known.includes(level))
          say([...at, 'levels', 'factors'], `has no level of ${name} that the matrix has`);
      }
    }
    const { versions = {} } = run.experiment.target;
    for (const version of run.experiment.matrix.factors?.find(({ name }) => name === 'version')?.levels ?? []) {
      if (!Object.hasOwn(versions, version))
        say(['experiment', 'matrix', 'factors'], `the target has no version ${version}`);
    }
    for (const list of ['trials', 'profiling'] as const) {
      for (const [index, { cell }] of run.plan[list].entries()) {
        if (!ids.has(cell)) say(['plan', list, index, 'cell'], `the plan has no cell ${cell}`);
      }
    }
    for (const [index, name] of run.experiment.matrix.workload.entries()) {
      if (!Object.hasOwn(run.experiment.workloads, name))
        say(['experiment', 'matrix', 'workload', index], `the experiment has no workload ${name}`);
    }
  },
);
