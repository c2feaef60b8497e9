import { basename, dirname, resolve } from 'node:path';
import { expectedSeconds } from '../experiment/plan/estimate-time.ts';
import type { Disclosed } from '../experiment/secrets/redact-experiment.ts';
import type { RealRunnerChoice } from '../experiment/runner-names.ts';
import { argumentWarnings } from '../experiment/secrets/secret-warnings.ts';
import { redactor } from '../experiment/secrets/secrets.ts';
import { allowedCpus } from '../runner/allowed-cpus.ts';
import { formatCpuList } from '../linux/cpu-list.ts';
import { chooseRunner } from '../runner/choose-runner.ts';
import { captureEnvironment } from '../runner/environment.ts';
import { targetEnvironment } from '../trial/target-environment.ts';
import { checkReplayedLogs } from '../trial/replayed-logs.ts';
import { runTrial } from '../trial/trial.ts';
import type { TrialBackend } from '../trial/trial-backend.ts';
import { findLeftovers, leftoverWarnings } from './leftovers.ts';
import { announce, neighboursOn, neighbourWarnings } from './neighbours.ts';
import { pinned } from './pinning.ts';
import { obtainLoadPrograms } from './load-programs.ts';
import { type Prepared, prepareProgram } from './prepare-program.ts';
import { makeScratch, reapFolders } from './scratch.ts';
import { RunServices } from './services.ts';
import type { SweepRequest } from './sweep-request.ts';
import { makeVariants, variantFacts, type TargetVariant } from './variants.ts';

/**
 * The backend of real targets: the runner that was asked for, the built target and the CPUs of both sides. Throws
 * UserError or EnvironmentError where the machine or the target is not ready.
 */
