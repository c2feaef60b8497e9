import { stratumSeed } from '../../experiment/factors.ts';
import { METRICS, type MetricId } from '../../metrics/metrics.ts';
import type { Warning } from '../../metrics/warning.ts';
import type { RunManifest, RunNode } from '../../results/format.ts';
import { median } from '../../statistics/descriptive.ts';
import { groupInteractionTest, type GroupInteractionTest } from '../../statistics/group-interaction.ts';
import { holm } from '../../statistics/multiplicity.ts';
import { seededStream } from '../../statistics/random.ts';
import { counted, listed } from '../../text/words.ts';
import { HOST } from '../compare/differences.ts';
import type { CellAnalysis, WorkloadAnalysis } from '../analysis.ts';
import { baselineOf } from './baseline-cell.ts';

/** The machines of a joined run: what they differ by, how fast each is, and whether the settings act alike on all of them. */
export interface NodeAnalysis {
  readonly nodes: readonly { readonly name: string; readonly blocks: number }[];
  /** What is not the same on all of them, in the order of the nodes. */
  readonly facts: readonly { readonly what: string; readonly values: readonly (string | number | boolean | null)[] }[];
  /** The median of the baseline on each node in each primary; null where it has none. Contrasts do not see this. */
  readonly levels: readonly {
    readonly workload: string;
    readonly metric: MetricId;
    readonly values: readonly (number | null)[];
  }[];
  readonly tests: readonly NodeTest[];
}

/** Whether the settings of a workload act alike on all nodes in a primary metric. */
export interface NodeTest extends GroupInteractionTest {
  readonly workload: string;
  readonly metric: MetricId;
  /** What the effects are: ratios to the baseline, and logarithms are tested, or differences in the metric's unit. */
  readonly of: 'ratio' | 'difference';
  /** After Holm over all such tests of the run; null where there is no p. */
  readonly adjustedP: number | null;
  /** The median over blocks of each setting's effect on each node, in the order of the nodes. */
  readonly effects: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
}

/** Facts of a machine that change from minute to minute, or do not touch the target. */
const PASSING = ['loadAverage1', 'loadAverage5', 'nodeVersion'];

/** What is known of the nodes; undefined of a run that was not joined of parts. */
export function nodesOf(
  { experiment, plan, nodes }: Pick<RunManifest, 'experiment' | 'plan' | 'nodes'>,
  workloads: readonly WorkloadAnalysis[],
): NodeAnalysis | undefined {
  if (nodes === undefined) return undefined;
  const nodeOf = new Map(nodes.flatMap(({ blocks }, index) => blocks.map((block) => [block, index] as const)));
  const measured = workloads.flatMap(({ workload, cells }) => {
    const baseline = baselineOf(cells);
    return baseline === undefined ? [] : experiment.primaries.map((metric) => ({ workload, cells, baseline, metric }));
  });
  const byNode = (points: readonly { readonly block: number; readonly value: number }[]): readonly (number | null)[] =>
    nodes.map((_, index) => {
      const own = points.flatMap(({ block, value }) => (nodeOf.get(block) === index ? [value] : []));
      return own.length === 0 ? null : median(own);
    });
  const raw = measured.flatMap((one): readonly Omit<NodeTest, 'adjustedP'>[] => {
    const { workload, cells, metric } = one;
    const test = testOf(one, nodeOf, plan.seed);
    return test === undefined ? [] : [{ workload, metric, ...test, effects: effectsOf(cells, one, test.of, byNode) }];
  });
  const ps = raw.flatMap(({ p }) => (p === null ? [] : [p]));
  const adjusted = holm(ps)[Symbol.iterator]();
  return {
    nodes: nodes.map(({ name, blocks }) => ({ name, blocks: blocks.length })),
    facts: factsOf(nodes),
    levels: measured.flatMap(({ workload, baseline, metric }) => {
      const values = byNode(baseline.values[metric] ?? []);
      return values.every((value) => value === null) ? [] : [{ workload, metric, values }];
    }),
    tests: raw.map((one) => ({ ...one, adjustedP: one.p === null ? null : (adjusted.next().value ?? null) })),
  };
}

