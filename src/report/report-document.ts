import { counted } from '../text/words.ts';
import { outcomeText } from '../results/outcome-text.ts';
import type { Analysis, WorkloadAnalysis } from '../analysis/analysis.ts';
import { assertionBlocks } from './assert/assert-document.ts';
import { markLegend, MEDIANS_NOTE } from './comparison.ts';
import { factorBlocks, factorTitle } from './compare/factor-document.ts';
import type { Block, Cell, Document, Table } from './document/document.ts';
import { modelNote, modelSentences } from './model/model-words.ts';
import { predictionTable } from './model/prediction-table.ts';
import { nodeBlocks } from './node-document.ts';
import { answerBlocks } from './recommend/recommend-document.ts';
import { sensitivityBlocks } from './sensitivity-document.ts';
import { siteTables, type SiteTable } from './sites.ts';
import { summariesOf, type Summary } from './summary.ts';
import {
  clockText,
  countedText,
  cutText,
  findingByWorkload,
  outcomeLog,
  percentText,
  resumedText,
  uncounted,
  validText,
  warningGroups,
  type WarningGroup,
} from './words.ts';

/** The report as text and Markdown have it: what to doubt, the answer, the finding and a table for each workload. */
export function reportDocument(analysis: Analysis): Document {
  const { run, assertions, nodes, recommendation, sensitivity, workloads, warnings, factors = [] } = analysis;
  const { name, description, confidence } = run.experiment;
  const cut = cutText(analysis);
  const resumed = resumedText(analysis);
  const known = new Set<string>(workloads.flatMap(({ cells }) => cells.map(({ id }) => id)));
  const general = warnings.filter(({ cell }) => cell === undefined || !known.has(cell));
  const facts = [
    run.artifact.description,
    `GOMAXPROCS ${run.gomaxprocs}`,
    run.runner,
    clockText(run.startedAt),
    ...(resumed === undefined ? [] : [resumed]),
    countedText(analysis),
  ];
  return [
    { kind: 'heading', level: 1, text: name },
    ...(description === undefined ? [] : [prose(description)]),
    prose(facts.join(' · ')),
    ...(cut === undefined ? [] : ([{ kind: 'prose', text: [{ text: cut, as: 'caution' }] }] as const)),
    { kind: 'warnings', warnings: warningGroups(general).map(warningText) },
    ...(assertions === undefined ? [] : [heading(2, 'Assertions'), ...assertionBlocks(assertions, run.experimentFile)]),
    ...(recommendation === undefined ? [] : [heading(2, 'Recommendation'), ...answerBlocks(recommendation)]),
    ...factors.flatMap((one) => [heading(2, factorTitle(one)), ...factorBlocks(one)]),
    ...workloadBlocks(analysis),
    prose(
      `Intervals in parentheses, with at least ${percentText(confidence)} confidence; n: valid trials of those run. ${markLegend(run.experiment)} ${MEDIANS_NOTE}`,
    ),
    ...(workloads.some(({ model }) => model !== undefined) ? [prose(modelNote(confidence))] : []),
    ...uncountedBlocks(analysis),
    ...(nodes === undefined ? [] : [heading(2, 'Nodes'), ...nodeBlocks(nodes, confidence)]),
    ...(sensitivity === undefined ? [] : [heading(2, 'Repeats and interruptions'), ...sensitivityBlocks(sensitivity)]),
    methodBlock(analysis),
  ];
}

function heading(level: 2 | 3, text: string): Block {
  return { kind: 'heading', level, text };
}

function prose(text: string): Block {
  return { kind: 'prose', text };
}

function list(items: readonly string[]): Block {
  return { kind: 'list', items };
}

function warningText({ message, places }: WarningGroup): string {
  return places.length === 0 ? message : `${places.join(', ')}: ${message}`;
}

function workloadBlocks(analysis: Analysis): readonly Block[] {
  const findings = findingByWorkload(analysis);
  const several = analysis.workloads.length > 1;
  return summariesOf(analysis).flatMap((summary) => {
    const { workload } = summary;
    const cells = new Set<string>(workload.cells.map(({ id }) => id));
    const notes = warningGroups([
      ...analysis.warnings.filter(({ cell }) => cell !== undefined && cells.has(cell)),
      ...workload.cells.flatMap(({ id, shortfall }) =>
        shortfall === undefined ? [] : [{ code: 'shortfall', message: shortfall, cell: id }],
      ),
    ]);
    return [
      heading(2, several ? workload.workload : 'Finding'),
      prose(several ? workload.description : `${workload.workload}: ${workload.description}`),
      list(findings.get(workload.workload) ?? []),
      summaryTable(summary, notes),
      ...notes.map(({ message }, i): Block => ({ kind: 'note', text: `${superscript(i + 1)} ${message}` })),
      ...modelBlocks(workload),
      ...siteTables(workload).flatMap(siteBlocks),
    ];
  });
}

