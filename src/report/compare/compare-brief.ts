import type {
  ComparedCell,
  ComparedMetric,
  ComparedVerdict,
  RunComparison,
} from '../../analysis/compare/run-comparison.ts';
import { METRICS, type MetricId } from '../../metrics/metrics.ts';
import { textWidth } from '../../text/text-width.ts';
import { counted } from '../../text/words.ts';
import { briefChange, briefName } from '../brief/brief-figure.ts';
import type { Brief, BriefRow, BriefTable } from '../brief/brief.ts';
import { markOfClaim } from '../comparison.ts';
import { mapped } from '../figure.ts';
import { capital } from '../words.ts';
import { changeText, isClaim, shownMetrics, VERDICTS, verdictSentences } from './compare-words.ts';

/** So many claims of one comparison are put into its sentence; the table has the others. */
const MOST_CLAIMS = 3;
/** A table is no wider, wherever it is read: a log that has it broken is read by nobody. */
const MOST_COLUMNS = 80;

/** Two runs, or the levels of a factor, at a glance: what became worse or better, each cell’s changes, and what to doubt. */
export function comparisonBrief(comparisons: readonly RunComparison[]): Brief {
  return {
    sentences: comparisons.map(briefComparison),
    table: tableOf(comparisons),
    cautions: [
      ...comparisons.flatMap(impossible),
      ...comparisons.flatMap(({ warnings }) => warnings.map(({ message }) => message)),
      ...unshownMetrics(comparisons),
    ].filter((text, i, all) => all.indexOf(text) === i),
  };
}

/** What became of the primary metrics, in one sentence: `CPU/request is worse in 3 of 3 cells, by +10 % (9–11) at most (GOGC=50).` */
export function briefComparison(comparison: RunComparison): string {
  const { by, cells } = comparison;
  const between = by === undefined ? '' : `${by.new} against ${by.base}: `;
  const primaries = placedIn(comparison).filter(({ one }) => one.family === 'primary');
  const made = primaries.filter(({ one }) => one.verdict !== 'not-comparable');
  if (cells.length === 0 || made.length === 0) return `${between}${verdictSentences(comparison)[0] ?? ''}`;
  const claims = made.filter(({ one }) => isClaim(one.verdict));
  if (claims.length === 0)
    return `${between}${between === '' ? 'No' : 'no'} change is shown in any primary metric (${counted(made.length, 'comparison')}).`;
  const groups = [...Map.groupBy(claims, ({ one }) => `${one.verdict} ${one.metric}`).values()].toSorted(
    ([a], [b]) => rankOf(a) - rankOf(b),
  );
  const said = groups.slice(0, MOST_CLAIMS).map((group) => {
    const [most] = group.toSorted((a, b) => Math.abs(sizeOf(b.one)) - Math.abs(sizeOf(a.one)));
    if (most === undefined) return '';
    const { metric, verdict } = most.one;
    const how = verdict === 'changed' ? 'changed' : `is ${verdict}`;
    const all = primaries.filter(({ one }) => one.metric === metric).length;
    const where =
      all === 1
        ? ` by ${briefText(most.one)}`
        : ` in ${group.length} of ${counted(all, 'cell')}, by ${briefText(most.one)}${group.length === 1 ? '' : ' at most'} (${placeOf(most, comparison)})`;
    return `${briefName(metric)} ${how}${where}`;
  });
  return `${between}${said.join('; ')}.`;
}

type Placed = { readonly cell: ComparedCell; readonly one: ComparedMetric };

function placedIn({ cells }: RunComparison): readonly Placed[] {
  return cells.flatMap((cell) => cell.metrics.map((one) => ({ cell, one })));
}

const ORDER: readonly ComparedVerdict[] = ['worse', 'changed', 'better'];

function rankOf(placed: Placed | undefined): number {
  return placed === undefined ? ORDER.length : ORDER.indexOf(placed.one.verdict);
}

function placeOf({ cell }: Placed, { cells }: RunComparison): string {
  const several = new Set(cells.map(({ workload }) => workload)).size > 1;
  return several ? `${cell.workload}: ${cell.label}` : cell.label;
}

/** What cannot be compared beside what can. */
function impossible(comparison: RunComparison): readonly string[] {
  const primaries = placedIn(comparison).filter(({ one }) => one.family === 'primary');
  const cannot = primaries.filter(({ one }) => one.verdict === 'not-comparable');
  if (cannot.length === 0 || cannot.length === primaries.length) return [];
  const reasons = [...new Set(cannot.map(({ one }) => one.reason ?? 'no interval'))];
  return [
    `${capital(counted(cannot.length, 'comparison'))} of primary metrics ${cannot.length === 1 ? 'is' : 'are'} not possible: ${reasons.join('; ')}`,
  ];
}

/** What the table has no room for. */
export function unshownMetrics(comparisons: readonly RunComparison[]): readonly string[] {
  const left = columnsOf(comparisons).left.length;
  if (left === 0) return [];
  return [`${counted(left, 'further metric')} changed and ${left === 1 ? 'is' : 'are'} not shown here: --verbose`];
}

