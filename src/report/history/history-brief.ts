import type { HistoryOverview } from '../../history/overview.ts';
import { METRICS } from '../../metrics/metrics.ts';
import { commonScale } from '../../units/format-units.ts';
import { briefName } from '../brief/brief-figure.ts';
import type { Brief, BriefTable } from '../brief/brief.ts';
import { figureOf, refusalsOf } from '../figure.ts';
import { levelScales, type CellNames } from './history-document.ts';
import { answerSentence, changeSentence, leftOutNotes } from './history-words.ts';

/** Changes that are told in a sentence each; all others are counted. */
const MOST_CHANGES = 2;

/** A history at a glance: whether anything changed for good, the last level of each cell, and what to doubt. */
export function historyBrief(overview: HistoryOverview, names: CellNames): Brief {
  const changes = overview.changes.filter(({ metric }) => overview.metrics.includes(metric));
  return {
    sentences: [
      answerSentence(overview),
      ...changes.slice(0, MOST_CHANGES).map((change) => `${changeSentence(change, overview, names)}.`),
    ],
    table: levelsBrief(overview, names, new Set(changes.flatMap(({ cells }) => cells.map(({ cell }) => cell)))),
    cautions: [
      ...overview.warnings,
      ...refusals(overview),
      ...leftOutNotes(overview),
      ...(changes.length > MOST_CHANGES ? [`${changes.length - MOST_CHANGES} earlier changes are not shown here`] : []),
    ],
  };
}

/** The levels since the last change; of the nights of each cell the fewest is told. */
function levelsBrief(
  overview: HistoryOverview,
  names: CellNames,
  changed: ReadonlySet<string>,
): BriefTable | undefined {
  const { series, metrics } = overview;
  const scales = levelScales(overview, metrics);
  const cells = [...new Set(series.map(({ cell }) => cell))];
  const gated = series.filter(({ metric }) => scales.has(metric));
  if (gated.length === 0) return undefined;
  return {
    columns: [
      { head: `n ≥ ${Math.min(...gated.map(({ level }) => level.n))} nights`, shrink: true },
      ...[...scales].map(([metric, { suffix }]) => ({
        head: briefName(metric),
        unit: suffix,
        align: 'right' as const,
      })),
    ],
    least: 2,
    rows: cells.map((cell) => ({
      cells: [
        names.get(cell) ?? cell,
        ...[...scales].map(([metric, scale]) => {
          const one = gated.find((each) => each.cell === cell && each.metric === metric);
          if (one === undefined) return '';
          const { value, interval } = figureOf(one.level, { scale, kind: 'level' });
          return `${value} (${interval ?? 'no interval'})`;
        }),
      ],
      chosen: changed.has(cell) && changed.size < cells.length,
      kept: false,
    })),
  };
}

/** Why levels have no interval. */
function refusals({ series, metrics }: HistoryOverview): readonly string[] {
  return refusalsOf(
    series
      .filter(({ metric }) => metrics.includes(metric))
      .map(({ level, metric }) =>
        figureOf(level, { scale: commonScale([level.value], METRICS[metric].unit), kind: 'level' }),
      ),
  );
}
