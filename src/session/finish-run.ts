import { hasErrors } from '../analysis/assert/assertion-report.ts';
import { ExitCode, machineCondition, UserError } from '../errors.ts';
import { plainText } from '../text/plain-text.ts';
import { shellWord } from '../text/quoted.ts';
import { counted } from '../text/words.ts';
import { shardName } from '../experiment/plan/shard.ts';
import { ranToItsEnd, type RunShard } from '../results/format.ts';
import { outcomeText } from '../results/outcome-text.ts';
import { openRun } from '../results/run-folder.ts';
import type { SweepResult } from '../sweep/blocks.ts';
import { interruptionCode, sayFault } from '../cli/failure.ts';
import type { Io } from '../cli/io.ts';
import { asTyped } from '../cli/typed-commands.ts';
import { shownPath } from './load-experiment.ts';
import type { RunReport } from './report-run.ts';
import { jsonLines, sayHowToGoOn, type SweepValues } from './sweep-once.ts';

/** How what came of a run is told. */
export interface FinishValues extends SweepValues {
  readonly 'exit-zero': boolean;
}

/** Analyses, reports, prints, and says with the exit code how much of the plan has a result. */
export async function finishRun(result: SweepResult, values: FinishValues, io: Io): Promise<ExitCode> {
  const code = await reported(result, values, io);
  const { fault } = result;
  if (canBeResumed(result) && !values.quiet) sayHowToGoOn(result, io);
  if (fault === undefined) return code;
  sayFault(fault, io);
  return ExitCode.machineFault;
}

async function reported(result: SweepResult, values: FinishValues, io: Io): Promise<ExitCode> {
  const json = jsonLines(values, io);
  const folder = shownPath(result.folder, io.cwd);
  if (result.completed === 0) {
    const why = result.why === 'failed' ? 'stopped, because no trial of the first block has' : 'no trial has';
    io.stderr.write(`${why} a usable result${await whyNone(result.folder, folder)}\n`);
    json?.({
      type: 'result',
      folder,
      completed: 0,
      planned: result.planned,
      why: result.why,
      ...resumeOf(result, folder),
    });
    return io.signal.aborted ? interruptionCode(io.signal) : ExitCode.noUsableResult;
  }
  if (result.shard !== undefined) return shardEnd(result, result.shard, values, io);
  // Loaded only now: what draws the charts must not take memory or time while it is measured.
  const [{ reportRun }, { printRunEnd }] = await Promise.all([import('./report-run.ts'), import('./run-end.ts')]);
  const report = await reportRun(result.folder).catch((error: unknown) => {
    io.stderr.write(`the report could not be written, but the measurements are in ${plainText(folder)}\n`);
    // What keeps the report from being written is what ended the run, more often than not.
    const isBug = machineCondition(error) === undefined && !(error instanceof UserError);
    if (result.fault !== undefined && !isBug) return undefined;
    throw error;
  });
  if (report === undefined) return ExitCode.machineFault;
  if (json !== undefined) json(resultLine(result, report, io));
  else await printRunEnd(report, folder, values, io);
  if (io.signal.aborted) return interruptionCode(io.signal);
  // What was asserted was asked for by name; --exit-zero is about trials.
  const { assertions } = report.analysis;
  if (assertions !== undefined && hasErrors(assertions)) return ExitCode.assertion;
  return result.completed === result.planned || values['exit-zero'] ? ExitCode.ok : ExitCode.someTrialsFailed;
}

/** A part of a plan has no report of its own, and nothing asserted is judged by it: that is for all parts together. */
function shardEnd(result: SweepResult, shard: RunShard, values: FinishValues, io: Io): ExitCode {
  const { completed, planned, why } = result;
  const folder = shownPath(result.folder, io.cwd);
  const json = jsonLines(values, io);
  const merge = `gctune merge ${shellWord(folder)} <the other parts>`;
  if (json !== undefined)
    json({ type: 'result', folder, shard, completed, planned, why, ...resumeOf(result, folder), merge });
  else
    io.stdout.write(
      `Shard ${shardName(shard)}: ${completed} of ${counted(planned, 'trial')} completed\nNext: ${asTyped(merge, io)}\n`,
    );
  if (io.signal.aborted) return interruptionCode(io.signal);
  return completed === planned || values['exit-zero'] ? ExitCode.ok : ExitCode.someTrialsFailed;
}

/** What ended the first trial, which the others ended by as well more often than not, and what to do about it. */
async function whyNone(path: string, shown: string): Promise<string> {
  const run = await openRun(path);
  const again = run.manifest.experimentFile;
  const next = again === undefined ? '' : `; then gctune run ${shellWord(again)}`;
  for await (const { record } of run.trials()) {
    if (record.outcome.kind === 'completed') continue;
    return (
      `: ${plainText(record.id)} ${plainText(outcomeText(record.outcome))}\n` +
      `  gctune show ${shellWord(shown)} ${shellWord(record.id)} shows what it printed${next}`
    );
  }
  return `; gctune show ${shellWord(shown)} shows why`;
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
    ...resumeOf(result, path(result.folder)),
    finding: analysis.finding,
    warnings: analysis.warnings,
    ...(analysis.assertions === undefined ? {} : { assertions: analysis.assertions }),
  };
}

/** The command that goes on with a run that was cut short, and what cut it short where that was the machine. */
function resumeOf(result: SweepResult, folder: string): object {
  if (!canBeResumed(result)) return {};
  const { fault } = result;
  const { code, message } = fault ?? {};
  return { resume: `gctune resume ${shellWord(folder)}`, ...(fault === undefined ? {} : { fault: { code, message } }) };
}

/** Whether there is something left to run: a run whose every trial of a block failed would only fail again. */
function canBeResumed({ why, skipped }: SweepResult): boolean {
  return skipped > 0 || (!ranToItsEnd(why) && why !== 'failed');
}
