import { jsonText } from '../../text/json-text.ts';
import { resolve } from 'node:path';
import { ExitCode } from '../../errors.ts';
import { expectedSeconds, waitSeconds } from '../../experiment/plan/estimate-time.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { formatBytes, formatFraction, formatWait } from '../../units/format-units.ts';
import { makePlan } from '../../experiment/plan/make-plan.ts';
import type { Plan } from '../../experiment/plan/plan.ts';
import { plainText } from '../../text/plain-text.ts';
import { primaryContrasts, reachability } from '../../experiment/plan/reachability.ts';
import { secretWarnings } from '../../experiment/secrets/secret-warnings.ts';
import { leastN } from '../../statistics/least-n.ts';
import { detectableShift, POWER } from '../../statistics/power.ts';
import { SIMULATED_WARNING } from '../../metrics/warning.ts';
import { answerForecast, answerLines, scatterOf, type AnswerForecast } from './answer-forecast.ts';
import type { Source } from '../../cli/command.ts';
import { effectiveSettings, type Setting } from './effective-settings.ts';
import type { Io } from '../../cli/io.ts';
import { loadExperiment } from '../../session/load-experiment.ts';
import { overrideExperiment, type Overrides } from '../../session/override-experiment.ts';
import { newSeed } from '../../session/new-seed.ts';
import { analyseRun } from '../../session/report-run.ts';
import { factLines } from '../../cli/terminal/fact-lines.ts';
import { styleOf, type ColorChoice, type Style } from '../../cli/terminal/style.ts';
import { tableLines } from '../../cli/terminal/table.ts';

/** What `gctune plan` is called with. */
export interface PlanValues extends Overrides {
  readonly file: string;
  readonly json: boolean;
  readonly color: ColorChoice;
  readonly 'scatter-of': string | undefined;
}

/** A guess of launch, readiness and stop of one trial; docker takes some 0.8 s longer. */
const OVERHEAD_SECONDS = 0.8;
/** Scatters between trials that the detectable effect is shown for: a quiet, an ordinary and a noisy machine. */
const SCATTERS = [0.01, 0.03, 0.1] as const;
/** Bytes on disk of one reading: a line of `readings.ndjson` of an outside and of an inside probe. */
const OUTSIDE_READING_BYTES = 150;
const INSIDE_READING_BYTES = 650;
/** `trial.json`, latency histogram and log of one trial. */
const TRIAL_BYTES = 16 * 1024;

interface PlanForecast {
  readonly seconds: number;
  readonly diskBytes: number;
  /** Smallest relative difference found in four of five sweeps, for each scatter between trials. */
  readonly detectable: readonly { readonly scatter: number; readonly effect: number | undefined }[];
  /** How likely it is to be answered; undefined where there is nothing to choose between. */
  readonly answer: AnswerForecast | undefined;
}

/** Prints the plan of an experiment and what is known of it before it is run. */
export async function showPlan(
  values: PlanValues,
  sources: Readonly<Record<string, Source>>,
  io: Io,
): Promise<ExitCode> {
  const { experiment: inFile, secrets, text } = await loadExperiment(values.file, io);
  const experiment = overrideExperiment(inFile, values);
  const seed = experiment.seed ?? newSeed();
  const plan = makePlan(experiment, seed);
  const settings = effectiveSettings(experiment, text, sources, values.filter ?? []);
  const simulated = experiment.target.source.kind === 'simulated';
  const warnings = [
    ...(simulated ? [SIMULATED_WARNING] : []),
    ...reachability(experiment, plan),
    ...secretWarnings(experiment, secrets),
  ];
  const folder = values['scatter-of'];
  const measured = folder === undefined ? undefined : scatterOf(await analyseRun(resolve(io.cwd, folder)), folder);
  const forecast = { ...forecastOf(experiment, plan), answer: answerForecast(experiment, plan, measured) };
  if (values.json) {
    const seedSource = experiment.seed === undefined ? 'random' : 'given';
    const document = { formatVersion: 1, seedSource, plan, forecast, warnings, settings, experiment };
    io.stdout.write(`${jsonText(document, 2)}\n`);
  } else {
    const style = styleOf(io.stdout, values.color, io.env);
    const lines = [
      ...planLines(experiment, plan, style, io.stdout.size()?.columns),
      '',
      ...forecastLines(experiment, plan, forecast, style),
      ...warnings.map(({ message }) => `${style.yellow('warning')} ${style.text(plainText(message))}`),
      '',
      ...settingLines(settings, style),
    ];
    io.stdout.write(`${lines.join('\n')}\n`);
    if (experiment.seed === undefined) io.stderr.write(`a run draws a new seed; --seed ${seed} gives this order\n`);
  }
  return ExitCode.ok;
}

