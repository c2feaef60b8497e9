import type { NodeAnalysis, NodeTest } from '../analysis/inference/nodes.ts';
import { METRICS } from '../metrics/metrics.ts';
import { counted } from '../text/words.ts';
import { formatBytes, formatUnit } from '../units/format-units.ts';
import { pText } from './compare/compare-words.ts';
import type { Block, Table } from './document/document.ts';

/** More nodes than this have no column each; what is tested is told all the same. */
const MOST_COLUMNS = 8;

/** What the machines of a joined run differ by, and whether the settings act alike on all of them. */
export function nodeBlocks({ nodes, facts, levels, tests }: NodeAnalysis, confidence: number): readonly Block[] {
  const few = nodes.length <= MOST_COLUMNS;
  const blocks = nodes.map(({ name, blocks: own }) => `${name}: ${counted(own, 'block')}`);
  return [
    {
      kind: 'prose',
      text: `${counted(nodes.length, 'node')} ran the blocks (${few ? blocks.join(', ') : `${blocks.slice(0, MOST_COLUMNS).join(', ')} …`}). Every contrast is taken within a block, so how fast a node is cancels out. What would not cancel is a setting that acts otherwise on one node; that is tested here.`,
    },
    ...(few ? [differenceTable({ nodes, facts, levels })] : []),
    ...(tests.length === 0
      ? [
          {
            kind: 'prose',
            text: 'Whether the settings act alike on all nodes cannot be tested: that takes two nodes, and one of them with two complete blocks.',
          } as const,
        ]
      : testBlocks(nodes, tests, few, confidence)),
  ];
}

function differenceTable({ nodes, facts, levels }: Pick<NodeAnalysis, 'nodes' | 'facts' | 'levels'>): Table {
  return {
    kind: 'table',
    name: 'What the nodes differ by',
    columns: [{ head: 'what' }, ...nodes.map(({ name }) => ({ head: name }))],
    rows: [
      { cells: ['blocks', ...nodes.map(({ blocks }) => String(blocks))] },
      ...facts.map(({ what, values }) => ({ cells: [what, ...values.map((value) => factText(what, value))] })),
      ...levels.map(({ workload, metric, values }) => ({
        cells: [
          `${METRICS[metric].id} of the baseline, ${workload}`,
          ...values.map((value) => (value === null ? '–' : formatUnit(value, METRICS[metric].unit))),
        ],
      })),
    ],
  };
}

function factText(what: string, value: NodeAnalysis['facts'][number]['values'][number]): string {
  if (value === null) return 'unknown';
  return what.endsWith('Bytes') && typeof value === 'number' ? formatBytes(value) : String(value);
}

function testBlocks(
  nodes: NodeAnalysis['nodes'],
  tests: readonly NodeTest[],
  few: boolean,
  confidence: number,
): readonly Block[] {
  const alpha = 1 - confidence;
  const blind = tests.every(({ leastP }) => leastP > alpha);
  const shown = tests.filter(({ adjustedP }) => adjustedP !== null && adjustedP <= alpha + 1e-12).length;
  const said = blind
    ? `So few blocks can show no such difference: the least p that they can give is ${Math.min(...tests.map(({ leastP }) => leastP)).toFixed(2)}.`
    : shown === 0
      ? 'No such difference is shown.'
      : `It is shown in ${shown} of ${counted(tests.length, 'test')}: there the finding is a mean over these nodes.`;
  return [
    {
      kind: 'table',
      name: 'Node × setting',
      columns: [
        { head: 'workload' },
        { head: 'metric' },
        ...(['blocks', 'F', 'p', 'p, adjusted'] as const).map((head) => ({ head, align: 'right' as const })),
      ],
      rows: tests.map(({ workload, metric, n, statistic, p, adjustedP }) => ({
        cells: [
          workload,
          METRICS[metric].id,
          String(n),
          statistic === null ? '–' : statistic.toFixed(2),
          pText(p),
          pText(adjustedP),
        ],
      })),
    },
    {
      kind: 'prose',
      text: `p: the share of all ways to deal the blocks out to the nodes in which the settings’ effects lie as far apart as here (permutation test); adjusted after Holm. ${said}`,
    },
    ...(few ? [effectTable(nodes, tests)] : []),
  ];
}

function effectTable(nodes: NodeAnalysis['nodes'], tests: readonly NodeTest[]): Table {
  return {
    kind: 'table',
    name: 'Effect of each setting by node (median over its blocks)',
    columns: [
      ...['workload', 'metric', 'setting'].map((head) => ({ head })),
      ...nodes.map(({ name }) => ({ head: name, align: 'right' as const })),
    ],
    rows: tests.flatMap(({ workload, metric, of, effects }) =>
      effects.map(({ label, values }) => ({
        cells: [
          workload,
          METRICS[metric].id,
          label,
          ...values.map((value) => {
            if (value === null) return '–';
            const change = of === 'ratio' ? value - 1 : value;
            const size = formatUnit(Math.abs(change), of === 'ratio' ? 'fraction' : METRICS[metric].unit);
            return `${change < 0 ? '−' : '+'}${size}`;
          }),
        ],
      })),
    ),
  };
}
