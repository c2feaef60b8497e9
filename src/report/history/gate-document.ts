import type { GateReport, GateShift } from '../../history/gate.ts';
import { METRIC_IDS, METRICS } from '../../metrics/metrics.ts';
import { counted, listed } from '../../text/words.ts';
import type { Block, Dress, Document, Span } from '../document/document.ts';
import type { CellNames } from './history-document.ts';
import { changeText } from './history-words.ts';

/** Rows of the short answer. */
const BRIEF_ROWS = 5;

/** The answer of a gate, in one sentence. */
export function gateSentence(report: GateReport): string {
  const { outcome, history, worse } = report;
  const confirmed = worse.filter((one) => one.confirmed === true);
  switch (outcome) {
    case 'confirmed':
      return `Worse, and confirmed by a second run: ${summary(confirmed)}.`;
    case 'refuted':
      return `Nothing is worse: ${summary(worse.filter(({ ofMachine }) => !ofMachine))} was suspicious, and a second run did not show it again.`;
    case 'suspicious':
      return `Suspicious and not confirmed: ${summary(worse.filter(({ ofMachine }) => !ofMachine))}. It fails nothing before a second run has shown it again.`;
    case 'unusable':
      return `This night is unusable: the machine was another one. ${history.moved === undefined ? '' : `${METRICS[history.moved.metric].label} of the canary ${report.canary ?? ''}, which no change touches, was ${changeText(history.moved.change)} off its level.`}`;
    case 'not-judged':
      return `Nothing was judged: it takes ${counted(history.needed, 'usable night')} before this one, and there ${history.usable === 1 ? 'is' : 'are'} ${history.usable}; with a baseline version in the same run it takes none (docs/gate.md).`;
    case 'passed':
      return 'Nothing is worse.';
  }
}

function summary(shifts: readonly GateShift[]): string {
  const metrics = METRIC_IDS.filter((metric) => shifts.some((one) => one.metric === metric));
  return listed(
    metrics.map((metric) => {
      const own = shifts.filter((one) => one.metric === metric);
      const most = Math.max(...own.map(({ change }) => Math.abs(change)));
      const cells = new Set(own.map(({ cell }) => cell)).size;
      return `${METRICS[metric].label} ${cells === 1 ? 'by' : 'by up to'} ${changeText(most).slice(1)} in ${counted(cells, 'cell')}`;
    }),
  );
}

/** What the night was held to. */
function heldTo({ history, baseline, floors }: GateReport): string {
  const { judged, usable, nights, waiting } = history;
  const metrics = METRIC_IDS.filter((metric) => floors[metric] !== undefined);
  const past =
    judged > 0
      ? `${judged} series against ${counted(usable, 'usable night')}${usable < nights ? ` of ${nights}` : ''}${waiting > 0 ? `, ${waiting} wait for more nights` : ''}`
      : usable === 0
        ? undefined
        : `no series against ${counted(usable, 'usable night')}: ${waiting} wait for more`;
  const within = baseline === undefined ? undefined : `version=${baseline}, which ran in the same blocks`;
  const to = [past, within].filter((text) => text !== undefined);
  return `Held to: ${to.length === 0 ? 'nothing' : to.join('; ')}. Floors: ${metrics.map((metric) => `${METRICS[metric].label} ${changeText(floors[metric] ?? 0).slice(1)}`).join(', ')}.`;
}

/** The answer in at most a dozen lines of a terminal. */
export function briefGate(report: GateReport, names: CellNames): Document {
  const { worse, warnings } = report;
  return [
    { kind: 'prose', text: [{ text: gateSentence(report), as: dressOf(report) }], lead: true },
    ...(worse.length === 0 ? [] : [shiftsTable(worse.toSorted(byWeight).slice(0, BRIEF_ROWS), names, 'Worse')]),
    ...(worse.length > BRIEF_ROWS
      ? [{ kind: 'note', text: `${worse.length - BRIEF_ROWS} more with --verbose.` } as const]
      : []),
    { kind: 'note', text: heldTo(report) },
    ...doubts(report)
      .slice(0, 1)
      .map((text): Block => ({
        kind: 'note',
        text: `warning: ${text}${doubts(report).length + warnings.length > 1 ? ` (and ${doubts(report).length - 1} more)` : ''}`,
      })),
  ];
}

/** All that a gate says. */
export function gateDocument(report: GateReport, names: CellNames): Document {
  const { worse, better, run, confirmation } = report;
  return [
    { kind: 'heading', level: 1, text: `Gate: ${run}` },
    { kind: 'prose', text: [{ text: gateSentence(report), as: dressOf(report) }], lead: true },
    { kind: 'warnings', warnings: doubts(report) },
    shiftsTable(worse.toSorted(byWeight), names, 'Worse'),
    ...(better.length === 0
      ? []
      : ([{ kind: 'heading', level: 2, text: 'Better' }, shiftsTable(better, names, 'Better')] as const)),
    { kind: 'note', text: heldTo(report) },
    ...(confirmation === undefined ? [] : ([{ kind: 'note', text: `The second run: ${confirmation}` }] as const)),
  ];
}

/** What keeps a reader from trusting the answer. */
function doubts({ warnings, worse, history, baseline }: GateReport): readonly string[] {
  const ofMachine = worse.filter((one) => one.ofMachine);
  return [
    ...(ofMachine.length === 0
      ? []
      : [
          `${summary(ofMachine)} may also be caused by the machine: name a canary in the experiment to separate the two`,
        ]),
    ...(history.judged === 0 && baseline !== undefined && history.moved === undefined
      ? [
          `there ${history.usable === 1 ? 'is' : 'are'} ${counted(history.usable, 'usable night')} of history, and it takes ${history.needed}: only the baseline version was held against`,
        ]
      : []),
    ...warnings,
  ];
}

function byWeight(a: GateShift, b: GateShift): number {
  return Number(b.confirmed ?? false) - Number(a.confirmed ?? false) || a.p - b.p;
}

function shiftsTable(shifts: readonly GateShift[], names: CellNames, name: string): Block {
  return {
    kind: 'table',
    name,
    columns: [
      { head: 'cell', shrink: true },
      { head: 'metric' },
      { head: 'change', align: 'right' },
      { head: 'threshold', align: 'right' },
      { head: 'against' },
      { head: 'second run' },
    ],
    rows: shifts.map(({ cell, metric, change, threshold, against, nights, confirmed, ofMachine }) => ({
      cells: [
        names.get(cell) ?? cell,
        METRICS[metric].label,
        changeText(METRICS[metric].better === 'higher' ? -change : change),
        changeText(threshold).slice(1),
        against === 'baseline' ? 'baseline' : nights === 1 ? 'history' : `history, ${nights} nights`,
        ofMachine ? 'needs a canary' : confirmed === undefined ? 'none' : confirmed ? 'confirmed' : 'not again',
      ],
    })),
  };
}

function dressOf({ outcome }: GateReport): Dress {
  const dress: Readonly<Record<GateReport['outcome'], Span['as']>> = {
    confirmed: 'bad',
    suspicious: 'caution',
    unusable: 'caution',
    'not-judged': 'caution',
    refuted: 'strong',
    passed: 'strong',
  };
  return dress[outcome];
}
