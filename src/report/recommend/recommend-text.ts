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
import { plainText } from '../../text/plain-text.ts';
import type { Warning } from '../../metrics/warning.ts';
import { columnScale } from '../column-scale.ts';
import { contrastOf } from '../comparison.ts';
import { figureOf, intervalText, mapped } from '../figure.ts';
import { alignedBlocks, wrapped, type TextColumn } from '../text-layout.ts';
import { counted, warningGroups } from '../words.ts';
import { confirmationSentences } from './confirmation-words.ts';
import { pasteForms } from './paste.ts';
import { answerSentences } from './recommend-words.ts';
import { ruleText } from './rule-words.ts';
import { memoryLimitSentences } from './memory-limit-words.ts';
import { assumptions } from './rule-notes.ts';

/** The recommendation for a terminal: the answer, the setting to paste, the fronts, what it rests on. No control characters. */
export function recommendationText(
  analysis: Analysis,
  recommendation: Recommendation,
  {
    width = 80,
    confirmations = [],
  }: { readonly width?: number | undefined; readonly confirmations?: readonly Confirmation[] } = {},
): string {
  const columns = Math.max(40, width);
  const { answers, workloads } = recommendation;
  const pasted = settingsToPaste(recommendation);
  const prose = (text: string, bullet = '', indent = ''): readonly string[] =>
    wrapped(plainText(text), columns, bullet, indent);
  const lines = [
    ...answerSentences(recommendation).flatMap((sentence) => prose(sentence)),
    ...warningGroups(bearingWarnings(analysis, recommendation)).flatMap(({ message }) =>
      prose(`warning: ${message}`, '', '  '),
    ),
    '',
    ...prose(`Chosen by: ${ruleText(recommendation)}.`),
    ...assumptions(recommendation).flatMap((note) => prose(note, '- ', '  ')),
    ...pasted.flatMap((chosen) => [
      ...(pasted.length === 1 ? [] : ['', ...prose(`To run with ${chosen.label}:`)]),
      ...pasteForms(chosen).flatMap(({ title, text }) => [
        '',
        ...prose(`${title}:`),
        ...text.split('\n').map((line) => `  ${plainText(line)}`),
      ]),
      '',
      ...memoryLimitSentences(chosen.memoryLimit).flatMap((sentence) => prose(sentence)),
    ]),
    ...confirmations.flatMap((one) => [
      '',
      ...confirmationSentences(one).flatMap((sentence) => prose(sentence, '', '  ')),
    ]),
    ...workloads.flatMap((view) => {
      const workload = analysis.workloads.find((one) => one.workload === view.workload);
      return workload === undefined ? [] : frontLines(workload, view, answers, columns);
    }),
  ];
  return `${lines.join('\n')}\n`;
}

/** The warnings that bear on an answer: of the run as a whole, and of the cells and metrics that it compares. */
export function bearingWarnings(
  { warnings, workloads }: Pick<Analysis, 'warnings' | 'workloads'>,
  { answers }: Recommendation,
): readonly Warning[] {
  const metrics = new Set<string | undefined>([
    undefined,
    'cpu.used',
    ...workloads.flatMap(({ axes }) => [axes.memory, axes.cost, axes.latency]),
    ...answers.flatMap(({ settings }) => settings.flatMap(({ judgements }) => judgements.map(({ metric }) => metric))),
  ]);
  const compared = new Set(
    answers.flatMap(({ chosen, settings }) =>
      settings.filter(({ label, baseline }) => baseline || label === chosen?.label).flatMap(({ cells }) => cells),
    ),
  );
  const known = new Set(workloads.flatMap(({ cells }) => cells.map(({ id }) => id)));
  return warnings.filter(
    ({ cell, metric }) => metrics.has(metric) && (cell === undefined || compared.has(cell) || !known.has(cell)),
  );
}

/** Each setting of an answer once; the baseline only where it is all that is said. */
function settingsToPaste({ answers, chosen }: Recommendation): readonly ChosenSetting[] {
  const moved = answers.flatMap((answer) => (answer.chosen?.baseline === false ? [answer.chosen] : []));
  if (moved.length === 0) return chosen === undefined ? [] : [chosen];
  return moved.filter(({ label }, i) => moved.findIndex((other) => other.label === label) === i);
}

