import { counted, listed } from '../../text/words.ts';
import type { WorkloadAnalysis } from '../../analysis/analysis.ts';
import type { CostModel, Law, LawCell, LowerBound } from '../../analysis/model/model-analysis.ts';
import { METRICS } from '../../metrics/metrics.ts';
import type { CellId } from '../../experiment/plan/plan.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { columnScale } from '../column-scale.ts';
import { metricName } from '../comparison.ts';
import { figureLine, figureOf, mapped } from '../figure.ts';
import { percentText } from '../words.ts';

/** The model of a workload in sentences: each law, how well it foretells, what it does not hold for, the lower bound. */
export function modelSentences(workload: WorkloadAnalysis, model: CostModel): readonly string[] {
  return [
    ...(model.unfitted === undefined
      ? []
      : [`The model cannot be fitted: ${model.unfitted}, and a line needs two different ones.`]),
    ...model.laws.flatMap((law) => lawSentences(workload, law)),
    ...(model.lowerBound === undefined ? [] : lowerBoundSentences(workload, model.lowerBound)),
  ];
}

const GROWTH = { memory: '× GOGC ÷ 100', cost: '× 100 ÷ GOGC' } as const;

/** The law with its coefficients: `RSS = 6.1 MiB (5.9–6.4) + 5.2 MiB (5.0–5.5) × GOGC ÷ 100, n = 10 blocks`. */
function lawSentences(workload: WorkloadAnalysis, { kind, metric, intercept, slope, cells }: Law): readonly string[] {
  const name = metricName(workload, metric);
  const scaled = (estimate: Estimate, interval: boolean): string => {
    const scale = columnScale([estimate], METRICS[metric].unit);
    if (!interval) return scale.format(estimate.value);
    return figureLine(figureOf(estimate, { scale, kind: 'level' }), scale.suffix);
  };
  const equation = (constant: string, factor: string): string => `${name} = ${constant} + ${factor} ${GROWTH[kind]}`;
  const [refusal] = intercept.warnings;
  const law =
    intercept.low === null && refusal !== undefined
      ? `${equation(scaled(intercept, false), scaled(slope, false))} (${refusal})`
      : equation(scaled(intercept, true), scaled(slope, true));
  const impossible =
    intercept.high !== null && intercept.high < 0
      ? [`No ${name} can be below zero as that constant is: the law holds between the measured levels alone.`]
      : [];
  return [
    `${law}, n = ${counted(intercept.n, 'block')}. ${leftOutSentence(cells)}`,
    ...impossible,
    ...exclusionSentences(name, cells),
  ];
}

function leftOutSentence(cells: readonly LawCell[]): string {
  const tried = cells.filter(({ inside }) => inside !== undefined);
  if (tried.length === 0) return 'Too few levels to cross-validate the model.';
  const outside = tried.filter(({ inside }) => inside === false);
  const held = `Cross-validation: the other levels predict ${tried.length - outside.length} of ${counted(tried.length, 'level')}`;
  if (outside.length === 0) return `${held}.`;
  const names = outside.map(({ label, breaks }) => `${label}${breaks === true ? ' (by more than chance)' : ''}`);
  return `${held}, but not ${listed(names)}.`;
}

function exclusionSentences(name: string, cells: readonly LawCell[]): readonly string[] {
  return cells.flatMap(({ label, excluded }) =>
    excluded === undefined ? [] : [`${label} is excluded from the law of ${name}: ${excluded.reason}.`],
  );
}

function lowerBoundSentences(workload: WorkloadAnalysis, bound: LowerBound): readonly string[] {
  const labelOf = (cell: CellId): string => workload.cells.find(({ id }) => id === cell)?.label ?? cell;
  const baseline = workload.cells.find((cell) => cell.baseline);
  const own = bound.cells.find(({ cell }) => cell === baseline?.id);
  const refused =
    bound.refused.length === 0
      ? []
      : [
          `${listed(bound.refused.map(labelOf))} may not represent the work itself: GC CPU reads higher there than what the collector used.`,
        ];
  if (own === undefined) return refused;
  const scale = columnScale([bound.distilled], METRICS[bound.metric].unit);
  const distilled = figureLine(figureOf(bound.distilled, { scale, kind: 'level' }), scale.suffix);
  const n = counted(own.ratio.n, 'block');
  const { low } = own.ratio;
  const claim =
    low === null
      ? `The minimum cost of the collector at ${own.label} needs an interval (${own.ratio.warnings.join('; ')})`
      : low > 1
        ? `At ${own.label} the collector costs at least ${leastText(own.ratio, low)} on top of the work itself (estimate ${overheadText(own.ratio)}, n = ${n})`
        : `At ${own.label}, no cost of the collector on top of the work itself is shown (estimate ${overheadText(own.ratio)}, n = ${n})`;
  const from = listed(bound.distilledFrom.map(labelOf));
  return [
    `${claim}: without its visible GC CPU, ${from} ${bound.distilledFrom.length === 1 ? 'needs' : 'need'} ${distilled} of ${metricName(workload, bound.metric)}, each chosen in one half of the blocks and measured in the other.`,
    ...refused,
  ];
}

/** One end of a ratio as what is paid on top, in the scale of its estimate: `4.9 %`. */
function leastText(ratio: Estimate, end: number): string {
  const scale = columnScale([mapped(ratio, (value) => value - 1)], 'fraction', 'difference');
  const figure = figureOf({ ...ratio, value: end - 1 }, { scale, kind: 'level' });
  return `${figure.value}${scale.suffix === '' ? '' : ` ${scale.suffix}`}`;
}

/** A ratio as what is paid on top: `6.1 % (4.9–7.4)`. */
function overheadText(ratio: Estimate): string {
  const overhead = mapped(ratio, (value) => value - 1);
  const scale = columnScale([overhead], 'fraction', 'difference');
  return figureLine(figureOf(overhead, { scale, kind: 'level' }), scale.suffix);
}

/** How the figures of a model are to be read, said once a report. */
export function modelNote(confidence: number): string {
  return `The cost model: memory grows with GOGC, and the collector’s CPU falls with 1 ÷ GOGC. Coefficients come from one fit per block, with the interval of their Hodges–Lehmann location. A prediction is what a level would show in this run; its interval (Student’s t, ${percentText(confidence)}) comes from the scatter of the levels around the law and is wide if they are few.`;
}
