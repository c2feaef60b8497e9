import type { Analysis, CellAnalysis, WorkloadAnalysis } from '../../analysis/analysis.ts';
import type { Confirmation } from '../../analysis/recommend/confirmation.ts';
import type { Recommendation } from '../../analysis/recommend/recommendation.ts';
import type { Limit } from '../../analysis/recommend/wishes.ts';
import type { CellId } from '../../experiment/plan/plan.ts';
import { METRICS, type MetricId } from '../../metrics/metrics.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { counted } from '../../text/words.ts';
import { commonScale } from '../../units/format-units.ts';
import { baselineOf, contrastOf, hasChoice, markOf, metricName, type VerdictMark } from '../comparison.ts';
import { briefComparison, comparisonBrief, unshownMetrics } from '../compare/compare-brief.ts';
import { factorTitle } from '../compare/factor-document.ts';
import { doubtsOf } from '../doubts.ts';
import { figureLine, figureOf, mapped } from '../figure.ts';
import { assertionRows } from '../assert/assert-words.ts';
import { confirmationSentences } from '../recommend/confirmation-words.ts';
import { limitText } from '../recommend/rule-words.ts';
import type { Brief, BriefTable } from './brief.ts';
import { briefChange, briefName } from './brief-figure.ts';
import { clearAnswers, shortAnswers, shortSentence } from './verdict-words.ts';

/** What the end of a run says of it; undefined where no workload has a baseline or the analysis is of an older version. */
export function runBrief(analysis: Analysis): Brief | undefined {
  const { recommendation, workloads, assertions, factors = [] } = analysis;
  if (recommendation === undefined || workloads.every((workload) => baselineOf(workload) === undefined))
    return undefined;
  const brief = recommendationBrief(analysis, recommendation);
  const broken = assertions === undefined ? [] : assertionRows(assertions).filter(({ severity }) => severity !== 'ok');
  return {
    sentences: [
      ...(hasChoice(workloads) ? brief.sentences : []),
      ...factors.flatMap((one) =>
        one.comparisons.map((comparison) => `${factorTitle(one)}, ${briefComparison(comparison)}`),
      ),
    ],
    table: hasChoice(workloads)
      ? brief.table
      : comparisonBrief(factors.flatMap(({ comparisons }) => comparisons)).table,
    cautions: [
      ...broken.map(
        ({ outcome, cell, asserted, found }) =>
          `Assertion ${outcome}: ${cell}: ${asserted}${found === '' ? '' : `, found ${found}`}`,
      ),
      ...brief.cautions,
      ...(hasChoice(workloads) ? [] : unshownMetrics(factors.flatMap(({ comparisons }) => comparisons))),
    ],
  };
}

/** What to set: the answer, the settings beside the baseline with what each changes, and what to doubt. */
export function recommendationBrief(
  analysis: Analysis,
  recommendation: Recommendation,
  confirmations: readonly Confirmation[] = [],
): Brief {
  const compared = analysis.workloads.filter((workload) => baselineOf(workload) !== undefined);
  const chosen = new Set(recommendation.answers.map((answer) => answer.chosen?.label ?? recommendation.baseline));
  const confirmed = confirmations.at(-1);
  return {
    sentences: [
      ...shortAnswers(recommendation).map(shortSentence),
      ...(confirmed === undefined ? [] : confirmationSentences(confirmed).slice(0, 1)),
    ],
    table: tableOf(compared, recommendation, chosen, killedCells(analysis)),
    cautions: doubtsOf(analysis, recommendation).map(({ message }) => message),
  };
}

/** The cells that have no figures because every trial ran out of memory: that is what there is to know of them. */
function killedCells({ workloads, trials }: Analysis): ReadonlySet<string> {
  const killed = new Set(trials.flatMap(({ cell, outcome }) => (outcome.kind === 'oom-killed' ? cell : [])));
  return new Set(
    workloads.flatMap(({ cells }) => cells.flatMap(({ id, valid }) => (valid === 0 && killed.has(id) ? id : []))),
  );
}

/** A setting's least favourable workload stands for it: whoever sets one setting sets it for all. */
function tableOf(
  workloads: readonly WorkloadAnalysis[],
  recommendation: Recommendation,
  chosen: ReadonlySet<string | undefined>,
  killed: ReadonlySet<string>,
): BriefTable | undefined {
  const [first] = workloads;
  if (first === undefined) return undefined;
  const blocks = blocksOf(workloads);
  const metrics = metricsOf(first);
  const limited = limitedMetrics(recommendation).filter(({ metric }) =>
    workloads.some(({ cells }) => cells.some(({ estimates }) => estimates[metric] !== undefined)),
  );
  const worst = workloads.length > 1 ? 'worst ' : '';
  const labels = [
    ...new Set(workloads.flatMap(({ cells }) => cells.flatMap(({ role, label }) => (role === 'level' ? label : [])))),
  ];
  const heads = [
    ...limited.map(({ metric, limit }) => `${worst}${nameOf(first, metric)} ≤ ${limitText(limit)}`),
    ...metrics.map((metric) => `${worst}${nameOf(first, metric)}`),
  ];
  return {
    columns: [
      { head: `n = ${counted(blocks, 'block')}`, shrink: true },
      ...heads.map((head) => ({ head, align: 'right' }) as const),
    ],
    least: 2,
    rows: labels.map((label) => {
      const own = workloads.flatMap((workload) => {
        const cell = workload.cells.find((one) => one.role === 'level' && one.label === label);
        return cell === undefined ? [] : [{ workload, cell }];
      });
      const baseline = own.some(({ cell }) => cell.baseline);
      return {
        chosen: chosen.has(label),
        kept: baseline,
        cells: [
          label,
          ...limited.map(({ metric }) => levelText(own, metric)),
          ...metrics.map((metric, i) =>
            i === 0 && own.some(({ cell }) => killed.has(cell.id))
              ? 'OOM-killed'
              : baseline
                ? baselineText(own, metric, i === 0)
                : changeText(own, metric, blocks),
          ),
        ],
      };
    }),
  };
}

