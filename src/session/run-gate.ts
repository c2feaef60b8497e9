import type { Analysis } from '../analysis/analysis.ts';
import { EnvironmentError, ExitCode, UserError } from '../errors.ts';
import {
  againstBaseline,
  GATE_VERSION,
  gateConfirmationOf,
  judgedCells,
  type BaselineShift,
  type GateOutcome,
  type GateReport,
  type GateShift,
} from '../history/gate.ts';
import { gateFloors, type GateFloors } from '../history/gate-floors.ts';
import { confirmedShifts, judgeNight, type HistoryShift } from '../history/judge-night.ts';
import { LEAST_NIGHTS } from '../history/course.ts';
import { placeOfNight, type Night } from '../history/night.ts';
import { nightOf } from '../history/night-of-run.ts';
import { baselineVersion } from '../history/versions.ts';
import { METRICS } from '../metrics/metrics.ts';
import { SIMULATED_WARNING } from '../metrics/warning.ts';
import { mapped } from '../report/figure.ts';
import { cutText } from '../report/words.ts';
import { counted } from '../text/words.ts';
import type { Io } from '../cli/io.ts';
import { runAgain, variablesIn } from './confirm-run.ts';
import type { History } from './history-file.ts';
import { analyseRun } from './report-run.ts';
import type { SweepValues } from './sweep-once.ts';

/** What a run is judged with. */
export interface GateRequest {
  readonly folder: string;
  readonly analysis: Analysis;
  /** What the analysis comes to. */
  readonly night: Night;
  readonly history: History;
  /** Undefined: what is suspicious is not run again. */
  readonly confirm: SweepValues | undefined;
}

/** Judges a run, and runs again what is suspicious of it. What ended a confirmation early ends the gate. */
export async function gateRun(
  request: GateRequest,
  io: Io,
): Promise<{ readonly report: GateReport } | { readonly exitCode: ExitCode }> {
  const { folder, analysis, night, history, confirm } = request;
  const { run } = analysis;
  const floors = gateFloors(run.experiment);
  const cells = judgedCells(analysis);
  const { worse, better, ...judged } = judgeNight(night, history.nights, floors, (cell) => cells.has(cell));
  const usable = judged.moved === undefined;
  const { worse: baseline, ...within } = usable
    ? againstBaseline(analysis, floors)
    : { worse: [], made: 0, impossible: 0, room: {} };
  // Without a canary a metric of time may as well tell of the machine, and no second run on it would tell better.
  const suspected = worse.filter(({ ofMachine }) => !ofMachine);
  const warnings = [
    ...run.warnings.filter(({ code }) => code === SIMULATED_WARNING.code).map(({ message }) => message),
    ...[cutText(analysis)].flatMap((text) => text ?? []),
    ...history.warnings(),
    ...passedOver(night, history.nights),
  ];
  const report = (outcome: GateOutcome, confirmed?: Confirmed): { readonly report: GateReport } => ({
    report: {
      gateVersion: GATE_VERSION,
      run: run.id,
      startedAt: run.startedAt,
      experiment: run.experiment.name,
      outcome,
      floors: Object.fromEntries(floors),
      canary: run.experiment.canary,
      baseline: baselineVersion(run.experiment),
      within,
      history: judged,
      worse: [
        ...worse.map((one) => historyShift(one, confirmed)),
        ...baseline.map((one) => baselineShift(one, floors, confirmed)),
      ],
      better: better.map((one) => historyShift(one)),
      warnings,
      confirmation: confirmed?.run,
    },
  });
  if (!usable) return report('unusable');
  if (suspected.length + baseline.length === 0)
    return report(judged.judged + within.made > 0 ? 'passed' : 'not-judged');
  if (confirm === undefined) return report('suspicious');
  try {
    const again = await secondRun(folder, analysis, { history: suspected, baseline }, confirm, io);
    if ('exitCode' in again) {
      if (again.exitCode !== ExitCode.noUsableResult) return again;
      warnings.push('no trial of the second run has a usable result, so that it refutes nothing');
      return report('suspicious');
    }
    const shown = confirmedShifts(suspected, nightOf(again.analysis, {}), floors);
    const whole = tells(again.analysis) && shown.untold.length === 0;
    const confirmed: Confirmed = {
      run: again.analysis.run.id,
      whole,
      history: shown.confirmed,
      baseline: againstBaseline(again.analysis, floors, baseline).worse,
    };
    if (confirmed.history.length + confirmed.baseline.length > 0) return report('confirmed', confirmed);
    if (whole) return report('refuted', confirmed);
    const { workloads, trials } = again.analysis;
    const valid = workloads.flatMap(({ cells }) => cells).reduce((sum, cell) => sum + cell.valid, 0);
    warnings.push(
      `the second run has too few trials to tell (${valid} of ${Math.max(trials.length, again.analysis.run.plan.trials.length)}): ${confirmed.run}`,
    );
    return report('suspicious', confirmed);
  } catch (error) {
    // That the machine cannot do it any more is no reason to lose the answer of the night.
    if (!(error instanceof UserError || error instanceof EnvironmentError) || io.signal.aborted) throw error;
    warnings.push(`it could not be run again: ${error.message}`);
    return report('suspicious');
  }
}

