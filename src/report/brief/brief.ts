import type { Analysis, CellAnalysis, WorkloadAnalysis } from '../../analysis/analysis.ts';
import { METRICS, type MetricId } from '../../metrics/metrics.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { counted } from '../../text/words.ts';
import { commonScale } from '../../units/format-units.ts';
import { baselineOf, contrastOf, hasChoice, markOf, metricName, type VerdictMark } from '../comparison.ts';
import { factorSentences } from '../compare/factor-document.ts';
import { figureLine, figureOf, mapped } from '../figure.ts';
import { assertionRows } from '../assert/assert-words.ts';
import { bearingWarnings } from '../recommend/recommend-document.ts';
import { cutText, warningGroups } from '../words.ts';
import { briefChange } from './brief-figure.ts';
import { blocksToDecide, shortAnswers, shortSentence, type BlocksToDecide } from './verdict-words.ts';

/** A run's answer at a glance: what the end of a run shows. All text is untrusted. */
export interface Brief {
  /** What to set, a sentence for each direction. */
  readonly sentences: readonly string[];
  readonly table: BriefTable;
  /** What to doubt, in a line each, that which could change the answer first. */
  readonly cautions: readonly string[];
  /** What would decide what is not decided; undefined where the answer stands, or more blocks would not help. */
  readonly toDecide: BlocksToDecide | undefined;
}

/** The settings beside the baseline, each with what it changes. */
export interface BriefTable {
  /** `n = 30 blocks`, `memory`, `CPU/request`, `p99`; `worst memory` where several workloads are one row. */
  readonly heads: readonly string[];
  readonly rows: readonly BriefRow[];
}

/** One setting. */
export interface BriefRow {
  readonly setting: string;
  /** It is what one of the sentences says to set or keep. */
  readonly chosen: boolean;
  readonly baseline: boolean;
  /** A text for each column but the first; empty where there is no figure. */
  readonly cells: readonly string[];
}

/** What the end of a run says of it; undefined where no workload has a baseline or the analysis is of an older version. */
export function briefOf(analysis: Analysis): Brief | undefined {
  const { recommendation, workloads } = analysis;
  const compared = workloads.filter((workload) => baselineOf(workload) !== undefined);
  if (recommendation === undefined || compared.length === 0) return undefined;
  const chosen = new Set(recommendation.answers.map((answer) => answer.chosen?.label ?? recommendation.baseline));
  const blocks = blocksOf(compared);
  return {
    sentences: [
      ...(analysis.factors ?? []).flatMap(factorSentences),
      ...(hasChoice(workloads) ? shortAnswers(recommendation).map(shortSentence) : []),
    ],
    table: tableOf(compared, chosen, blocks),
    cautions: cautionsOf(analysis, chosen),
    toDecide: hasChoice(workloads) ? blocksToDecide(recommendation) : undefined,
  };
}

/** A setting's least favourable workload stands for it: whoever sets one setting sets it for all. */
function tableOf(
  workloads: readonly WorkloadAnalysis[],
  chosen: ReadonlySet<string | undefined>,
  blocks: number,
): BriefTable {
  const [first] = workloads;
  if (first === undefined) return { heads: [], rows: [] };
  const metrics = metricsOf(first);
  const worst = workloads.length > 1 ? 'worst ' : '';
  const labels = [
    ...new Set(workloads.flatMap(({ cells }) => cells.flatMap(({ role, label }) => (role === 'level' ? label : [])))),
  ];
  return {
    heads: [
      `n = ${counted(blocks, 'block')}`,
      ...metrics.map((metric) => `${worst}${SHORT_NAMES[metric] ?? metricName(first, metric).replace(' per ', '/')}`),
    ],
    rows: labels.map((label) => {
      const own = workloads.flatMap((workload) => {
        const cell = workload.cells.find((one) => one.role === 'level' && one.label === label);
        return cell === undefined ? [] : [{ workload, cell }];
      });
      const baseline = own.some(({ cell }) => cell.baseline);
      return {
        setting: label,
        chosen: chosen.has(label),
        baseline,
        cells: metrics.map((metric, i) =>
          baseline ? levelText(own, metric, i === 0) : changeText(own, metric, blocks),
        ),
      };
    }),
  };
}

/** Names that are longer than their column. */
const SHORT_NAMES: Readonly<Partial<Record<MetricId, string>>> = {
  'memory.anon': 'memory',
  'latency.p99': 'p99',
};

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
function levelText(own: readonly Placed[], metric: MetricId, first: boolean): string {
  const [only] = own;
  if (own.length > 1) return first ? 'baseline' : '';
  const estimate = only?.cell.estimates[metric];
  if (estimate === undefined) return '';
  const { value, low, high, n } = estimate;
  if (low === null) return first ? 'baseline' : noInterval(n);
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

/** What could change the answer, then what stands in the way of settings, then other warnings that bear on it. */
function cautionsOf(analysis: Analysis, chosen: ReadonlySet<string | undefined>): readonly string[] {
  const { recommendation, workloads, assertions } = analysis;
  const cut = cutText(analysis);
  const broken = assertions === undefined ? [] : assertionRows(assertions).filter(({ severity }) => severity !== 'ok');
  const shortfalls = workloads.flatMap(({ cells }) =>
    cells.flatMap(({ label, shortfall, role, valid }) =>
      shortfall === undefined || role === 'a-a'
        ? []
        : [{ text: `${label}: ${shortfall}`, grave: valid === 0 || chosen.has(label) }],
    ),
  );
  const bearing = recommendation === undefined ? [] : warningGroups(bearingWarnings(analysis, recommendation));
  return [
    ...(cut === undefined ? [] : [cut]),
    ...broken.map(
      ({ outcome, cell, asserted, found }) =>
        `Assertion ${outcome}: ${cell}: ${asserted}${found === '' ? '' : `, found ${found}`}`,
    ),
    ...shortfalls.filter(({ grave }) => grave).map(({ text }) => text),
    ...bearing.map(({ message }) => message),
    ...shortfalls.filter(({ grave }) => !grave).map(({ text }) => text),
  ].filter((text, i, all) => all.indexOf(text) === i);
}