export async function realBackend(
  { onEvent, signal, ...request }: SweepRequest,
  { experiment, variables, values }: Disclosed,
  choice: RealRunnerChoice,
): Promise<TrialBackend> {
  const redact = redactor(values);
  const commands = Object.values(experiment.services).some(({ source: { kind } }) => kind === 'command');
  // What runs on this machine a target in a container does not reach.
  const { runner, why } = await chooseRunner(choice === 'auto' && commands ? 'process' : choice);
  const experimentDirectory = dirname(resolve(request.cwd, request.experimentFile));
  const onProgress = (message: string): void => onEvent({ type: 'note', message });
  for (const message of await checkReplayedLogs(experiment)) onProgress(message);
  const allowed = allowedCpus() ?? [];
  const context = { env: request.env, signal, onProgress };
  const variants = await makeVariants(experiment, allowed, runner, context);
  const { artifact, placement } = variants.all[0];
  const artifacts = [...new Map(variants.all.map((one) => [one.artifact.digest, one.artifact])).values()];
  const { generator } = placement.cpus;
  // Services keep off the CPUs that any cell gives to the target.
  const roomiest = variants.all.reduce((most, one) =>
    (one.experiment.limits.cpus ?? Infinity) > (most.experiment.limits.cpus ?? Infinity) ? one : most,
  );
  const targets = [...new Set(variants.all.map((one) => one.placement.cpus.target))];
  const measuredOn = targets.includes(undefined)
    ? formatCpuList(allowed)
    : [...targets, generator].filter(Boolean).join(',');
  const services = await RunServices.obtain(experiment, runner, roomiest.placement.services, variables, context);
  const runners = [...new Set([runner, ...services.runners])];
  const loads = await obtainLoadPrograms(experiment, runner, context);
  const loadImages = Object.values(loads).flatMap(({ program: { image } }) => image?.artifact ?? []);
  const resources: AsyncDisposable[] = [];
  let reports = '';
  /** By what it depends on: the program, its environment and the steps. */
  const prepared = new Map<string, Prepared>();
  /** What the trials took that an earlier gctune ran. */
  let replayedSeconds = 0;
  return {
    why,
    forecastSeconds: (plan) => expectedSeconds(experiment, plan, runner.overheadSeconds),
    about: async () => {
      // What was left of the run that is gone on with is removed before anything is measured.
      const resumed = request.resume === undefined ? undefined : basename(request.resume.folder);
      const left = (await findLeftovers()).filter(({ runId }) => runId !== resumed);
      const others = [...neighbourWarnings(await neighboursOn(measuredOn)), ...leftoverWarnings(left)];
      for (const { message } of others) onProgress(`warning: ${message}`);
      return {
        runner: runner.name,
        artifact: { digest: artifact.digest, description: artifact.description, buildInfo: artifact.buildInfo },
        ...(Object.keys(services.artifacts).length === 0 ? {} : { services: services.artifacts }),
        ...(Object.keys(loads).length === 0
          ? {}
          : { loads: mapped(loads, ({ digest, description }) => ({ digest, description })) }),
        ...variantFacts(experiment, variants),
        environment: { ...(await captureEnvironment()), ...(await runner.environment()) },
        placement: placement.cpus,
        gomaxprocs: placement.gomaxprocs,
        warnings: [...argumentWarnings(experiment), ...variants.warnings, ...others],
      };
    },
    reap: async (runId) => {
      const found = [...runners.map((each) => each.reap(runId)), reapFolders(runId)];
      const reaped = (await Promise.all(found)).flat();
      for (const { kind, id, problem } of reaped) {
        onProgress(
          problem === undefined
            ? `removed ${kind} ${id}, which was left when the run ended`
            : `warning: ${kind} ${id} was left when the run ended, and is still there: ${problem}`,
        );
      }
    },
    prepare: async (runId) => {
      for (const one of [...artifacts, ...loadImages]) resources.push(await runner.prepare(one, runId, signal));
      if (Object.keys(loads).length > 0) {
        const scratch = await makeScratch(runId);
        resources.push(scratch);
        reports = scratch.folder;
      }
      const workload = experiment.matrix.workload[0] ?? '';
      const surroundings = { runId, variables, experimentDirectory, signal, onProgress };
      resources.push(services);
      await services.prepare(surroundings);
      for (const variant of variants.all) {
        const own = variant.experiment;
        const key = preparedBy(variant);
        if (prepared.has(key)) continue;
        const made = await prepareProgram({
          ...surroundings,
          owner: 'target',
          spec: own.target,
          runner,
          artifact: variant.artifact,
          env: targetEnvironment(own, { ...own.baseline, workload }, variant.placement.gomaxprocs),
          limits: own.limits,
        });
        prepared.set(key, made);
        resources.push(made);
      }
      resources.push(await pinned(placement.cpus.generator));
      resources.push(await announce(measuredOn));
    },
    replay: ({ phases }) => {
      replayedSeconds += (phases.at(-1)?.endSeconds ?? 0) + runner.overheadSeconds;
    },
    recover: async (runId, abort) => {
      for (const one of [...artifacts, ...loadImages]) await runner.restore(one, runId, abort);
      await services.restore(runId, abort);
    },
    runTrial: async (trial, abort) => {
      const variant = variants.of(trial.cell.levels);
      const ready = prepared.get(preparedBy(variant));
      if (ready === undefined) throw new Error('a trial before the preparation');
      await using data = await ready.freshData();
      await using beside = await services.forTrial(trial.planned.id, abort);
      const record = await runTrial(
        {
          ...trial,
          experiment: variant.experiment,
          variables,
          redact,
          runner,
          artifact: variant.artifact,
          placement: variant.placement.cpus,
          loads: mapped(loads, ({ program }) => ({ program, directory: experimentDirectory, reports })),
          gomaxprocs: variant.placement.gomaxprocs,
          workDirectory: ready.workDirectory,
          dataDirectory: data?.directory,
          runningServices: beside.runningServices,
          services: beside.services,
        },
        abort,
      );
      // One that began meanwhile is still there, more often than not.
      const others = neighbourWarnings(await neighboursOn(measuredOn));
      return { ...record, warnings: [...record.warnings, ...others] };
    },
    nowSeconds: () => replayedSeconds + performance.now() / 1000,
    [Symbol.asyncDispose]: () => disposeAll(resources),
  };
}

function mapped<T, U>(of: Readonly<Record<string, T>>, change: (value: T) => U): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(of).map(([key, value]) => [key, change(value)]));
}

/** What the data that the steps make can depend on; variants that are alike in it share them. */
function preparedBy({ artifact, experiment: { target } }: TargetVariant): string {
  return JSON.stringify([artifact.digest, target.env, target.prepare]);
}

/** The last one first; one that fails does not keep the others. */
async function disposeAll(resources: AsyncDisposable[]): Promise<void> {
  try {
    await resources.pop()?.[Symbol.asyncDispose]();
  } finally {
    if (resources.length > 0) await disposeAll(resources);
  }
}
