import type { GateReport, GateShift } from '../../history/gate.ts';
import { METRICS } from '../../metrics/metrics.ts';
import { counted } from '../../text/words.ts';
import { briefChange } from '../brief/brief-figure.ts';
import type { Brief } from '../brief/brief.ts';
import type { Block, Dress, Document, Span } from '../document/document.ts';
import { mapped } from '../figure.ts';
import { gateDoubts, gateSentence, heldTo, leastSuspected, roomLeft } from './gate-words.ts';
import type { CellNames } from './history-document.ts';
import { changeText } from './history-words.ts';

/** What a row says of something that is worse. */
const COLUMNS = ['cell', 'metric', 'change', 'second run', 'threshold', 'against'] as const;

/** The answer of a gate at a glance. */
export function gateBrief(report: GateReport, names: CellNames): Brief {
  const shifts = report.worse.toSorted(byWeight);
  return {
    sentences: [gateSentence(report)],
    table:
      shifts.length === 0
        ? undefined
        : {
            columns: COLUMNS.map((head) => (head === 'cell' ? { head, shrink: true } : { head })),
            least: 4,
            rows: shifts.map((shift) => ({
              cells: shiftCells(shift, names),
              chosen: shift.confirmed === true,
              kept: false,
            })),
          },
    cautions: gateDoubts(report),
  };
}

/** All that a gate says. */
export function gateDocument(report: GateReport, names: CellNames): Document {
  const { run, confirmation } = report;
  return [
    { kind: 'heading', level: 1, text: `Gate: ${run}` },
    { kind: 'prose', text: [{ text: gateSentence(report), as: dressOf(report) }], lead: true },
    { kind: 'warnings', warnings: gateDoubts(report) },
    ...gateFigures(report, names),
    ...(confirmation === undefined ? [] : ([{ kind: 'note', text: `The second run: ${confirmation}` }] as const)),
  ];
}

/** What is worse and what is better, and what the night was held to. */
export function gateFigures(report: GateReport, names: CellNames): Document {
  const { worse, better, baseline } = report;
  const [suspected, room] = [leastSuspected(report), roomLeft(report)];
  return [
    ...(worse.length === 0 ? [] : [shiftsTable(worse.toSorted(byWeight), names, 'Worse')]),
    ...(better.length === 0
      ? []
      : ([{ kind: 'heading', level: 2, text: 'Better' }, shiftsTable(better, names, 'Better')] as const)),
    { kind: 'note', text: `Held to: ${heldTo(report)}.` },
    ...(suspected === undefined
      ? []
      : [
          {
            kind: 'note',
            text: `Against the nights before it a worsening is suspected from, in the cell that scatters most: ${suspected}.`,
          } as const,
        ]),
    ...(room === undefined
      ? []
      : [
          {
            kind: 'note',
            text: `Its own intervals leave room for worse than version=${baseline ?? ''} by: ${room}.`,
          } as const,
        ]),
  ];
}

/** Confirmed ones first, then the surest. */
export function byWeight(a: GateShift, b: GateShift): number {
  return Number(b.confirmed ?? false) - Number(a.confirmed ?? false) || a.p - b.p;
}

/** `+4.8 % (4.2–5.3), n = 12 nights`. */
export function shiftText({ metric, change, low, high, n, against }: GateShift): string {
  const estimate = { value: change, low, high, n, confidence: null, method: '', warnings: [] };
  // Of what more is better, worse is less.
  const shown = METRICS[metric].better === 'higher' ? mapped(estimate, (one) => 1 / (1 + one) - 1) : estimate;
  return `${briefChange(shown)}, n = ${counted(n, against === 'history' ? 'night' : 'block')}`;
}

/** What a shift is held against: `baseline`, `history`, `history, 2 nights` for the mean of two nights. */
export function againstText({ against, nights }: GateShift): string {
  return nights === 1 ? against : `${against}, mean of ${nights} nights`;
}

function shiftCells(shift: GateShift, names: CellNames): readonly string[] {
  const { cell, metric, threshold, confirmed, ofMachine } = shift;
  return [
    names.get(cell) ?? cell,
    METRICS[metric].label,
    shiftText(shift),
    ofMachine ? 'needs a canary' : confirmed === undefined ? 'none' : confirmed ? 'worse too' : 'not worse',
    changeText(threshold).slice(1),
    againstText(shift),
  ];
}

function shiftsTable(shifts: readonly GateShift[], names: CellNames, name: string): Block {
  return {
    kind: 'table',
    name,
    columns: COLUMNS.map((head) => (head === 'cell' ? { head, shrink: true } : { head })),
    rows: shifts.map((shift) => ({ cells: shiftCells(shift, names) })),
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