interface Measured {
  readonly cells: readonly CellAnalysis[];
  readonly baseline: CellAnalysis;
  readonly metric: MetricId;
}

/** The test over the blocks that have every level that was measured at all. */
function testOf(
  { cells, metric }: Measured,
  nodeOf: ReadonlyMap<number, number>,
  seed: number,
): (GroupInteractionTest & Pick<NodeTest, 'of'>) | undefined {
  const levels = cells.filter(({ role, values }) => role === 'level' && (values[metric] ?? []).length > 0);
  if (levels.length < 2) return undefined;
  const known = levels.map(({ values }) => new Map((values[metric] ?? []).map(({ block, value }) => [block, value])));
  const rows: number[][] = [];
  const groups: number[] = [];
  for (const [block, node] of [...nodeOf].toSorted(([a], [b]) => a - b)) {
    const row = known.flatMap((values) => values.get(block) ?? []);
    if (row.length < levels.length) continue;
    rows.push(row);
    groups.push(node);
  }
  if (rows.length === 0) return undefined;
  const of = rows.flat().every((value) => value > 0) ? 'ratio' : 'difference';
  const tested = of === 'ratio' ? rows.map((row) => row.map(Math.log)) : rows;
  const stream = seededStream(seed, 'nodes', stratumSeed(levels[0]?.levels), metric);
  const test = groupInteractionTest(tested, groups, stream);
  return test && { of, ...test };
}

function effectsOf(
  cells: readonly CellAnalysis[],
  { baseline, metric }: Measured,
  of: NodeTest['of'],
  byNode: (points: readonly { readonly block: number; readonly value: number }[]) => readonly (number | null)[],
): NodeTest['effects'] {
  return cells
    .filter((cell) => cell.role === 'level' && cell !== baseline)
    .map((cell) => {
      const base = new Map((baseline.values[metric] ?? []).map(({ block, value }) => [block, value]));
      const points = (cell.values[metric] ?? []).flatMap(({ block, value }) => {
        const against = base.get(block);
        return against === undefined ? [] : [{ block, value: of === 'ratio' ? value / against : value - against }];
      });
      return { label: cell.label, values: byNode(points) };
    })
    .filter(({ values }) => values.some((value) => value !== null));
}

function factsOf(nodes: readonly RunNode[]): NodeAnalysis['facts'] {
  const facts = nodes.map(({ environment, placement }) => ({
    ...environment,
    'CPUs of the target': placement.target ?? null,
    'CPUs of the load': placement.generator ?? null,
  }));
  const names = [...new Set(facts.flatMap((own) => Object.keys(own)))].filter((name) => !PASSING.includes(name));
  return names.flatMap((what) => {
    const values = facts.map((own: Readonly<Record<string, string | number | boolean | null>>) => own[what] ?? null);
    return values.every((value) => value === values[0]) ? [] : [{ what, values }];
  });
}

/** What there is to doubt of a run on several nodes: that these are of different kinds, and that a setting acts otherwise on one. */
export function nodeWarnings(analysis: NodeAnalysis | undefined, confidence: number): readonly Warning[] {
  if (analysis === undefined) return [];
  const kinds = analysis.facts.map(({ what }) => what).filter((what) => (HOST as readonly string[]).includes(what));
  const otherwise = analysis.tests.filter(({ adjustedP }) => adjustedP !== null && adjustedP <= 1 - confidence + 1e-12);
  return [
    ...(kinds.length === 0
      ? []
      : [
          {
            code: 'nodes-differ',
            message: `the ${counted(analysis.nodes.length, 'node')} differ in ${listed(kinds)}; contrasts are taken within blocks, each on one node, and “Nodes” shows whether the settings act alike on all of them`,
          },
        ]),
    ...(otherwise.length === 0
      ? []
      : [
          {
            code: 'node-interaction',
            message: `the settings do not act alike on all nodes in ${listed(otherwise.map(({ workload, metric, adjustedP }) => `${METRICS[metric].id} of ${workload} (p ${pText(adjustedP)})`))}: what is found is a mean over these nodes, and need not hold on any one of them`,
          },
        ]),
  ];
}

function pText(p: number | null): string {
  return p === null || p >= 0.001 ? `= ${(p ?? 1).toFixed(3)}` : '< 0.001';
}