function forecastOf(experiment: Experiment, plan: Plan): Omit<PlanForecast, 'answer'> {
  const { outsideHz, insideHz } = experiment.sampling;
  const seconds = expectedSeconds(experiment, plan, OVERHEAD_SECONDS);
  // Of the rule of a finding, family included; the scatter is one that is supposed, not estimated.
  const comparisons = Math.max(1, primaryContrasts(experiment, plan));
  const shift = detectableShift(plan.blocks, experiment.confidence, POWER, comparisons, 'known');
  const readingsPerSecond = outsideHz * OUTSIDE_READING_BYTES * 2 + insideHz * INSIDE_READING_BYTES;
  return {
    seconds: waitSeconds(experiment, plan, OVERHEAD_SECONDS),
    diskBytes: seconds * readingsPerSecond + plan.trials.length * TRIAL_BYTES,
    detectable: SCATTERS.map((scatter) => ({
      scatter,
      // a pair of trials that scatter independently scatters √2 times as much
      effect: shift && shift * scatter * Math.SQRT2,
    })),
  };
}

function adaptiveLines(adaptive: Experiment['adaptive']): readonly string[] {
  if (adaptive === undefined) return [];
  const { min, precision, budgetSeconds } = adaptive;
  const budget = budgetSeconds === undefined ? '' : `, or once ${formatWait(budgetSeconds)} are over`;
  return [
    `ends after ${min} blocks or more, once every primary interval is within ±${formatFraction(precision)}${budget}`,
  ];
}

function planLines(experiment: Experiment, plan: Plan, style: Style, width: number | undefined): readonly string[] {
  const cells = tableLines(
    [{ head: 'cell', shrink: true }, { head: 'role' }, { head: 'trials', align: 'right' }],
    plan.cells.map((cell) => [
      plainText(cell.id),
      cell.role === 'a-a' ? 'baseline again (A/A)' : cell.baseline ? 'baseline' : 'level',
      String(plan.trials.filter((trial) => trial.cell === cell.id).length),
    ]),
    style,
    width,
  );
  const first = plan.trials.filter((trial) => trial.block === 1).map((trial) => plainText(trial.cell));
  return [
    style.bold(style.text(plainText(experiment.name))),
    `${plan.trials.length} trials${experiment.adaptive === undefined ? '' : ' at most'}: ${plan.cells.length} cells in ${plan.blocks} blocks, seed ${plan.seed}`,
    ...adaptiveLines(experiment.adaptive),
    ...(plan.profiling.length === 0
      ? []
      : [`and ${plan.profiling.length} trials that do not count, to profile what allocates`]),
    '',
    ...cells,
    '',
    style.text(`order of block 1: ${first.join('; ')}`),
  ];
}

function forecastLines(experiment: Experiment, plan: Plan, forecast: PlanForecast, style: Style): readonly string[] {
  const percent = (fraction: number): string => `${Number((fraction * 100).toPrecision(2))} %`;
  const effects = forecast.detectable.flatMap(({ scatter, effect }) =>
    effect === undefined ? [] : `${percent(effect)} where trials scatter by ${percent(scatter)}`,
  );
  return factLines(
    [
      ['time', `about ${formatWait(forecast.seconds)}`],
      ['disk', `about ${formatBytes(forecast.diskBytes)}`],
      ...(effects.length === 0 ? [`none: that takes ${leastN(experiment.confidence)} blocks`] : effects).map(
        (effect) => ['smallest effect', effect] as const,
      ),
      ['', `(found in 4 of 5 sweeps, at ${formatFraction(experiment.confidence)} confidence)`],
      ...(forecast.answer === undefined ? [] : answerLines(forecast.answer, plan.blocks)),
    ],
    style,
  );
}

function settingLines(settings: readonly Setting[], style: Style): readonly string[] {
  return tableLines(
    [{ head: 'setting' }, { head: 'value' }, { head: 'from' }],
    settings.map(({ name, value, from }) => [name, plainText(value), from]),
    style,
    undefined,
    (cell, _row, column) => (column === 2 ? style.dim(cell) : cell),
  );
}
