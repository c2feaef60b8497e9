import { outcomeText } from '../results/outcome-text.ts';
import type { Analysis, WorkloadAnalysis } from '../analysis/analysis.ts';
import { plainText } from '../text/plain-text.ts';
import { assertionBlocks } from './assert/assert-document.ts';
import { writeText } from './document/write-text.ts';
import { markLegend, MEDIANS_NOTE } from './comparison.ts';
import { refusalsOf } from './figure.ts';
import { answerSentences } from './recommend/recommend-words.ts';
import { modelNote, modelSentences } from './model/model-words.ts';
import { predictionTable } from './model/prediction-table.ts';
import type { SiteTable } from './sites.ts';
import { siteTables } from './sites.ts';
import type { Summary, SummaryFigure } from './summary.ts';
import { summariesOf } from './summary.ts';
import { alignedBlocks, wrapped } from './text-layout.ts';
import type { WarningGroup } from './words.ts';
import {
  clockText,
  counted,
  countedText,
  cutText,
  findingByWorkload,
  percentText,
  uncounted,
  validText,
  warningGroups,
} from './words.ts';

/** How the report is laid out as text. */
export interface TextOptions {
  /** Columns of the terminal; 80 where nothing is known. */
  readonly width?: number | undefined;
}

/** The report for a terminal: the finding, a table for each workload, what to doubt. No colours, no control characters. */
export function textReport(analysis: Analysis, { width = 80 }: TextOptions = {}): string {
  const { run, warnings, trials } = analysis;
  const columns = Math.max(40, width);
  const cut = cutText(analysis);
  const findings = findingByWorkload(analysis);
  const several = analysis.workloads.length > 1;
  const head = [
    ...wrapped(plainText(run.experiment.name), columns, '', ''),
    ...wrapped(
      [
        run.artifact.description,
        `GOMAXPROCS ${run.gomaxprocs}`,
        run.runner,
        clockText(run.startedAt),
        countedText(analysis),
      ]
        .map(plainText)
        .join(', '),
      columns,
      '',
      '',
    ),
    ...(cut === undefined ? [] : wrapped(cut, columns, '', '')),
  ];
  const workloads = summariesOf(analysis).map((summary) => {
    const { workload } = summary;
    const cells = new Set<string>(workload.cells.map(({ id }) => id));
    const notes = warningGroups(warnings.filter(({ cell }) => cell !== undefined && cells.has(cell)));
    return [
      '',
      ...wrapped(plainText(`${several ? `${workload.workload}: ` : ''}${workload.description}`), columns, '', '  '),
      '',
      ...(findings.get(workload.workload) ?? []).flatMap((sentence) =>
        wrapped(plainText(sentence), columns, '- ', '  '),
      ),
      '',
      ...summaryLines(summary, notes, columns),
      ...notes.flatMap(({ message }, i) => wrapped(plainText(message), columns, `${superscript(i + 1)} `, '  ')),
      ...modelLines(workload, columns),
      ...siteTables(workload).flatMap((sites) => siteLines(sites, columns)),
    ];
  });
  const known = new Set<string>(analysis.workloads.flatMap(({ cells }) => cells.map(({ id }) => id)));
  const others = warnings.filter(({ cell }) => cell === undefined || !known.has(cell));
  const spoilt = uncounted(trials);
  const lines = [
    ...head,
    ...(others.length === 0
      ? []
      : ['', ...others.flatMap((one) => wrapped(plainText(`warning: ${one.message}`), columns, '', '  '))]),
    ...(analysis.recommendation === undefined
      ? []
      : [
          '',
          ...answerSentences(analysis.recommendation).flatMap((sentence) =>
            wrapped(plainText(sentence), columns, '', '  '),
          ),
        ]),
    ...workloads.flat(),
    ...(spoilt.length === 0
      ? []
      : [
          '',
          `${counted(spoilt.length, 'trial')} of ${trials.length} ${spoilt.length === 1 ? 'does' : 'do'} not count:`,
          ...spoilt.flatMap(({ id, outcome }) =>
            wrapped(plainText(`${id}: ${outcomeText(outcome)}`), columns, '- ', '  '),
          ),
        ]),
    '',
    ...wrapped(
      `In parentheses the interval, at least ${percentText(run.experiment.confidence)} confidence; n: trials that count of those run. ${markLegend(run.experiment)} ${MEDIANS_NOTE}`,
      columns,
      '',
      '',
    ),
    ...(analysis.workloads.some(({ model }) => model !== undefined)
      ? wrapped(modelNote(run.experiment.confidence), columns, '', '')
      : []),
    ...(analysis.assertions === undefined
      ? []
      : ['', writeText(assertionBlocks(analysis.assertions), { width: columns }).trimEnd()]),
  ];
  return `${lines.join('\n')}\n`;
}

