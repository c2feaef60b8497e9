import { outcomeText } from '../results/outcome-text.ts';
import type { Analysis, WorkloadAnalysis } from '../analysis/analysis.ts';
import { plainText } from '../text/plain-text.ts';
import type { Warning } from '../metrics/warning.ts';
import { assertionBlocks } from './assert/assert-document.ts';
import { writeMarkdown } from './document/write-markdown.ts';
import { escaped } from './document/escaped-markdown.ts';
import { markLegend, MEDIANS_NOTE } from './comparison.ts';
import { refusalsOf } from './figure.ts';
import { answerSentences } from './recommend/recommend-words.ts';
import { modelNote, modelSentences } from './model/model-words.ts';
import { predictionTable, type PredictionTable } from './model/prediction-table.ts';
import type { SiteTable } from './sites.ts';
import { siteTables } from './sites.ts';
import type { Summary, SummaryFigure } from './summary.ts';
import { summariesOf } from './summary.ts';
import {
  clockText,
  counted,
  countedText,
  cutText,
  findingByWorkload,
  outcomeLog,
  percentText,
  uncounted,
  validText,
  warningGroups,
} from './words.ts';

/** The report in GitHub's Markdown: for a pull request or a job's summary. */
export function markdownReport(analysis: Analysis): string {
  const { run, warnings, methods, trials } = analysis;
  const findings = findingByWorkload(analysis);
  const several = analysis.workloads.length > 1;
  const facts = [
    run.artifact.description,
    `GOMAXPROCS ${run.gomaxprocs}`,
    run.runner,
    clockText(run.startedAt),
    countedText(analysis),
  ];
  const spoilt = uncounted(trials);
  const cut = cutText(analysis);
  const parts = [
    `# ${escaped(run.experiment.name)}`,
    ...(run.experiment.description === undefined ? [] : [escaped(run.experiment.description)]),
    facts.map(escaped).join(' · '),
    ...(cut === undefined ? [] : [`**${escaped(cut)}**`]),
    ...(warnings.length === 0 ? [] : [warningBlock(warnings)]),
    ...(analysis.assertions === undefined
      ? []
      : ['## Assertions', writeMarkdown(assertionBlocks(analysis.assertions)).trimEnd()]),
    ...(analysis.recommendation === undefined
      ? []
      : ['## Recommendation', ...bullets(answerSentences(analysis.recommendation))]),
    ...summariesOf(analysis).flatMap((summary) => [
      `## ${several ? escaped(summary.workload.workload) : 'Finding'}`,
      ...bullets(findings.get(summary.workload.workload) ?? []),
      `${several ? '' : `${escaped(summary.workload.workload)}: `}${escaped(summary.workload.description)}`,
      summaryTable(summary),
      ...refusalsOf(summary.columns.flatMap(({ figures }) => figures)).map(
        (refusal) => `No interval: ${escaped(refusal)}.`,
      ),
      ...modelParts(summary.workload),
      ...siteTables(summary.workload).flatMap(siteParts),
    ]),
    `In parentheses the interval, at least ${percentText(run.experiment.confidence)} confidence; n: trials that count, of those run. ${markLegend(run.experiment).replace('~', '\\~')} ${MEDIANS_NOTE}`,
    ...(analysis.workloads.some(({ model }) => model !== undefined)
      ? [escaped(modelNote(run.experiment.confidence))]
      : []),
    ...(spoilt.length === 0
      ? []
      : [
          `## ${counted(spoilt.length, 'trial')} of ${trials.length} ${spoilt.length === 1 ? 'does' : 'do'} not count`,
          spoilt
            .map(({ id, outcome }) =>
              [`- ${code(id)}: ${escaped(outcomeText(outcome))}`, ...fenced(outcomeLog(outcome))].join('\n'),
            )
            .join('\n'),
        ]),
    '## How it was measured',
    ...bullets(methods.map(({ text }) => text)),
    [
      `- run ${code(run.id)}, gctune ${escaped(run.toolVersion)}, ${escaped(run.artifact.buildInfo.goVersion)}, ${code(run.artifact.digest)}`,
      ...Object.entries(run.environment).map(
        ([name, value]) => `- ${escaped(name)}: ${escaped(value === null ? 'unknown' : String(value))}`,
      ),
    ].join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

function warningBlock(warnings: readonly Warning[]): string {
  const lines = warningGroups(warnings).map(
    ({ message, places }) =>
      `> - ${places.length === 0 ? '' : `**${places.map(escaped).join(', ')}**: `}${escaped(message)}`,
  );
  return ['> [!WARNING]', ...lines].join('\n');
}

function summaryTable({ columns, rows }: Summary): string {
  const head = ['cell', ...columns.map(({ head: name, unit }) => (unit === '' ? name : `${name}, ${unit}`)), 'n'];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head.map(escaped)),
    line(head.map((_, i) => (i === 0 ? '---' : '---:'))),
    ...rows.map((cell, row) =>
      line([
        `${escaped(cell.label)}${cell.baseline ? ' (baseline)' : ''}${cell.shortfall === undefined ? '' : `: ${escaped(cell.shortfall)}`}`,
        ...columns.map(({ figures }) => figureText(figures[row], cell.valid)),
        validText(cell),
      ]),
    ),
  ].join('\n');
}

