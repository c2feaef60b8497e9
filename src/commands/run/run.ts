import { hasErrors } from '../../analysis/assert/assertion-report.ts';
import { ExitCode } from '../../errors.ts';
import { plainText } from '../../text/plain-text.ts';
import { shellWord } from '../../text/quoted.ts';
import type { SweepResult } from '../../sweep/sweep.ts';
import { confirmRun } from '../../session/confirm-run.ts';
import { interruptionCode } from '../../cli/failure.ts';
import type { Io } from '../../cli/io.ts';
import { loadExperiment, shownPath } from '../../session/load-experiment.ts';
import { overrideExperiment, type Overrides } from '../../session/override-experiment.ts';
import { newSeed } from '../../session/new-seed.ts';
import { chosenText, pilotOf, withChosenLevels } from './pilot.ts';
import type { RunReport } from '../../session/report-run.ts';
import { jsonLines, sweepOnce, type SweepValues } from '../../session/sweep-once.ts';
import { styleOf } from '../../cli/terminal/style.ts';

/** What `gctune run` is called with. */
export interface RunValues extends Overrides, SweepValues {
  readonly file: string;
  readonly confirm: boolean;
  readonly 'confirm-blocks': number;
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
  const finished = async (result: SweepResult | { readonly exitCode: ExitCode }): Promise<ExitCode> => {
    if ('exitCode' in result) return result.exitCode;
    const code = await finish(result, values, io);
    if (!values.confirm || result.completed === 0 || io.signal.aborted) return code;
    const confirmed = await confirmRun(
      { folder: result.folder, values, secrets: loaded.secrets, file: loaded.file },
      io,
    );
    return code === ExitCode.ok ? confirmed : code;
  };
  if (experiment.matrix.auto !== true) return finished(await sweepOnce({ ...sweep, experiment }, io));
  const pilot = await sweepOnce({ ...sweep, experiment: pilotOf(experiment) }, io);
  // What keeps a pilot from its end keeps the run from its beginning.
  if ('exitCode' in pilot || pilot.completed === 0 || io.signal.aborted) return finished(pilot);
  const chosen = await withChosenLevels(experiment, pilot.folder);
  if (!values.quiet) io.stderr.write(`${chosenText(chosen, shownPath(pilot.folder, io.cwd))}\n`);
  return finished(await sweepOnce({ ...sweep, experiment: chosen }, io));
}

/** Analyses, reports, prints, and says with the exit code how much of the plan has a result. */
async function finish(result: SweepResult, values: RunValues, io: Io): Promise<ExitCode> {
  const json = jsonLines(values, io);
  const folder = shownPath(result.folder, io.cwd);
  if (result.completed === 0) {
    const why = result.why === 'failed' ? 'stopped, because no trial of the first block has' : 'no trial has';
    io.stderr.write(`${why} a usable result; gctune show ${shellWord(folder)} shows why\n`);
    json?.({ type: 'result', folder, completed: 0, planned: result.planned });
    return io.signal.aborted ? interruptionCode(io.signal) : ExitCode.noUsableResult;
  }
  // Loaded only now: what draws the charts must not take memory or time while it is measured.
  const { reportRun } = await import('../../session/report-run.ts');
  const report = await reportRun(result.folder).catch((error: unknown) => {
    io.stderr.write(`the report could not be written, but the measurements are in ${plainText(folder)}\n`);
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
