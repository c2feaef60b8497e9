import { basename, dirname, relative, resolve } from 'node:path';
import { machineCondition } from '../errors.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { makePlan } from '../experiment/plan/make-plan.ts';
import { blocksOf, shareOf } from '../experiment/plan/shard.ts';
import { disclose, type Disclosed } from '../experiment/secrets/redact-experiment.ts';
import { redactDeep, redactError, redactor, type Redact } from '../experiment/secrets/secrets.ts';
import { assertWritable } from '../results/disk.ts';
import { FORMAT_VERSION, type RunManifest } from '../results/format.ts';
import { runId } from '../results/layout.ts';
import { createRun, resumeRun, type RunWriter } from '../results/run-writer.ts';
import { ownerMark, ownerState } from '../runner/owner.ts';
import { simulatedBackend } from '../simulation/simulated-backend.ts';
import type { TrialBackend } from '../trial/trial-backend.ts';
import { Blocks, type SweepResult } from './blocks.ts';
import type { OnSweepEvent } from './event.ts';
import { NO_PAST, pastOf, type Past } from './past.ts';
import { runsTarget } from './prepare-step.ts';
import { realBackend } from './real-backend.ts';
import type { SweepRequest } from './sweep-request.ts';
import { now } from './trials.ts';

/**
 * Runs every trial of an experiment's plan, block by block, and leaves a run folder. Everything that can be refused is
 * refused before the folder exists. Throws EnvironmentError where the machine or the target is not ready; what happens
 * to single trials is in their records.
 */
export async function runSweep(request: SweepRequest): Promise<SweepResult> {
  const disclosed = disclosedOf(request);
  const redact = redactor(disclosed.values);
  try {
    return await sweep({ ...request, onEvent: redacting(request.onEvent, redact) }, disclosed, redact);
  } catch (error) {
    throw disclosed.values.length === 0 ? error : redactError(error, redact);
  }
}

/** A model is told nothing, so it needs no secrets. */
function disclosedOf({ experiment, secrets, env }: SweepRequest): Disclosed {
  if (experiment.target.source.kind === 'simulated') return { experiment, variables: {}, values: [] };
  return disclose(experiment, secrets, env);
}

/** What the target prints may hold its secrets, and so may whatever quotes it; readings are numbers, and many. */
function redacting(onEvent: OnSweepEvent, redact: Redact): OnSweepEvent {
  return (event) => onEvent(event.type === 'reading' ? event : redactDeep(event, redact));
}

async function sweep(request: SweepRequest, disclosed: Disclosed, redact: Redact): Promise<SweepResult> {
  const root = resolve(request.cwd, request.output);
  const owner = { mark: await ownerMark(), state: ownerState };
  // Taken before anything is built, which may last minutes.
  await using resumed = request.resume && (await resumeRun(request.resume.folder, owner));
  const backend = await backendOf(request, disclosed);
  await using _ = { [Symbol.asyncDispose]: () => disposeOf(backend, request.onEvent) };
  if (resumed === undefined) await assertWritable(root);
  const now = await manifestNow(request, backend);
  request.admit?.(now);
  if (resumed !== undefined && request.resume !== undefined) {
    const drift = request.resume.drift(resumed.manifest, now);
    return await runBlocks(request, backend, resumed, await pastOf(resumed, drift), redact);
  }
  // The copy of the file holds whatever the file holds.
  const mode = (request.secrets?.literals.length ?? 0) > 0 ? 0o600 : 0o644;
  await using run = await createRun(root, now, request.experimentText, { mode, owner });
  return await runBlocks(request, backend, run, NO_PAST, redact);
}

/** What cannot be removed is said; it must not cost the run, which is measured by then. */
async function disposeOf(backend: TrialBackend, onEvent: OnSweepEvent): Promise<void> {
  try {
    await backend[Symbol.asyncDispose]();
  } catch (error) {
    const fault = machineCondition(error);
    if (fault === undefined) throw error;
    onEvent({ type: 'note', message: `warning: not everything could be removed: ${fault.message}; run gctune clean` });
  }
}