function frontLines(
  workload: WorkloadAnalysis,
  view: WorkloadView,
  answers: readonly Answer[],
  columns: number,
): readonly string[] {
  const { front } = view;
  const head = ['', ...wrapped(plainText(`${view.workload}: ${workload.description}`), columns, '', '  '), ''];
  if (front === undefined)
    return [...head, ...wrapped('No front: fewer than two settings can be compared.', columns, '', '')];
  const labelOf = (id: string): string => workload.cells.find((cell) => cell.id === id)?.label ?? id;
  const [memory, ...others] = front.metrics;
  return [
    ...head,
    ...alignedBlocks(
      {
        head: ['setting', ''],
        cells: front.cells.map(({ cell, label }) => {
          const isBaseline = workload.cells.find(({ id }) => id === cell)?.baseline === true;
          return `${shortened(plainText(label))}${isBaseline ? ' (baseline)' : ''}`;
        }),
      },
      [
        ...(memory === undefined ? [] : [savedColumn(workload, front, memory)]),
        ...others.map((metric) => changeColumn(workload, front, metric)),
        { head: ['on the front', '%'], cells: front.cells.map(({ probability }) => probabilityText(probability)) },
        ...answers.map(({ goal, settings }): TextColumn => {
          const of = answers.length === 1 ? '' : goal.kind === 'cpu' ? 'for CPU' : 'for memory';
          return {
            head: ['limits', of],
            cells: front.cells.map(({ cell }) => standingText(settings, cell, view.workload)),
          };
        }),
      ],
      columns,
    ),
    ...front.excluded.flatMap(({ label, reason }) =>
      wrapped(plainText(`${label} is left out: ${reason}.`), columns, '', '  '),
    ),
    ...wrapped(frontNote(front), columns, '', ''),
    ...front.exchanges.flatMap(({ leaner, richer, bytesPerPercent }) => {
      const { value, low, high, n, warnings } = bytesPerPercent;
      const scale = commonScale([value, low ?? value, high ?? value], 'bytes');
      const interval = low === null || high === null ? (warnings[0] ?? 'no interval') : intervalText(low, high, scale);
      const text = `From ${labelOf(richer)} to ${labelOf(leaner)}: ${scale.format(value)} saved for each percent of CPU (${interval}; n = ${counted(n, 'block')})`;
      return wrapped(plainText(text), columns, '- ', '  ');
    }),
  ];
}

function savedColumn(workload: WorkloadAnalysis, front: Front, metric: MetricId): TextColumn {
  const estimates = front.cells.map(({ cell }) => {
    const found = workload.contrasts.find((one) => one.cell === cell && one.metric === metric);
    return found && mapped(found.difference, (value) => -value);
  });
  const scale = columnScale(
    estimates.flatMap((estimate) => estimate ?? []),
    'bytes',
    'saving',
  );
  return {
    head: ['saved', scale.suffix],
    cells: estimates.map((estimate) =>
      estimate === undefined ? '' : cellText(figureOf(estimate, { scale, kind: 'saving' })),
    ),
  };
}

function changeColumn(workload: WorkloadAnalysis, front: Front, metric: MetricId): TextColumn {
  const estimates = front.cells.map(({ cell }) => {
    const own = workload.cells.find(({ id }) => id === cell);
    const ratio = own && contrastOf(workload, own, metric)?.ratio;
    return ratio && mapped(ratio, (value) => value - 1);
  });
  const known = estimates.flatMap((estimate) => estimate ?? []);
  const scale = columnScale(known, 'fraction', 'difference');
  return {
    head: [METRICS[metric].label, 'change, %'],
    cells: estimates.map((estimate) =>
      estimate === undefined ? '' : cellText(figureOf(estimate, { scale, kind: 'difference' })),
    ),
  };
}

function cellText({ value, interval }: ReturnType<typeof figureOf>): string {
  return `${value} (${interval ?? 'no interval'})`;
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
  return { broken: 'broken', absent: 'no figure', 'no-interval': 'too few', open: 'open', met: 'met' }[worst ?? 'met'];
}

function frontNote({ metrics, blocks, resamples }: Front): string {
  const names = metrics.map((metric) => METRICS[metric].label).join(' × ');
  const over = `in which all settings count (n = ${counted(blocks, 'block')})`;
  return resamples === 0
    ? `On the front of ${names}: not known with so few blocks ${over}.`
    : `On the front of ${names}: in so many of ${resamples} draws of whole blocks ${over} no other setting was better in all.`;
}

const LONGEST_LABEL = 40;

function shortened(label: string): string {
  const characters = Array.from(label);
  return characters.length <= LONGEST_LABEL ? label : `${characters.slice(0, LONGEST_LABEL - 1).join('')}…`;
}
