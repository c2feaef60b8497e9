import { counted } from '../../text/words.ts';
import type { Analysis, WorkloadAnalysis } from '../../analysis/analysis.ts';
import type { Confirmation } from '../../analysis/recommend/confirmation.ts';
import type { Front } from '../../analysis/inference/front-analysis.ts';
import type {
  Answer,
  ChosenSetting,
  Recommendation,
  SettingVerdict,
  WorkloadView,
} from '../../analysis/recommend/recommendation.ts';
import { commonScale } from '../../units/format-units.ts';
import { METRICS, type MetricId } from '../../metrics/metrics.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { columnScale } from '../column-scale.ts';
import { contrastOf } from '../comparison.ts';
import { bearingWarnings } from '../doubts.ts';
import type { Block, Cell, Document } from '../document/document.ts';
import { figureOf, intervalText, mapped } from '../figure.ts';
import { warningGroups } from '../words.ts';
import { confirmationSentences } from './confirmation-words.ts';
import { pasteForms } from './paste.ts';
import { answerGroups } from './recommend-words.ts';
import { strataSentences } from './strata-words.ts';
import { ruleText } from './rule-words.ts';
import { memoryLimitSentences } from './memory-limit-words.ts';
import { assumptions } from './rule-notes.ts';

/** The answer of `gctune recommend`: what to run, the setting to paste, the fronts, what it rests on. */
export function recommendationDocument(
  analysis: Analysis,
  recommendation: Recommendation,
  confirmations: readonly Confirmation[] = [],
): Document {
  const pasted = settingsToPaste(recommendation);
  return [
    ...answerBlocks(recommendation),
    {
      kind: 'warnings',
      warnings: warningGroups(bearingWarnings(analysis, recommendation)).map(({ message }) => message),
    },
    { kind: 'prose', text: `Chosen by: ${ruleText(recommendation)}.` },
    { kind: 'list', items: assumptions(recommendation) },
    ...pasted.flatMap((chosen): Block[] => [
      ...(pasted.length === 1 ? [] : [{ kind: 'heading', level: 2, text: `To run with ${chosen.label}` } as const]),
      ...pasteForms(chosen).flatMap(({ title, text }): Block[] => [
        { kind: 'heading', level: 3, text: title },
        { kind: 'code', text },
      ]),
      ...memoryLimitSentences(chosen.memoryLimit).map((text): Block => ({ kind: 'prose', text })),
    ]),
    ...confirmations.flatMap(confirmationBlocks),
    ...recommendation.workloads.flatMap((view) => {
      const workload = analysis.workloads.find((one) => one.workload === view.workload);
      return workload === undefined ? [] : frontBlocks(workload, view, recommendation.answers);
    }),
  ];
}

/** The answer in sentences: of each direction that is asked the first one leads. */
export function answerBlocks(recommendation: Recommendation): readonly Block[] {
  const strata = strataSentences(recommendation);
  return [
    ...answerGroups(recommendation).flatMap(([lead = '', ...rest]): Block[] => [
      { kind: 'prose', text: lead, lead: true },
      { kind: 'list', items: rest },
    ]),
    ...(strata.length === 0 ? [] : ([{ kind: 'list', items: strata }] as const)),
  ];
}

/** What a confirmation showed: its verdict, then each load. */
export function confirmationBlocks(confirmation: Confirmation): readonly Block[] {
  const [verdict = '', ...loads] = confirmationSentences(confirmation);
  return [
    { kind: 'prose', text: verdict },
    { kind: 'list', items: loads },
  ];
}

/** Each setting of an answer once; the baseline only where it is all that is said. */
function settingsToPaste({ answers, chosen }: Recommendation): readonly ChosenSetting[] {
  const moved = answers.flatMap((answer) => (answer.chosen?.baseline === false ? [answer.chosen] : []));
  if (moved.length === 0) return chosen === undefined ? [] : [chosen];
  return moved.filter(({ label }, i) => moved.findIndex((other) => other.label === label) === i);
}

