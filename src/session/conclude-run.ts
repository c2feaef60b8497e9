import { ExitCode } from '../errors.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { ranToItsEnd } from '../results/format.ts';
import type { SweepResult } from '../sweep/blocks.ts';
import type { Io } from '../cli/io.ts';
import { confirmRun } from './confirm-run.ts';
import { finishRun, type FinishValues } from './finish-run.ts';
import { shownPath } from './load-experiment.ts';
import { chosenText, withChosenLevels } from './pilot.ts';
import { sweepOnce, type OneSweep } from './sweep-once.ts';

/** What the end of a run is told and asked with. */
export interface ConcludeValues extends FinishValues {
  readonly confirm: boolean;
  readonly 'confirm-blocks': number;
}

/** A sweep with the values of its command; its experiment may be another one than that of the pilot before it. */
export type ConcludedSweep = Omit<OneSweep, 'experiment' | 'values' | 'resume'> & { readonly values: ConcludeValues };

type SweepEnd = SweepResult | { readonly exitCode: ExitCode };

/** What follows a sweep: its report, and, where that was asked for, the confirmation. */
export async function concludeRun(result: SweepEnd, sweep: ConcludedSweep, io: Io): Promise<ExitCode> {
  if ('exitCode' in result) return result.exitCode;
  const { values, secrets, file } = sweep;
  const code = await finishRun(result, values, io);
  if (
    !values.confirm ||
    result.shard !== undefined ||
    result.completed === 0 ||
    !ranToItsEnd(result.why) ||
    io.signal.aborted
  )
    return code;
  const confirmed = await confirmRun({ folder: result.folder, values, secrets, file }, io);
  return code === ExitCode.ok ? confirmed : code;
}

/** What follows a pilot: the run whose levels it chose. What keeps a pilot from its end keeps the run from its beginning. */
export async function runAfterPilot(
  pilot: SweepEnd,
  experiment: Experiment,
  sweep: ConcludedSweep,
  io: Io,
): Promise<ExitCode> {
  if ('exitCode' in pilot || pilot.completed === 0 || !ranToItsEnd(pilot.why) || io.signal.aborted)
    return concludeRun(pilot, sweep, io);
  const chosen = await withChosenLevels(experiment, pilot.folder);
  if (!sweep.values.quiet) io.stderr.write(`${chosenText(chosen, shownPath(pilot.folder, io.cwd))}\n`);
  return concludeRun(await sweepOnce({ ...sweep, experiment: chosen }, io), sweep, io);
}
