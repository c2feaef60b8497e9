import { counted } from '../../text/words.ts';
import type {
  ComparedCell,
  ComparedMetric,
  ComparedVerdict,
  RunComparison,
} from '../../analysis/compare/run-comparison.ts';
import { METRICS } from '../../metrics/metrics.ts';
import { columnScale } from '../column-scale.ts';
import { figureLine, figureOf, mapped } from '../figure.ts';
import { percentText } from '../words.ts';

/** What a verdict is called in a table. */
export const VERDICTS: Readonly<Record<ComparedVerdict, string>> = {
  better: 'better',
  worse: 'worse',
  changed: 'changed',
  'not-shown': 'not shown',
  'may-be-chance': 'not shown',
  'smaller-than-matters': 'within margin',
  'not-comparable': 'not comparable',
};

/** What the marks of the tables mean. */
export function legend({ confidence, margin, by }: RunComparison): string {
  const tests =
    by === undefined
      ? 'exact Mann–Whitney, adjusted for multiple comparisons (primary metrics by Holm, the others by Benjamini–Hochberg)'
      : 'exact signed-rank test of the pairs of each block, adjusted for multiple comparisons (primary metrics by max-T, the others by Benjamini–Hochberg)';
  return `Intervals in parentheses, with at least ${percentText(confidence)} confidence. p: ${tests}. not shown: no change is shown, which does not mean that there is none${margin === 0 ? '' : `; within margin: a change is shown, but not one greater than ${percentText(margin)}`}.`;
}

/** The head: what changed for the better or the worse, or that nothing is shown. Primary metrics first. */
export function verdictSentences(comparison: RunComparison): readonly string[] {
  const { cells, by } = comparison;
  if (cells.length === 0) {
    const which = by === undefined ? 'The two runs have no cell in common' : 'No two cells differ in this factor alone';
    return [`${which}, so nothing can be compared.`];
  }
  const exploratory = claimsIn(comparison).filter(({ one }) => one.family === 'exploratory');
  return [
    ...primarySentences(comparison),
    ...claimSentences(exploratory, by !== undefined).map((text) => `Exploratory: ${text}`),
  ];
}

/** What changed in the primary metrics, or that nothing is shown there. */
export function primarySentences(comparison: RunComparison): readonly string[] {
  const primaries = claimsIn(comparison).filter(({ one }) => one.family === 'primary');
  if (primaries.length === 0) return ['Nothing can be compared: no cell has a value of a primary metric.'];
  const cannot = primaries.filter(({ one }) => one.verdict === 'not-comparable');
  const made = primaries.length - cannot.length;
  const reasons = [...new Set(cannot.map(({ one }) => one.reason ?? 'no interval'))];
  const claims = claimSentences(primaries, comparison.by !== undefined);
  return [
    ...claims,
    ...(claims.length === 0 && made > 0
      ? [
          `No change is shown in any primary metric (${counted(made, 'comparison')}); changes within the intervals below are possible.`,
        ]
      : []),
    ...(cannot.length > 0
      ? [
          `${counted(cannot.length, 'comparison')} of primary metrics ${cannot.length === 1 ? 'is' : 'are'} not possible: ${reasons.join('; ')}.`,
        ]
      : []),
  ];
}

function claimsIn({ cells }: RunComparison): readonly Claim[] {
  return cells.flatMap((cell) => cell.metrics.map((one) => ({ cell, one })));
}

type Claim = { readonly cell: ComparedCell; readonly one: ComparedMetric };

/** `add: CPU per request is worse: GOGC=50 by +5.1 % (3.0–7.2), GOGC=25 by … (n = 10 trials of each run at least).` */
function claimSentences(all: readonly Claim[], paired: boolean): readonly string[] {
  const claims = all.filter(({ one }) => isClaim(one.verdict));
  const groups = Map.groupBy(claims, ({ cell, one }) => JSON.stringify([cell.workload, one.metric, one.verdict]));
  return [...groups.values()].flatMap((group) => {
    const first = group[0];
    if (first === undefined) return [];
    const { verdict, metric } = first.one;
    const cells = group.map(({ cell, one }) => `${cell.label} by ${changeText(one)}`);
    const n = Math.min(...group.map(({ one }) => one.difference?.n ?? 0));
    const how = verdict === 'changed' ? 'changed' : `is ${verdict}`;
    return [
      `${first.cell.workload}: ${METRICS[metric].label} ${how}: ${cells.join(', ')} (n ≥ ${paired ? counted(n, 'block') : `${counted(n, 'trial')} of each run`}).`,
    ];
  });
}

/** Whether a verdict says that something changed. */
export function isClaim(verdict: ComparedVerdict): boolean {
  return verdict === 'better' || verdict === 'worse' || verdict === 'changed';
}

/** The change with its interval: relative where there is a ratio, else in the metric's unit. */
export function changeText({ metric, ratio, difference }: ComparedMetric): string {
  if (ratio !== undefined) {
    const change = mapped(ratio, (value) => value - 1);
    const scale = columnScale([change], 'fraction', 'difference');
    return figureLine(figureOf(change, { scale, kind: 'difference' }), scale.suffix);
  }
  if (difference === undefined) return '';
  const scale = columnScale([difference], METRICS[metric].unit, 'difference');
  return figureLine(figureOf(difference, { scale, kind: 'difference' }), scale.suffix);
}

/** A p as people write it: `= 0.004`, `< 0.001`; what cannot be tested has none. */
export function pText(p: number | null): string {
  if (p === null) return '–';
  return p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`;
}

/** The metrics that a text shows: every primary, and of the others those in which something is claimed. */
export function shownMetrics(comparison: RunComparison, all: boolean): readonly ComparedMetric['metric'][] {
  const metrics = comparison.cells.flatMap((cell) => cell.metrics);
  const shown = metrics.filter(({ family, verdict }) => all || family === 'primary' || isClaim(verdict));
  const primary = new Set(metrics.filter(({ family }) => family === 'primary').map(({ metric }) => metric));
  const names = [...new Set(shown.map(({ metric }) => metric))];
  return [...names.filter((name) => primary.has(name)), ...names.filter((name) => !primary.has(name))];
}

/** The geometric means, a line each; those without an interval in one, since all lack it for one reason. */
export function geometricMeanTexts(means: RunComparison['geometricMeans']): readonly string[] {
  const without = means.filter(({ ratio }) => ratio.low === null);
  const [first] = without;
  return [
    ...means.filter(({ ratio }) => ratio.low !== null).map(geometricMeanText),
    ...(first === undefined
      ? []
      : [`no interval for ${counted(without.length, 'metric')}: ${first.ratio.warnings[0] ?? 'too few blocks'}`]),
  ];
}

/** `CPU per request +1.2 % (−0.4 to +2.9) over 5 cells, n = 10 blocks at least`. */
function geometricMeanText({ metric, cells, ratio }: RunComparison['geometricMeans'][number]): string {
  const change = mapped(ratio, (value) => value - 1);
  const scale = columnScale([change], 'fraction', 'difference');
  const figure = figureLine(figureOf(change, { scale, kind: 'difference' }), scale.suffix);
  return `${METRICS[metric].label} ${figure} over ${counted(cells, 'cell')}, n = ${counted(ratio.n, 'block')} at least`;
}
