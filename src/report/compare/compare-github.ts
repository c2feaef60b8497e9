import type { ComparedCell, ComparedMetric, RunComparison } from '../../analysis/compare/run-comparison.ts';
import { METRICS } from '../../metrics/metrics.ts';
import { counted, listed } from '../../text/words.ts';
import type { Block } from '../document/document.ts';
import { mapped } from '../figure.ts';
import type { GithubAnswer } from '../github/github-answer.ts';
import { percentText } from '../words.ts';
import { changeChart } from './change-chart.ts';
import { comparisonBlocks } from './compare-document.ts';
import { comparisonCases } from './compare-junit.ts';
import { changeText, pText, VERDICTS } from './compare-words.ts';

/** So many changes, rows of the chart and warnings a summary shows at most. */
const MOST_ROWS = 20;

/** A comparison as GitHub Actions shows it: whether to worry, what changed, a chart of the primary metrics, and all figures folded away. */
export function comparisonGithub(comparisons: readonly RunComparison[]): GithubAnswer {
  const primaries = primariesOf(comparisons);
  const claims = primaries.filter(({ one }) => ['worse', 'better', 'changed'].includes(one.verdict));
  const ordered = claims.toSorted((a, b) => Number(b.one.verdict === 'worse') - Number(a.one.verdict === 'worse'));
  const warnings = [...new Set(comparisons.flatMap((one) => one.warnings.map(({ message }) => message)))];
  const [worry, rest] = worrySentence(comparisons, primaries);
  const blocks: readonly Block[] = [
    { kind: 'prose', text: [{ text: `${worry}:`, as: 'strong' }, ` ${rest}`], lead: true },
    { kind: 'list', items: atMost(ordered.map(claimText)) },
    { kind: 'code', text: changeChart(primaries.slice(0, MOST_ROWS).flatMap(chartRow)) },
    { kind: 'warnings', warnings: atMost(warnings) },
    ...comparisons.map((comparison): Block => {
      const { base, new: other } = comparison;
      return {
        kind: 'folded',
        title: `All figures: ${other.id} against ${base.id}`,
        blocks: comparisonBlocks({ ...comparison, warnings: [] }, false),
      };
    }),
  ];
  return {
    title: 'gctune compare',
    sentence: `${worry}: ${rest}`,
    cases: comparisonCases(comparisons),
    summary: blocks.filter((block) => block.kind !== 'code' || block.text !== ''),
  };
}

/** One metric of one cell of one of the comparisons. */
interface Primary {
  readonly comparison: RunComparison;
  readonly cell: ComparedCell;
  readonly one: ComparedMetric;
  /** The cell, with what only tells it from the others. */
  readonly place: string;
}

/** The primary metrics of all comparisons, those that became worse first. */
function primariesOf(comparisons: readonly RunComparison[]): readonly Primary[] {
  const several = new Set(comparisons.flatMap(({ cells }) => cells.map(({ workload }) => workload))).size > 1;
  return comparisons
    .flatMap((comparison) =>
      comparison.cells.flatMap((cell) =>
        cell.metrics
          .filter(({ family }) => family === 'primary')
          .map((one) => ({
            comparison,
            cell,
            one,
            place: [
              ...(several ? [cell.workload] : []),
              cell.label,
              ...(comparisons.length > 1 ? [comparison.new.id] : []),
            ].join(': '),
          })),
      ),
    )
    .toSorted((a, b) => Number(b.one.verdict === 'worse') - Number(a.one.verdict === 'worse'));
}

/** Whether to worry, in a word and in a sentence. */
function worrySentence(
  comparisons: readonly RunComparison[],
  primaries: readonly Primary[],
): readonly [worry: string, rest: string] {
  const base = comparisons[0]?.base.id ?? '';
  const others = listed(comparisons.map((one) => one.new.id));
  const made = primaries.filter(({ one }) => one.verdict !== 'not-comparable');
  const worse = made.filter(({ one }) => one.verdict === 'worse');
  const reasons = [
    ...new Set(primaries.flatMap(({ one }) => (made.some((each) => each.one === one) ? [] : (one.reason ?? [])))),
  ];
  const impossible = primaries.length - made.length;
  const missed =
    impossible === 0
      ? ''
      : ` ${counted(impossible, 'further comparison')} could not be made${reasons.length === 0 ? '' : `: ${reasons.slice(0, 3).join('; ')}`}.`;
  if (made.length === 0) {
    return [
      'Nothing compared',
      `no primary metric of ${others} could be compared with ${base}.${missed.replace(' further', '')}`,
    ];
  }
  const of = `of ${counted(made.length, 'comparison')} of primary metrics`;
  if (worse.length > 0) return ['Regression', `${others} is worse than ${base} in ${worse.length} ${of}.${missed}`];
  return ['No regression', `${others} is not shown to be worse than ${base} in any ${of}.${roomText(made)}${missed}`];
}

/** How much worse it could be for all that is known: an interval that is wide hides a regression. */
function roomText(made: readonly Primary[]): string {
  const reaches = made.flatMap(({ one, place, comparison }) => {
    const { low, high } = one.ratio ?? { low: null, high: null };
    const worst = METRICS[one.metric].better === 'higher' ? low && 1 - low : high && high - 1;
    return worst === null
      ? []
      : [{ worst, text: `${METRICS[one.metric].label} at ${place}`, confidence: comparison.confidence }];
  });
  const [furthest] = reaches.toSorted((a, b) => b.worst - a.worst);
  if (furthest === undefined || furthest.worst <= 0) return '';
  return ` The widest of the ${percentText(furthest.confidence)} intervals leaves room for ${(furthest.worst * 100).toFixed(1)} % worse (${furthest.text}).`;
}

function claimText({ one, place, comparison }: Primary): string {
  const n = one.difference?.n ?? 0;
  const how = one.verdict === 'changed' ? 'changed' : VERDICTS[one.verdict];
  const units = comparison.by === undefined ? `${counted(n, 'trial')} of each run at least` : counted(n, 'block');
  return `${METRICS[one.metric].label} at ${place} is ${how} by ${changeText(one)}, p ${pText(one.adjustedP)}, n = ${units}`;
}

function chartRow({ one, place }: Primary): Parameters<typeof changeChart>[0] {
  if (one.ratio === undefined) return [];
  const change = mapped(one.ratio, (value) => value - 1);
  return [{ label: `${METRICS[one.metric].label}, ${place}`, change, verdict: VERDICTS[one.verdict] }];
}

function atMost(texts: readonly string[]): readonly string[] {
  if (texts.length <= MOST_ROWS) return texts;
  return [...texts.slice(0, MOST_ROWS - 1), `${texts.length - MOST_ROWS + 1} more`];
}
