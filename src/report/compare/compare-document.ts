import { counted } from '../../text/words.ts';
import type { ComparedCell, ComparedMetric, RunComparison } from '../../analysis/compare/run-comparison.ts';
import { METRICS, type MetricId } from '../../metrics/metrics.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { columnScale } from '../column-scale.ts';
import type { Block, Cell, Document, Text } from '../document/document.ts';
import { figureOf } from '../figure.ts';
import { clockText } from '../words.ts';
import {
  changeText,
  geometricMeanTexts,
  legend,
  pText,
  shownMetrics,
  VERDICTS,
  verdictSentences,
} from './compare-words.ts';

/**
 * Two runs side by side: what changed, what to doubt, a table for each metric with the primary ones first; `all`: also
 * the metrics in which no change is claimed.
 */
export function comparisonDocument(comparison: RunComparison, all: boolean): Document {
  return [{ kind: 'heading', level: 1, text: 'Comparison' }, ...comparisonBlocks(comparison, all)];
}

/** What is below the heading. */
export function comparisonBlocks(comparison: RunComparison, all: boolean): Document {
  const means = comparison.geometricMeans.filter(({ metric }) => METRICS[metric].better !== 'neither');
  return [
    {
      kind: 'facts',
      facts: (['base', 'new'] as const).map((side) => {
        const { id, artifact, startedAt, run } = comparison[side];
        const of = run === undefined ? clockText(startedAt) : `in ${run}`;
        return [side, `${id}: ${artifact}, ${of}`];
      }),
    },
    { kind: 'list', items: verdictSentences(comparison) },
    { kind: 'warnings', warnings: comparison.warnings.map(({ message }) => message) },
    ...metricBlocks(comparison, all),
    ...(means.length === 0
      ? []
      : ([
          { kind: 'heading', level: 3, text: 'All cells together (geometric mean of new ÷ base)' },
          { kind: 'list', items: geometricMeanTexts(means) },
        ] as const)),
    { kind: 'prose', text: legend(comparison) },
  ];
}

interface Compared {
  readonly cell: ComparedCell;
  readonly one: ComparedMetric;
}

function metricBlocks(comparison: RunComparison, all: boolean): readonly Block[] {
  const workloads = [...new Set(comparison.cells.map(({ workload }) => workload))];
  return shownMetrics(comparison, all).flatMap((metric) =>
    workloads.flatMap((workload) => {
      const cells = comparison.cells.flatMap((cell) => {
        const one = cell.metrics.find((each) => each.metric === metric);
        return cell.workload === workload && one !== undefined ? [{ cell, one }] : [];
      });
      return cells.length === 0 ? [] : tableBlocks(metric, workload, cells);
    }),
  );
}

/** One metric of one workload: a row for each cell, and why single rows say what they say. */
function tableBlocks(metric: MetricId, workload: string, cells: readonly Compared[]): readonly Block[] {
  const { label, unit } = METRICS[metric];
  const levels = cells.flatMap(({ one }) => [one.base, one.new].flatMap((estimate) => estimate ?? []));
  const scale = columnScale(levels, unit);
  const suffix = scale.suffix === '' ? '' : `, ${scale.suffix}`;
  const sizes = new Set(levels.map((estimate) => estimate.n));
  const n = sizes.size === 1 ? [...sizes][0] : undefined;
  // Where the title tells no n, every figure tells its own.
  const level = (estimate: Estimate | undefined): Cell =>
    estimate && { figure: figureOf(estimate, { scale, kind: 'level' }), n: n ?? 0 };
  const family = cells[0]?.one.family === 'exploratory' ? ' (exploratory)' : '';
  const title = `${workload}: ${label}${suffix}${family}${n === undefined ? '' : `, n = ${counted(n, 'trial')}`}`;
  return [
    { kind: 'heading', level: 3, text: title },
    {
      kind: 'table',
      name: title,
      columns: [
        { head: 'cell' },
        { head: 'base', align: 'right' },
        { head: 'new', align: 'right' },
        { head: 'change', align: 'right' },
        // The verdict and p are read beside the change.
        { head: '', joined: true },
        { head: 'p', align: 'right', joined: true },
      ],
      rows: cells.map(({ cell, one }) => ({
        cells: [
          cell.label,
          level(one.base),
          level(one.new),
          one.difference === undefined || one.difference.low === null ? '' : changeText(one),
          verdictText(one),
          pText(one.adjustedP),
        ],
      })),
    },
    ...reasonNotes(
      cells,
      levels.flatMap(({ low, warnings }) => (low === null ? (warnings[0] ?? []) : [])),
    ),
  ];
}

/** Why cells cannot be compared, each reason once; what the table says itself at its foot is not said again. */
function reasonNotes(cells: readonly Compared[], said: readonly string[]): readonly Block[] {
  return [...Map.groupBy(cells, ({ one }) => one.reason)].flatMap(([reason, own]): Block[] => {
    if (reason === undefined || said.includes(reason)) return [];
    const which =
      own.length > 1 && own.length === cells.length ? 'every cell' : own.map(({ cell }) => cell.label).join(', ');
    return [{ kind: 'note', text: `${which}: ${reason}` }];
  });
}

function verdictText({ verdict }: ComparedMetric): Text {
  const text = VERDICTS[verdict];
  if (verdict === 'worse') return [{ text, as: 'bad' }];
  return verdict === 'better' ? [{ text, as: 'good' }] : text;
}
