import { HOST } from '../../analysis/compare/differences.ts';
import { blocksOf, shardName } from '../../experiment/plan/shard.ts';
import { MISSING_BLOCKS, type Warning } from '../../metrics/warning.ts';
import {
  ranToItsEnd,
  type Environment,
  type MissingPart,
  type RunManifest,
  type RunNode,
} from '../../results/format.ts';
import { runId } from '../../results/layout.ts';
import { counted, listed } from '../../text/words.ts';
import { blocksText, type Part } from './check-parts.ts';

/**
 * What the joined run says of itself: what all parts have in common, and its nodes with what they have not. `lacks`: what is to be
 * said of blocks that are missing, where another than the parts knows.
 */
export async function joinedManifest(
  parts: readonly [Part, ...Part[]],
  lacks?: readonly Warning[],
): Promise<RunManifest> {
  const [{ run }] = parts;
  const { shard: _, ...common } = run.manifest;
  const nodes = nodesOf(parts);
  const lack = lacks === undefined ? await missing(parts) : { warnings: lacks, missing: [] };
  const startedAt = parts.map((part) => part.run.manifest.startedAt).toSorted()[0] ?? common.startedAt;
  return {
    ...common,
    id: runId(common.experiment.name, new Date(startedAt), common.plan.seed),
    startedAt,
    nodes,
    ...(lack.missing.length === 0 ? {} : { missing: lack.missing }),
    environment: inCommon(parts.map((part) => part.run.manifest.environment)),
    warnings: [...warningsOf(parts), ...cpuModels(nodes), ...untold(parts), ...lack.warnings],
  };
}

/** Machines by their names; of one name whatever differs in what bears on the figures is another machine. */
function nodesOf(parts: readonly Part[]): readonly RunNode[] {
  const groups = Map.groupBy(parts, ({ shard, run: { manifest } }) =>
    JSON.stringify([shard.node, HOST.map((name) => manifest.environment[name]), manifest.placement]),
  );
  const taken = new Map<string, number>();
  return [...groups.values()]
    .flatMap((group): readonly RunNode[] => {
      const [first] = group;
      if (first === undefined) return [];
      const { name, count } = { name: first.shard.node, count: (taken.get(first.shard.node) ?? 0) + 1 };
      taken.set(name, count);
      const { plan, placement } = first.run.manifest;
      const measured = group
        .flatMap(({ records }) => records.map(({ block }) => block))
        .filter((block) => block <= plan.blocks);
      return [
        {
          name: count === 1 ? name : `${name} (${count})`,
          blocks: [...new Set(measured)].toSorted((a, b) => a - b),
          environment: inCommon(group.map(({ run }) => run.manifest.environment)),
          placement,
        },
      ];
    })
    .toSorted((a, b) => (a.blocks[0] ?? Infinity) - (b.blocks[0] ?? Infinity));
}

/** CPUs of two kinds under one run: what a block shows of a setting can depend on which it ran on. */
function cpuModels(nodes: readonly RunNode[]): readonly Warning[] {
  const models = new Set(nodes.flatMap(({ environment }) => environment['cpuModel'] ?? []).map(String));
  if (models.size < 2) return [];
  const message = `the nodes have ${models.size} CPU models (${listed([...models])}): contrasts are within blocks, so within one model, but a setting may act otherwise on another`;
  return [{ code: 'cpu-models-differ', message }];
}

/** The facts that are the same everywhere. */
function inCommon(environments: readonly Environment[]): Environment {
  const [first = {}, ...others] = environments;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)),
  );
}

/** Parts of which nothing tells whether they were resumed on another machine: their journal was cut at its head, or is gone. */
function untold(parts: readonly Part[]): readonly Warning[] {
  const names = parts.flatMap(({ run, name }) => (run.journal()[0]?.type === 'run-started' ? [] : [name]));
  if (names.length === 0) return [];
  const message = `the journal of ${listed(names)} does not begin with its start: whether it was resumed on another machine cannot be told`;
  return [{ code: 'part-without-journal', message }];
}

/** A warning that not all machines have is told with the name of those that have it. */
function warningsOf(parts: readonly Part[]): readonly Warning[] {
  const all = parts.flatMap(({ shard, run }) =>
    run.manifest.warnings.map((warning) => ({ node: shard.node, warning })),
  );
  return [...Map.groupBy(all, ({ warning }) => JSON.stringify(warning)).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    if (group.length === parts.length) return [first.warning];
    const nodes = [...new Set(group.map(({ node }) => node))];
    const where = nodes.length > 3 ? counted(nodes.length, 'node') : nodes.join(', ');
    return [{ ...first.warning, message: `on ${where}: ${first.warning.message}` }];
  });
}

/** Which blocks are not there, or not whole, and which part would have them. */
async function missing(
  parts: readonly [Part, ...Part[]],
): Promise<{ readonly warnings: readonly Warning[]; readonly missing: readonly MissingPart[] }> {
  const [
    {
      shard: { of },
      run: {
        manifest: { plan },
      },
    },
  ] = parts;
  const given = new Set(parts.map(({ shard }) => shard.number));
  const lacks: string[] = [];
  const found: MissingPart[] = [];
  for (let number = 1; number <= of; number++) {
    const lost = blocksOf(plan, { number, of });
    if (given.has(number) || lost.length === 0) continue;
    found.push({ number, of });
    lacks.push(`${blocksText(lost)} ${are(lost)} missing: part ${number}/${of} was not given`);
  }
  for (const { shard, run, records, name } of parts) {
    const done = new Set(records.map(({ id }) => id));
    const unrun = plan.trials.filter(({ id, block }) => blocksOf(plan, shard).includes(block) && !done.has(id));
    const ended = await run.ended();
    if (unrun.length === 0) continue;
    found.push({ number: shard.number, of, folder: name });
    const blocks = [...new Set(unrun.map(({ block }) => block))];
    const why =
      ended === undefined ? 'was killed or still runs' : ranToItsEnd(ended.why) ? 'lacks them' : 'ended early';
    lacks.push(
      `${blocksText(blocks)} ${are(blocks)} not complete (${counted(unrun.length, 'trial')} missing): part ${shardName(shard)} in ${name} ${why}; gctune resume runs the rest of it, then merge again`,
    );
  }
  // One warning: of several with one code a report shows the first.
  const message = lacks.join('; ');
  return { missing: found, warnings: lacks.length === 0 ? [] : [{ code: MISSING_BLOCKS, message }] };
}

function are({ length }: readonly number[]): string {
  return length === 1 ? 'is' : 'are';
}