function summaryTable({ workload, columns, rows }: Summary, notes: readonly WarningGroup[]): Table {
  return {
    kind: 'table',
    name: `Summary of ${workload.workload}`,
    columns: [
      { head: 'cell' },
      ...columns.map(({ head, unit, metric, repeats }, i) => ({
        head,
        unit,
        repeats,
        align: 'right' as const,
        // A change is read beside what changes: the columns that continue another stay with it.
        joined: i > 0 && columns[i - 1]?.metric === metric,
      })),
      { head: 'n', align: 'right', joined: true },
    ],
    rows: rows.map((cell, row) => {
      const marks = notes.flatMap(({ places }, i) => (places.includes(cell.id) ? [` ${superscript(i + 1)}`] : []));
      return {
        cells: [
          `${cell.label}${cell.baseline ? ' (baseline)' : ''}${marks.join('')}`,
          ...columns.map(({ figures }): Cell => {
            const figure = figures[row];
            return figure && { figure, mark: figure.mark, n: cell.valid };
          }),
          validText(cell),
        ],
        ...(cell.baseline ? { mark: 'baseline' as const } : {}),
      };
    }),
  };
}

/** What the theory says of a workload, and of the levels that were not run. */
function modelBlocks(workload: WorkloadAnalysis): readonly Block[] {
  const { model } = workload;
  if (model === undefined) return [];
  const predicted = predictionTable(workload, model);
  return [
    heading(3, 'Cost model'),
    list(modelSentences(workload, model)),
    ...(predicted === undefined
      ? []
      : [
          {
            kind: 'table',
            name: `Levels of ${workload.workload} that were not run`,
            columns: [
              { head: 'not run' },
              ...predicted.columns.map(({ head, unit }) => ({ head, unit, align: 'right' as const })),
            ],
            rows: predicted.rows.map((label, row) => ({
              cells: [label, ...predicted.columns.map(({ figures }): Cell => figures[row] && { figure: figures[row] })],
            })),
          } as const,
        ]),
  ];
}

/** The functions behind their figures, as pprof has them: names are long. */
function siteBlocks({ title, of, unit, rows }: SiteTable): readonly Block[] {
  const right = { align: 'right' } as const;
  return [
    heading(3, `${title} (${of})`),
    {
      kind: 'table',
      name: title,
      columns: [
        { head: 'itself', unit, ...right },
        { head: 'share', ...right },
        { head: 'and calls', unit, ...right },
        { head: 'share', ...right },
        { head: 'function', shrink: true },
      ],
      rows: rows.map(({ short, own, ownShare, all, allShare }) => ({ cells: [own, ownShare, all, allShare, short] })),
    },
  ];
}

function uncountedBlocks({ trials }: Analysis): readonly Block[] {
  const spoilt = uncounted(trials);
  if (spoilt.length === 0) return [];
  return [
    heading(
      2,
      `${counted(spoilt.length, 'trial')} of ${trials.length} ${spoilt.length === 1 ? 'does' : 'do'} not count`,
    ),
    {
      kind: 'list',
      items: spoilt.map(({ id, outcome }) => ({
        text: [{ text: id, as: 'code' }, `: ${outcomeText(outcome)}`],
        log: outcomeLog(outcome),
      })),
    },
  ];
}

function methodBlock({ run, methods }: Analysis): Block {
  const { artifact } = run;
  return {
    kind: 'folded',
    title: 'How it was measured',
    blocks: [
      list(methods.map(({ text }) => text)),
      {
        kind: 'facts',
        facts: [
          ['run', [{ text: run.id, as: 'code' }]],
          ['gctune', run.toolVersion],
          ['Go', artifact.buildInfo.goVersion],
          ['digest', [{ text: artifact.digest, as: 'code' }]],
          ...Object.entries(run.environment).map(
            ([name, value]) => [name, value === null ? 'unknown' : String(value)] as const,
          ),
        ],
      },
    ],
  };
}

/** A number as a footnote's mark. */
function superscript(number: number): string {
  return Array.from(String(number), (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? '').join('');
}
