import { jsonText } from '../experiment/json-text.ts';
import { hasErrors } from '../analysis/assert/assertion-report.ts';
import { ExitCode } from '../errors.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { plainText } from '../experiment/plain-text.ts';
import { shellWord } from '../experiment/quoted.ts';
import type { Secrets } from '../experiment/secrets.ts';
import type { SweepEvent } from '../sweep/event.ts';
import { runSweep, type SweepResult } from '../sweep/sweep.ts';
import { interruptionCode } from './failure.ts';
import type { Io } from './io.ts';
import { loadExperiment, shownPath } from './load-experiment.ts';
import { measureWidths } from './measure-widths.ts';
import { overrideExperiment, type Overrides } from './override-experiment.ts';
import { newSeed } from './new-seed.ts';
import { chosenText, pilotOf, withChosenLevels } from './pilot.ts';
import type { RunReport } from './report-run.ts';
import { chooseProgress, type Progress, type ProgressChoice } from './terminal/progress.ts';
import { styleOf, type ColorChoice } from './terminal/style.ts';
import { toolVersion } from './tool-version.ts';

/** What `gctune run` is called with. */
export interface RunValues extends Overrides {
  readonly file: string;
  readonly output: string;
  readonly timeout: number | undefined;
  readonly progress: ProgressChoice;
  readonly color: ColorChoice;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly json: boolean;
  readonly 'exit-zero': boolean;
}

/**
 * Runs the sweep, analyses what it left, writes the report and prints the finding. Where levels are to be chosen, a pilot
 * comes first, which is a run of its own.
 */
export async function runExperiment(values: RunValues, io: Io): Promise<ExitCode> {
  const loaded = await loadExperiment(values.file, io);
  const experiment = overrideExperiment(loaded.experiment, values);
  const sweep = {
    values,
    text: loaded.text,
    secrets: loaded.secrets,
    file: loaded.file,
    seed: experiment.seed ?? newSeed(),
  };
  if (experiment.matrix.auto !== true) return finished(await sweepOnce({ ...sweep, experiment }, io), values, io);
  const pilot = await sweepOnce({ ...sweep, experiment: pilotOf(experiment) }, io);
  // What keeps a pilot from its end keeps the run from its beginning.
  if ('exitCode' in pilot || pilot.completed === 0 || io.signal.aborted) return finished(pilot, values, io);
  const chosen = await withChosenLevels(experiment, pilot.folder);
  if (!values.quiet) io.stderr.write(`${chosenText(chosen, shownPath(pilot.folder, io.cwd))}\n`);
  return finished(await sweepOnce({ ...sweep, experiment: chosen }, io), values, io);
}

async function finished(
  result: SweepResult | { readonly exitCode: ExitCode },
  values: RunValues,
  io: Io,
): Promise<ExitCode> {
  return 'exitCode' in result ? result.exitCode : finish(result, values, io);
}

function jsonLines({ json }: RunValues, io: Io): ((line: unknown) => void) | undefined {
  return json ? (line: unknown) => io.stdout.write(`${jsonText(line)}\n`) : undefined;
}

/** One sweep to be run. */
interface Sweep {
  readonly values: RunValues;
  readonly experiment: Experiment;
  readonly text: string;
  readonly secrets: Secrets;
  readonly file: string;
  readonly seed: number;
}

/** Runs one sweep under its display; a kill gives the exit code at once. */
async function sweepOnce(
  { values, experiment, text, secrets, file, seed }: Sweep,
  io: Io,
): Promise<SweepResult | { readonly exitCode: ExitCode }> {
  const style = styleOf(io.stderr, values.color, io.env);
  const progress = chooseProgress(values.quiet ? 'none' : values.progress, io, style, values.verbose);
  const watch = new RunWatch(progress, jsonLines(values, io));
  const stopListening = announceInterruption(io, progress, values.quiet);
  let result: SweepResult | undefined;
  try {
    const sweep = runSweep({
      experiment,
      experimentText: text,
      secrets,
      experimentFile: file,
      output: values.output,
      seed,
      runner: experiment.runner,
      onEvent: (event) => watch.event(event),
      signal: limitedSignal(io.signal, values.timeout),
      env: io.env,
      cwd: io.cwd,
      toolVersion: toolVersion(),
      measureWidths: measureWidths(),
    });
    result = await untilKilled(sweep, io.killSignal);
  } finally {
    stopListening();
    progress.close();
  }
  if (result === undefined) {
    if (watch.runId !== undefined) io.cleanUpBehind(watch.runId);
    if (!values.quiet) io.stderr.write(`killed; what has ended is in ${plainText(watch.folder ?? 'no folder yet')}\n`);
    return { exitCode: interruptionCode(io.killSignal) };
  }
  return result;
}