/** What the manifest of a run that begins here and now would say. */
async function manifestNow(request: SweepRequest, backend: TrialBackend): Promise<RunManifest> {
  const { experiment, seed, pilotOf, confirms, shard } = request;
  const startedAt = new Date();
  const plan = makePlan(experiment, seed);
  return {
    formatVersion: FORMAT_VERSION,
    toolVersion: request.toolVersion,
    id: runId(
      shard === undefined ? experiment.name : `${experiment.name}-${shard.number}of${shard.of}`,
      startedAt,
      seed,
    ),
    startedAt: startedAt.toISOString(),
    experiment,
    ...fileOf(request),
    plan,
    ...(pilotOf === undefined ? {} : { pilotOf }),
    ...(confirms === undefined ? {} : { confirms }),
    ...(shard === undefined ? {} : { shard }),
    ...(await backend.about(plan)),
  };
}

/** The experiment's file, by the shorter of its path and the way to it; what came from stdin has none. */
function fileOf({ experimentFile, cwd }: SweepRequest): Pick<RunManifest, 'experimentFile'> {
  if (basename(experimentFile) === '-') return {};
  const way = relative(cwd, experimentFile);
  return { experimentFile: way.length < experimentFile.length ? way : experimentFile };
}

/** Prepares the target, and runs what is missing of a run that is locked. */
async function runBlocks(
  request: SweepRequest,
  backend: TrialBackend,
  run: RunWriter,
  past: Past,
  redact: Redact,
): Promise<SweepResult> {
  const { experiment, onEvent } = request;
  const { plan, id, runner, shard } = run.manifest;
  const { trials, profiling } = shareOf(plan, shard);
  const sweep = new Blocks({ request, plan, backend, run, redact, past });
  onEvent({
    type: 'run-started',
    runId: id,
    folder: run.folder,
    runner,
    why: backend.why,
    trials: trials.length + profiling.length,
    blocks: blocksOf(plan, shard).length,
    ...(shard === undefined ? {} : { ofBlocks: plan.blocks }),
    cells: plan.cells.map(({ id: cell, role }) => ({ id: cell, role })),
    estimatedSeconds: backend.forecastSeconds({ ...plan, trials, profiling }),
    ...(past.resumed === undefined ? {} : { kept: past.attempts.size }),
  });
  // Who only looks at a run has not worked on it.
  if (past.complete) return sweep.run();
  const directory = dirname(resolve(request.cwd, request.experimentFile));
  await run.log(
    past.resumed === undefined
      ? {
          at: now(),
          type: 'run-started',
          pid: process.pid,
          ...(usesFolder(experiment) ? { directory } : {}),
        }
      : { at: now(), type: 'run-resumed', pid: process.pid, ...past.resumed },
  );
  // That it cannot be noted either, on the same full disk, ends nothing.
  const note = request.onLost?.((lost) => void run.log({ at: now(), type: 'output-lost', ...lost }).catch(() => {}));
  try {
    return await sweep.run();
  } finally {
    note?.();
  }
}

/** Whether something of the experiment's folder is needed again when the run is gone on with. */
function usesFolder({ target, services, workloads }: Experiment): boolean {
  const programs = [target, ...Object.values(services)];
  return (
    programs.some(({ prepare, files }) => files.length > 0 || !prepare.every(runsTarget)) ||
    Object.values(workloads).some(({ kind }) => kind === 'command')
  );
}

/** A model needs no machine; everything else is a real target. */
async function backendOf(request: SweepRequest, disclosed: Disclosed): Promise<TrialBackend> {
  const { source } = request.experiment.target;
  if (source.kind === 'simulated') return simulatedBackend(request.experiment, request.seed, source.model);
  if (request.runner === 'simulated') throw new Error('the simulated runner knows only simulated targets');
  return realBackend(request, disclosed, request.runner);
}