/** Nights that are held against nothing of this run, where there are too few others. */
function passedOver(night: Night, nights: readonly Night[]): readonly string[] {
  const others = nights.filter(({ experiment }) => experiment !== night.experiment);
  const elsewhere = nights.filter(
    (one) => one.experiment === night.experiment && placeOfNight(one) !== placeOfNight(night),
  );
  if (nights.length - others.length - elsewhere.length >= LEAST_NIGHTS) return [];
  const [experiments, places] = [
    [...new Set(others.map(({ experiment }) => experiment))],
    [...new Set(elsewhere.map(placeOfNight))],
  ];
  return [
    ...(others.length === 0
      ? []
      : [
          `${counted(others.length, 'night')} of the history not looked at: of other experiments (${some(experiments)})`,
        ]),
    ...(elsewhere.length === 0
      ? []
      : [
          `${counted(elsewhere.length, 'night')} of the history not looked at: on other kinds of machines (${some(places)})`,
        ]),
  ];
}

/** The first of some names; the rest is counted. */
function some(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join('; ')}; and ${names.length - 3} more` : names.join('; ');
}

/** The share of its blocks that each cell of a second run must have: one that was cut short shows nothing, and refutes nothing. */
const LEAST_SHARE = 2 / 3;

function tells({ run, workloads }: Analysis): boolean {
  const cells = workloads.flatMap((workload) => workload.cells.filter(({ role }) => role === 'level'));
  return cells.every(({ valid }) => valid >= LEAST_SHARE * run.plan.blocks);
}

interface Confirmed {
  readonly run: string;
  /** Whether what it does not show again is refuted. */
  readonly whole: boolean;
  readonly history: readonly HistoryShift[];
  readonly baseline: readonly BaselineShift[];
}

async function secondRun(
  folder: string,
  analysis: Analysis,
  suspected: { readonly history: readonly HistoryShift[]; readonly baseline: readonly BaselineShift[] },
  values: SweepValues,
  io: Io,
): Promise<{ readonly analysis: Analysis } | { readonly exitCode: ExitCode }> {
  const { run, trials } = analysis;
  // As many as the night had, or the scatter of nights would not be that of the second run.
  const blocks = Math.max(1, ...trials.map(({ block }) => Math.min(block, run.plan.blocks)));
  const experiment = gateConfirmationOf(analysis, suspected.history, suspected.baseline, blocks);
  const ended = await runAgain(
    { folder, values },
    {
      // Another seed: the same requests in the same order would not be independent of the first run.
      base: { ...run, plan: { ...run.plan, seed: run.plan.seed === Number.MAX_SAFE_INTEGER ? 0 : run.plan.seed + 1 } },
      experiment,
      why: `to run again what gctune gate suspects of ${run.id}`,
      secrets: variablesIn(experiment),
      confirms: false,
    },
    io,
  );
  return 'exitCode' in ended ? ended : { analysis: await analyseRun(ended.folder) };
}

function historyShift(shift: HistoryShift, confirmed?: Confirmed): GateShift {
  const { course: _, ...rest } = shift;
  const again = shift.ofMachine ? undefined : confirmed;
  return { against: 'history', ...rest, ...secondAnswer(again, again?.history.includes(shift)) };
}

/** Whether it was confirmed, where the second run tells. */
function secondAnswer(confirmed: Confirmed | undefined, found: boolean | undefined): Pick<GateShift, 'confirmed'> {
  return confirmed === undefined || found === undefined || (!found && !confirmed.whole) ? {} : { confirmed: found };
}

function baselineShift(
  { cell, metric, change, ratio, adjustedP }: BaselineShift,
  floors: GateFloors,
  confirmed?: Confirmed,
): GateShift {
  const { low, high } = mapped(ratio, (one) => (METRICS[metric].better === 'higher' ? 1 / one : one) - 1);
  return {
    against: 'baseline',
    cell,
    metric,
    change,
    low,
    high,
    n: ratio.n,
    threshold: floors.get(metric) ?? 0,
    nights: 1,
    p: adjustedP,
    ofMachine: false,
    ...secondAnswer(
      confirmed,
      confirmed?.baseline.some((one) => one.cell === cell && one.metric === metric),
    ),
  };
}

/** What a gate ends a command with: 6 only for what was confirmed, and with `strict` for whatever is not a clean pass. */
export function gateCode({ outcome }: GateReport, strict: boolean): ExitCode {
  if (outcome === 'confirmed') return ExitCode.assertion;
  return strict && outcome !== 'passed' && outcome !== 'refuted' ? ExitCode.assertion : ExitCode.ok;
}