/** The metrics of the table: every primary, and of the others that changed as many as fit, what became worst first. */
function columnsOf(comparisons: readonly RunComparison[]): {
  readonly shown: readonly MetricId[];
  readonly left: readonly MetricId[];
} {
  const metrics = [...new Set(comparisons.flatMap((comparison) => shownMetrics(comparison, false)))];
  const all = comparisons.flatMap(placedIn).filter(({ one }) => metrics.includes(one.metric));
  const primary = new Set(all.flatMap(({ one }) => (one.family === 'primary' ? one.metric : [])));
  const claims = all.filter(({ one }) => isClaim(one.verdict));
  const worstOf = (metric: MetricId): Placed | undefined =>
    claims.filter(({ one }) => one.metric === metric).toSorted(worstFirst)[0];
  const [primaries, others] = [
    metrics.filter((metric) => primary.has(metric)),
    metrics.filter((metric) => !primary.has(metric)).toSorted((a, b) => worstFirst(worstOf(a), worstOf(b))),
  ];
  const most = primaries.length + others.length;
  for (let count = most; count > primaries.length; count--) {
    const shown = [...primaries, ...others].slice(0, count);
    if (widthOf(comparisons, shown) <= MOST_COLUMNS) return { shown, left: others.slice(count - primaries.length) };
  }
  return { shown: primaries, left: others };
}

function worstFirst(a: Placed | undefined, b: Placed | undefined): number {
  return (
    rankOf(a) - rankOf(b) ||
    Math.abs(b === undefined ? 0 : sizeOf(b.one)) - Math.abs(a === undefined ? 0 : sizeOf(a.one))
  );
}

/** What a table of these metrics takes of a line, with the mark of a row and a gap before each column. */
function widthOf(comparisons: readonly RunComparison[], metrics: readonly MetricId[]): number {
  const table = tableWith(comparisons, metrics);
  if (table === undefined) return 0;
  const widths = table.columns.map(({ head }, i) =>
    Math.max(textWidth(head), ...table.rows.map(({ cells }) => textWidth(cells[i] ?? ''))),
  );
  return widths.reduce((sum, width) => sum + width + 2, 0);
}

function tableOf(comparisons: readonly RunComparison[]): BriefTable | undefined {
  return tableWith(comparisons, columnsOf(comparisons).shown);
}

/** A row for each setting, of several levels for each of them; its least favourable workload stands for it. */
function tableWith(comparisons: readonly RunComparison[], metrics: readonly MetricId[]): BriefTable | undefined {
  const labels = new Set(comparisons.flatMap(({ cells }) => cells.map(({ label }) => label)));
  const workloads = new Set(comparisons.flatMap(({ cells }) => cells.map(({ workload }) => workload)));
  const sizes = comparisons.flatMap((comparison) =>
    placedIn(comparison).flatMap(({ one }) => (one.difference === undefined ? [] : one.difference.n)),
  );
  if (metrics.length === 0 || sizes.length === 0) return undefined;
  const worst = workloads.size > 1 ? 'worst ' : '';
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const unit = comparisons.some(({ by }) => by !== undefined) ? 'block' : 'trial';
  return {
    columns: [
      { head: `n ${least === most ? '=' : '≥'} ${counted(least, unit)}`, shrink: true },
      ...metrics.map((metric) => ({ head: `${worst}${briefName(metric)}`, align: 'right' }) as const),
    ],
    least: 2,
    rows: comparisons.flatMap((comparison) =>
      [...labels].flatMap((label): BriefRow[] => {
        const own = comparison.cells.filter((cell) => cell.label === label);
        if (own.length === 0) return [];
        const found = metrics.map((metric) => leastFavourable(own, metric));
        const { by } = comparison;
        const name = by === undefined ? label : labels.size === 1 ? by.new : `${by.new}, ${label}`;
        return [
          {
            cells: [name, ...found.map(cellText)],
            chosen: found.some((one) => one?.family === 'primary' && one.verdict === 'worse'),
            kept: false,
          },
        ];
      }),
    ),
  };
}

function leastFavourable(cells: readonly ComparedCell[], metric: MetricId): ComparedMetric | undefined {
  const towards = METRICS[metric].better === 'higher' ? -1 : 1;
  return cells
    .flatMap(({ metrics }) => metrics.filter((one) => one.metric === metric))
    .toSorted((a, b) => towards * (sizeOf(b) - sizeOf(a)))[0];
}

function sizeOf({ ratio, difference }: ComparedMetric): number {
  return ratio === undefined ? (difference?.value ?? 0) : ratio.value - 1;
}

/** `+5.1 % (3.0–7.2) worse`, `?+1.2 % (−0.4 to +2.9)`. */
function cellText(one: ComparedMetric | undefined): string {
  if (one === undefined) return '–';
  const { verdict } = one;
  if (verdict === 'not-comparable') return VERDICTS[verdict];
  return isClaim(verdict) ? `${briefText(one)} ${VERDICTS[verdict]}` : `${markOfClaim(verdict)}${briefText(one)}`;
}

function briefText(one: ComparedMetric): string {
  return one.ratio === undefined ? changeText(one) : briefChange(mapped(one.ratio, (value) => value - 1));
}
