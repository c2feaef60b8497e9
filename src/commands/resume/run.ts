import { dirname, join, resolve } from 'node:path';
import { UserError, type ExitCode } from '../../errors.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { parseExperiment } from '../../experiment/parse-experiment.ts';
import type { Secrets } from '../../experiment/secrets/secrets.ts';
import { linkConfirmation } from '../../results/confirmations.ts';
import { type Drift, ranToItsEnd, type RunManifest } from '../../results/format.ts';
import { runFiles } from '../../results/layout.ts';
import { openRun, type RunFolder } from '../../results/run-folder.ts';
import { shellWord } from '../../text/quoted.ts';
import type { Io } from '../../cli/io.ts';
import { concludeRun, runAfterPilot, type ConcludeValues } from '../../session/conclude-run.ts';
import { variablesIn } from '../../session/confirm-run.ts';
import { driftBetween, refusedDrift } from '../../session/drift.ts';
import type { ClusterRun } from '../../session/cluster/cluster-driver.ts';
import { isClusterRun, readClusterState } from '../../session/cluster/cluster-state.ts';
import { finishRun } from '../../session/finish-run.ts';
import { loadExperiment, shownPath } from '../../session/load-experiment.ts';
import { overrideExperiment } from '../../session/override-experiment.ts';
import { namedRun } from '../../session/file-kind.ts';
import { sweepOnce } from '../../session/sweep-once.ts';

/** What `gctune resume` is called with. */
export interface ResumeValues extends Omit<ConcludeValues, 'output'> {
  readonly run: string;
  readonly 'accept-drift': boolean;
}

/** Completes a run, then does what `gctune run` does at its end; after a pilot comes the run that it chose levels for. */
export async function resumeExperiment(given: ResumeValues, io: Io): Promise<ExitCode> {
  const folder = namedRun(given.run, io.cwd, 'resume', '<run>');
  if (isClusterRun(folder)) return resumeInCluster(folder, given, io);
  const run = await openRun(folder);
  const { manifest } = run;
  if ((await run.analysisWithoutTrials()) !== undefined) {
    throw new UserError({
      code: 'no-trials',
      message: `${manifest.id} is a published run without its trials: there is nothing to go on with`,
      hint: 'run its experiment here instead',
    });
  }
  const text = run.experimentText();
  const values = { ...given, output: dirname(folder) };
  const sweep = {
    values,
    text,
    secrets: secretsOf(text, manifest.experiment),
    file: join(directoryOf(run) ?? folder, 'experiment.yaml'),
    seed: manifest.plan.seed,
  };
  if (manifest.nodes !== undefined) {
    throw new UserError({
      code: 'merged-run',
      message: `${manifest.id} was joined of parts: what is missing of it is missing of a part`,
      hint: 'resume that part where it was run, or run it, and gctune merge all parts again',
    });
  }
  const drift = (before: RunManifest, now: RunManifest): readonly Drift[] =>
    acceptedDrift(before, now, given['accept-drift']);
  const { experiment, pilotOf, confirms } = manifest;
  const result = await sweepOnce({ ...sweep, experiment, resume: { folder, drift } }, io);
  if (pilotOf !== undefined) return runAfterPilot(result, pilotOf, sweep, io);
  const code = await concludeRun(result, sweep, io);
  if (confirms !== undefined && !('exitCode' in result) && ranToItsEnd(result.why)) {
    await tellConfirmed(join(dirname(folder), confirms), folder, io);
  }
  return code;
}

/** Goes on with the Job of a run, or with another one for the blocks that are missing. */
async function resumeInCluster(folder: string, given: ResumeValues, io: Io): Promise<ExitCode> {
  const state = readClusterState(folder);
  const { seed, values: flags, context, namespace, experimentFile, directory } = state;
  const loaded = await loadExperiment(join(folder, runFiles.experiment), io, directory);
  const { filter, blocks } = flags;
  const experiment = overrideExperiment(loaded.experiment, { runner: undefined, seed, blocks, filter });
  const values: ClusterRun['values'] & ConcludeValues = {
    ...given,
    'node-selector': undefined,
    toleration: undefined,
    queue: undefined,
    secret: undefined,
    'harness-image': undefined,
    'target-image': undefined,
    filter: undefined,
    blocks: undefined,
    ...flags,
    on: 'kubernetes',
    load: undefined,
    output: dirname(folder),
    context,
    namespace,
  };
  const file = experimentFile === undefined ? loaded.file : resolve(io.cwd, experimentFile);
  const { runOnKubernetes } = await import('../../session/cluster/run-on-kubernetes.ts');
  const result = await runOnKubernetes({ loaded: { ...loaded, file }, experiment, seed, values, resume: folder }, io);
  return 'exitCode' in result ? result.exitCode : finishRun(result, values, io);
}

function acceptedDrift(before: RunManifest, now: RunManifest, accept: boolean): readonly Drift[] {
  const drift = driftBetween(before, now);
  const { toolVersion } = before;
  const all = [
    ...drift,
    ...(toolVersion === now.toolVersion ? [] : [{ what: 'gctune version', was: toolVersion, is: now.toolVersion }]),
  ];
  if (all.length === 0 || accept) return all;
  throw refusedDrift(
    all,
    before.id,
    'resume it where nothing has changed, run the experiment again, or give --accept-drift: the report then keeps the parts apart',
  );
}

/** What the file of the experiment has of secrets; a run that had no file of its own can have those of the environment only. */
function secretsOf(text: string, experiment: Experiment): Secrets {
  const parsed = parseExperiment(text, 'experiment.yaml', { directory: '/' });
  return 'diagnostics' in parsed ? variablesIn(experiment) : parsed.secrets;
}

/** Where the programs of the preparation were started. */
function directoryOf(run: RunFolder): string | undefined {
  const first = run.journal().find(({ type }) => type === 'run-started');
  return first?.type === 'run-started' ? first.directory : undefined;
}

async function tellConfirmed(base: string, folder: string, io: Io): Promise<void> {
  try {
    await linkConfirmation(await openRun(base), folder);
    io.stderr.write(`it confirms or refuses what gctune recommend ${shellWord(shownPath(base, io.cwd))} says\n`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}