function modelParts(workload: WorkloadAnalysis): readonly string[] {
  const { model } = workload;
  if (model === undefined) return [];
  const predicted = predictionTable(workload, model);
  return [
    '### Cost model',
    ...bullets(modelSentences(workload, model)),
    ...(predicted === undefined ? [] : [predictedRows(predicted)]),
  ];
}

function predictedRows({ rows, columns }: PredictionTable): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(['not run', ...columns.map(({ head, unit }) => escaped(unit === '' ? head : `${head}, ${unit}`))]),
    line(['---', ...columns.map(() => '---:')]),
    ...rows.map((label, row) =>
      line([
        escaped(label),
        ...columns.map(({ figures }) => {
          const figure = figures[row];
          return figure === undefined ? '' : `${figure.value} (${figure.interval ?? 'no interval'})`;
        }),
      ]),
    ),
  ].join('\n');
}

function siteParts({ title, of, unit, rows }: SiteTable): readonly string[] {
  return [
    `${title} (${escaped(of)}), by function:`,
    [
      `| function | itself, ${unit} | share | with all it calls, ${unit} | share |`,
      '| --- | ---: | ---: | ---: | ---: |',
      ...rows.map(
        ({ short, own, ownShare, all, allShare }) =>
          `| ${escaped(short)} | ${own} | ${ownShare} | ${all} | ${allShare} |`,
      ),
    ].join('\n'),
  ];
}

function figureText(figure: SummaryFigure | undefined, ofRow: number): string {
  if (figure === undefined) return '';
  // A tilde would strike text through.
  const doubt = figure.mark === '' ? '' : `${figure.mark === '~' ? '\\~' : figure.mark} `;
  const n = figure.n === ofRow ? '' : `, n = ${figure.n}`;
  return `${doubt}${figure.value} (${figure.interval ?? 'no interval'}${n})`;
}

function bullets(sentences: readonly string[]): readonly string[] {
  return sentences.length === 0 ? [] : [sentences.map((sentence) => `- ${escaped(sentence)}`).join('\n')];
}

/** Untrusted text as a code span, in more backticks than it has itself. */
function code(text: string): string {
  const plain = plainText(text);
  const ticks = '`'.repeat(longestRun(plain) + 1);
  const pad = plain.startsWith('`') || plain.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${plain}${pad}${ticks}`;
}

/** Untrusted lines as a code block within a list item. */
function fenced(lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const plain = lines.map(plainText);
  const fence = '`'.repeat(Math.max(3, ...plain.map((line) => longestRun(line) + 1)));
  return ['', `  ${fence}text`, ...plain.map((line) => `  ${line}`), `  ${fence}`];
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
