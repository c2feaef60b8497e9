import type { ExitCode } from '../../errors.ts';
import type { Io } from '../../cli/io.ts';
import { concludeRun, runAfterPilot, type ConcludeValues } from '../../session/conclude-run.ts';
import { loadExperiment } from '../../session/load-experiment.ts';
import { overrideExperiment, type Overrides } from '../../session/override-experiment.ts';
import { newSeed } from '../../session/new-seed.ts';
import { pilotOf } from '../../session/pilot.ts';
import { sweepOnce } from '../../session/sweep-once.ts';

/** What `gctune run` is called with. */
export interface RunValues extends Overrides, ConcludeValues {
  readonly file: string;
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
  if (experiment.matrix.auto !== true) return concludeRun(await sweepOnce({ ...sweep, experiment }, io), sweep, io);
  const pilot = await sweepOnce({ ...sweep, experiment: pilotOf(experiment), pilotOf: experiment }, io);
  return runAfterPilot(pilot, experiment, sweep, io);
}