/** Tells the display and the JSON lines what happens, and remembers which run it is. */
class RunWatch {
  runId: string | undefined;
  folder: string | undefined;
  readonly #progress: Progress;
  readonly #json: ((line: unknown) => void) | undefined;

  constructor(progress: Progress, json: ((line: unknown) => void) | undefined) {
    this.#progress = progress;
    this.#json = json;
  }

  event(event: SweepEvent): void {
    if (event.type === 'run-started') ({ runId: this.runId, folder: this.folder } = event);
    this.#progress.event(event);
    // Readings come many times a second and are on disk.
    if (event.type !== 'reading') this.#json?.(event);
  }
}

/** Analyses, reports, prints, and says with the exit code how much of the plan has a result. */
async function finish(result: SweepResult, values: RunValues, io: Io): Promise<ExitCode> {
  const json = jsonLines(values, io);
  const folder = shownPath(result.folder, io.cwd);
  if (result.completed === 0) {
    const why = result.why === 'failed' ? 'stopped, because no trial of the first block has' : 'no trial has';
    io.stderr.write(`${why} a usable result; gctune show ${shellWord(folder)} tells why\n`);
    json?.({ type: 'result', folder, completed: 0, planned: result.planned });
    return io.signal.aborted ? interruptionCode(io.signal) : ExitCode.noUsableResult;
  }
  // Loaded only now: what draws the charts must not take memory or time while it is measured.
  const { reportRun } = await import('./report-run.ts');
  const report = await reportRun(result.folder).catch((error: unknown) => {
    io.stderr.write(`the report could not be made, but what was measured is in ${plainText(folder)}\n`);
    throw error;
  });
  if (json !== undefined) json(resultLine(result, report, io));
  else printFinding(report, folder, values, io);
  if (io.signal.aborted) return interruptionCode(io.signal);
  // What was asserted was asked for by name; --exit-zero is about trials.
  const { assertions } = report.analysis;
  if (assertions !== undefined && hasErrors(assertions)) return ExitCode.assertion;
  return result.completed === result.planned || values['exit-zero'] ? ExitCode.ok : ExitCode.someTrialsFailed;
}

function resultLine(result: SweepResult, { analysis, analysisFile, reportFile }: RunReport, io: Io): object {
  const { completed, planned, why } = result;
  const path = (file: string): string => shownPath(file, io.cwd);
  return {
    type: 'result',
    folder: path(result.folder),
    report: path(reportFile),
    analysis: path(analysisFile),
    completed,
    planned,
    why,
    finding: analysis.finding,
    warnings: analysis.warnings,
    ...(analysis.assertions === undefined ? {} : { assertions: analysis.assertions }),
  };
}

function printFinding({ text, reportFile }: RunReport, folder: string, values: RunValues, io: Io): void {
  const style = styleOf(io.stdout, values.color, io.env);
  io.stdout.write(text);
  const lines = [
    '',
    `${style.bold('Report:')} ${plainText(shownPath(reportFile, io.cwd))}`,
    `${style.bold('Data:')}   ${plainText(folder)}`,
    `${style.bold('Next:')}   gctune report ${shellWord(folder)} --format md`,
  ];
  io.stdout.write(`${lines.join('\n')}\n`);
}

/** Says once what the first signal does. */
function announceInterruption(io: Io, progress: Progress, quiet: boolean): () => void {
  const announce = (): void => {
    if (!quiet)
      progress.message('stopping: the trial is ended and what was measured is reported; once more kills at once');
  };
  io.signal.addEventListener('abort', announce, { once: true });
  return () => io.signal.removeEventListener('abort', announce);
}

function limitedSignal(signal: AbortSignal, seconds: number | undefined): AbortSignal {
  return seconds === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(seconds * 1000))]);
}

/** What the promise gives, or undefined once the signal is aborted. */
async function untilKilled<T>(promise: Promise<T>, kill: AbortSignal): Promise<T | undefined> {
  const stop = new AbortController();
  try {
    const killed = new Promise<undefined>((resolve) => {
      if (kill.aborted) resolve(undefined);
      kill.addEventListener('abort', () => resolve(undefined), { once: true, signal: stop.signal });
    });
    return await Promise.race([promise, killed]);
  } finally {
    stop.abort();
    // After a kill nobody waits for it any more; that it fails then is no news.
    if (kill.aborted) promise.catch(() => {});
  }
}