function frontBlocks(workload: WorkloadAnalysis, view: WorkloadView, answers: readonly Answer[]): readonly Block[] {
  const { front } = view;
  const head: Block = { kind: 'heading', level: 2, text: `${view.workload}: ${workload.description}` };
  if (front === undefined)
    return [head, { kind: 'prose', text: 'No Pareto front: fewer than two settings can be compared.' }];
  const labelOf = (id: string): string => workload.cells.find((cell) => cell.id === id)?.label ?? id;
  const [memory, ...others] = front.metrics;
  const columns: readonly FrontColumn[] = [
    ...(memory === undefined ? [] : [savedColumn(workload, front, memory)]),
    ...others.map((metric) => changeColumn(workload, front, metric)),
    { head: 'on the front', unit: '%', cells: front.cells.map(({ probability }) => probabilityText(probability)) },
    ...answers.map(({ goal, settings }) => ({
      head: 'limits',
      unit: answers.length === 1 ? '' : goal.kind === 'cpu' ? 'for CPU' : 'for memory',
      cells: front.cells.map(({ cell }) => standingText(settings, cell, view.workload)),
    })),
  ];
  return [
    head,
    {
      kind: 'table',
      name: `Settings under ${view.workload}`,
      columns: [
        { head: 'setting' },
        ...columns.map(({ head: name, unit }) => ({ head: name, unit, align: 'right' as const })),
      ],
      rows: front.cells.map(({ cell, label }, row) => {
        const isBaseline = workload.cells.find(({ id }) => id === cell)?.baseline === true;
        return {
          cells: [`${label}${isBaseline ? ' (baseline)' : ''}`, ...columns.map(({ cells }) => cells[row])],
          ...(isBaseline ? { mark: 'baseline' as const } : {}),
        };
      }),
    },
    ...front.excluded.map(({ label, reason }): Block => ({ kind: 'note', text: `${label} is left out: ${reason}.` })),
    { kind: 'note', text: frontNote(front) },
    {
      kind: 'list',
      items: front.exchanges.map(({ leaner, richer, bytesPerPercent }) => {
        const { value, low, high, n, warnings } = bytesPerPercent;
        const scale = commonScale([value, low ?? value, high ?? value], 'bytes');
        const interval =
          low === null || high === null ? (warnings[0] ?? 'no interval') : intervalText(low, high, scale);
        return `Marginal rate from ${labelOf(richer)} to ${labelOf(leaner)}: ${scale.format(value)} saved per percent of CPU (${interval}; n = ${counted(n, 'block')})`;
      }),
    },
  ];
}

interface FrontColumn {
  readonly head: string;
  readonly unit: string;
  readonly cells: readonly Cell[];
}

function savedColumn(workload: WorkloadAnalysis, front: Front, metric: MetricId): FrontColumn {
  const estimates = front.cells.map(({ cell }) => {
    const found = workload.contrasts.find((one) => one.cell === cell && one.metric === metric);
    return found && mapped(found.difference, (value) => -value);
  });
  return figureColumn('saved', estimates, 'bytes', 'saving');
}

function changeColumn(workload: WorkloadAnalysis, front: Front, metric: MetricId): FrontColumn {
  const estimates = front.cells.map(({ cell }) => {
    const own = workload.cells.find(({ id }) => id === cell);
    const ratio = own && contrastOf(workload, own, metric)?.ratio;
    return ratio && mapped(ratio, (value) => value - 1);
  });
  const column = figureColumn(METRICS[metric].label, estimates, 'fraction', 'difference');
  return { ...column, unit: 'change, %' };
}

function figureColumn(
  head: string,
  estimates: readonly (Estimate | undefined)[],
  unit: 'bytes' | 'fraction',
  kind: 'saving' | 'difference',
): FrontColumn {
  const scale = columnScale(
    estimates.flatMap((estimate) => estimate ?? []),
    unit,
    kind,
  );
  const cells = estimates.map((estimate) => estimate && { figure: figureOf(estimate, { scale, kind }) });
  return { head, unit: scale.suffix, cells };
}

/** Never rounded up to certainty. */
function probabilityText(probability: number | null): string {
  if (probability === null) return '–';
  const percent = Math.floor(probability * 100);
  return probability > 0 && percent === 0 ? '<1' : String(percent);
}

function standingText(settings: readonly SettingVerdict[], cell: string, workload: string): string {
  const setting = settings.find(({ cells }) => cells.includes(cell));
  if (setting?.excluded !== undefined) return 'left out';
  const states = (setting?.judgements ?? []).filter((one) => one.workload === workload).map(({ state }) => state);
  const worst = (['broken', 'absent', 'no-interval', 'open'] as const).find((state) => states.includes(state));
  return { broken: 'broken', absent: 'no value', 'no-interval': 'too few', open: 'open', met: 'met' }[worst ?? 'met'];
}

function frontNote({ metrics, blocks, resamples }: Front): string {
  const names = metrics.map((metric) => METRICS[metric].label).join(' × ');
  const over = `that have all settings (n = ${counted(blocks, 'block')})`;
  return resamples === 0
    ? `On the Pareto front of ${names}: unknown with so few blocks ${over}.`
    : `On the Pareto front of ${names}: the share of ${resamples} resamples of the blocks ${over} in which no other setting was better in all of them.`;
}