/** What a run that goes on shows so far. */
export interface Interim {
  /** The blocks that it is of. */
  readonly block: number;
  /** `memory`, `CPU/request`, `p99`; empty as long as no change has an interval. */
  readonly heads: readonly string[];
  /** By cell, the A/A cell among them: its change in each, of the baseline its level. */
  readonly changes: ReadonlyMap<CellId, readonly string[]>;
  /** What `gctune recommend` would answer by now, as far as it is certain. */
  readonly clear: readonly string[];
}

/** What is known of each cell after a block, by the analysis of the blocks so far. */
export function interimOf(analysis: Analysis, block: number): Interim {
  const { workloads, recommendation } = analysis;
  const [first] = workloads;
  const metrics = first === undefined ? [] : metricsOf(first);
  const known = workloads.some(({ contrasts }) =>
    contrasts.some(({ metric, ratio }) => metrics.includes(metric) && (ratio?.low ?? null) !== null),
  );
  if (first === undefined || !known) return { block, heads: [], changes: new Map(), clear: [] };
  const blocks = blocksOf(workloads);
  return {
    block,
    heads: metrics.map((metric) => nameOf(first, metric)),
    changes: new Map(
      workloads.flatMap((workload) =>
        workload.cells.map((cell) => {
          const own = [{ workload, cell }];
          const isBaseline = cell.baseline && cell.role === 'level';
          return [
            cell.id,
            metrics.map((metric) => (isBaseline ? levelText(own, metric) : changeText(own, metric, blocks))),
          ] as const;
        }),
      ),
    ),
    clear: recommendation === undefined || !hasChoice(workloads) ? [] : clearAnswers(recommendation),
  };
}

/** What has a limit in its own unit is judged by its level, and not by its change. */
function limitedMetrics({ answers }: Recommendation): readonly { readonly metric: MetricId; readonly limit: Limit }[] {
  const all = answers.flatMap(({ settings }) =>
    settings.flatMap(({ judgements }) =>
      judgements.flatMap(({ metric, limit }) =>
        metric === undefined || limit.kind !== 'level' ? [] : [{ metric, limit }],
      ),
    ),
  );
  return all.filter(({ metric }, i) => all.findIndex((one) => one.metric === metric) === i);
}

function nameOf(workload: WorkloadAnalysis, metric: MetricId): string {
  return briefName(metric, metricName(workload, metric));
}

function blocksOf(workloads: readonly WorkloadAnalysis[]): number {
  return Math.max(0, ...workloads.flatMap(({ contrasts }) => contrasts.map(({ difference }) => difference.n)));
}

type Placed = { readonly workload: WorkloadAnalysis; readonly cell: CellAnalysis };

/** What settings are compared in: memory, CPU, latency, as far as the workload has them. */
function metricsOf({ axes }: WorkloadAnalysis): readonly MetricId[] {
  const { memory, cost, latency } = axes;
  return [memory, cost, latency].flatMap((metric) => metric ?? []);
}

/** The baseline's own values; under several workloads they differ, and there is room for one. */
function baselineText(own: readonly Placed[], metric: MetricId, first: boolean): string {
  if (first && (own.length > 1 || own[0]?.cell.estimates[metric]?.low === null)) return 'baseline';
  return own.length > 1 ? '' : levelText(own, metric);
}

/** The level under the workload in which it is highest. */
function levelText(own: readonly Placed[], metric: MetricId): string {
  const [estimate] = own.flatMap(({ cell }) => cell.estimates[metric] ?? []).toSorted((a, b) => b.value - a.value);
  if (estimate === undefined) return '';
  const { value, low, high, n } = estimate;
  if (low === null) return noInterval(n);
  const scale = commonScale([value, low, high ?? value], METRICS[metric].unit);
  return figureLine(figureOf(estimate, { scale, kind: 'level' }), scale.suffix);
}

/** The change under the workload in which it is largest, upwards; every one of these metrics is better where it is lower. */
function changeText(own: readonly Placed[], metric: MetricId, blocks: number): string {
  const changes = own.flatMap(({ workload, cell }): { change: Estimate; mark: VerdictMark }[] => {
    const contrast = contrastOf(workload, cell, metric);
    const ratio = contrast?.ratio;
    return ratio === undefined || contrast === undefined
      ? []
      : [{ change: mapped(ratio, (value) => value - 1), mark: markOf(contrast) }];
  });
  const [worst] = changes.toSorted((a, b) => b.change.value - a.change.value);
  if (worst === undefined) return '–';
  const { change, mark } = worst;
  if (change.low === null) return noInterval(change.n);
  return `${mark}${briefChange(change)}${change.n === blocks ? '' : ` n = ${change.n}`}`;
}

function noInterval(n: number): string {
  return `no interval (n = ${n})`;
}