function summaryLines(
  { columns: all, rows }: Summary,
  notes: readonly WarningGroup[],
  width: number,
): readonly string[] {
  const columns = all.filter(({ repeats }) => !repeats);
  const refusals = refusalsOf(columns.flatMap(({ figures }) => figures));
  const mark = (refusal: string): string => String.fromCodePoint(97 + (refusals.indexOf(refusal) % 26));
  const labels = rows.map((cell) => {
    const marks = notes.flatMap(({ places }, i) => (places.includes(cell.id) ? [superscript(i + 1)] : []));
    return `${cut(plainText(cell.label))}${cell.baseline ? ' (baseline)' : ''}${marks.length > 0 ? ` ${marks.join(' ')}` : ''}`;
  });
  return [
    ...alignedBlocks(
      { head: ['cell', ''], cells: labels },
      [
        ...columns.map(({ head, unit, figures }, i) => ({
          head: [head, unit],
          cells: rows.map((cell, row) => figureText(figures[row], cell.valid, mark)),
          // A change is read beside what changes: the columns that continue another stay with it.
          joined: i > 0 && columns[i - 1]?.metric === columns[i]?.metric,
        })),
        { head: ['n', ''], cells: rows.map(validText), joined: true },
      ],
      width,
    ),
    ...refusals.map((refusal) => `${mark(refusal)}: ${plainText(refusal)}`),
  ];
}

/** What the theory says of a workload, and of the levels that were not run. */
function modelLines(workload: WorkloadAnalysis, columns: number): readonly string[] {
  const { model } = workload;
  if (model === undefined) return [];
  const predicted = predictionTable(workload, model);
  return [
    '',
    'Cost model:',
    ...modelSentences(workload, model).flatMap((sentence) => wrapped(plainText(sentence), columns, '- ', '  ')),
    ...(predicted === undefined
      ? []
      : [
          '',
          ...alignedBlocks(
            { head: ['not run', ''], cells: predicted.rows },
            predicted.columns.map(({ head, unit, figures }) => ({
              head: [head, unit],
              cells: figures.map((figure) =>
                figure === undefined ? '' : `${figure.value} (${figure.interval ?? 'no interval'})`,
              ),
            })),
            columns,
          ),
        ]),
  ];
}

/** The functions with the figures before them, as pprof has them: names are long. */
function siteLines({ title, of, unit, rows }: SiteTable, columns: number): readonly string[] {
  const own = rightAligned(['itself', unit, ...rows.map((row) => row.own)]);
  const all = rightAligned(['and calls', unit, ...rows.map((row) => row.all)]);
  const shares = rightAligned(['', '', ...rows.map((row) => row.ownShare)]);
  const names = ['function', '', ...rows.map(({ short }) => plainText(short))];
  return [
    '',
    ...wrapped(plainText(`${title} (${of}):`), columns, '', '  '),
    '',
    ...names.map((name, i) => {
      const figures = `${own[i] ?? ''}  ${shares[i] ?? ''}  ${all[i] ?? ''}  `;
      return `${figures}${cut(name, columns - figures.length)}`.trimEnd();
    }),
  ];
}

function rightAligned(cells: readonly string[]): readonly string[] {
  const width = Math.max(...cells.map((cell) => cell.length));
  return cells.map((cell) => cell.padStart(width));
}

/** `9.7 (9.3–10.1)`; a figure from fewer trials than its row says so; one without an interval refers to the reason. */
function figureText(figure: SummaryFigure | undefined, ofRow: number, mark: (refusal: string) => string): string {
  if (figure === undefined) return '';
  const interval = figure.interval ?? `no interval: ${mark(figure.refusal ?? '')}`;
  return `${figure.mark}${figure.value} (${interval}${figure.n === ofRow ? '' : `, n = ${figure.n}`})`;
}

/** A label that is longer than any of ours would push all figures off the screen. */
function cut(label: string, longest = LONGEST_LABEL): string {
  const characters = Array.from(label);
  return characters.length <= longest ? label : `${characters.slice(0, longest - 1).join('')}…`;
}

const LONGEST_LABEL = 40;

/** A number as a footnote's mark. */
function superscript(number: number): string {
  return Array.from(String(number), (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? '').join('');
}
