import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import type { Limits, PrepareStep, TargetSpec } from '../experiment/experiment.ts';
import type { Runner } from '../runner/runner.ts';
import type { Artifact } from '../target/artifact.ts';
import { runProgram, runsTarget, runTarget, type StepPlace } from './prepare-step.ts';
import { PreparedData, type DataCopy } from './prepared-data.ts';
import { makeScratch, removeFolder, type Scratch } from './scratch.ts';

/** What a preparation is made of. */
export interface PrepareRequest {
  readonly runId: string;
  readonly target: TargetSpec;
  readonly companion: boolean;
  readonly runner: Runner;
  readonly artifact: Artifact;
  /** The target's environment in the steps that run it. */
  readonly env: Readonly<Record<string, string>>;
  /** What `${NAME}` in it stands for. */
  readonly variables: Readonly<Record<string, string>>;
  readonly limits: Limits;
  readonly experimentDirectory: string;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** What was prepared; disposing it removes all of it. */
export interface Prepared extends AsyncDisposable {
  /** What `{work}` stands for; undefined where no step has made it. */
  readonly workDirectory: string | undefined;
  /** A fresh copy of what was prepared, for one instance at a time; undefined where the target has no data folder. */
  freshData(): Promise<DataCopy | undefined>;
  /** The same of the companion, which was prepared by the same steps in a template of its own. */
  freshCompanionData(): Promise<DataCopy | undefined>;
}

/**
 * Runs the preparation steps in order, in a scratch folder that is made where there is something to prepare. A companion
 * has its own data folder, so the steps that concern it are run once more there. Throws EnvironmentError
 * `prepare-failed`; nothing is left behind then.
 */
export async function prepareTarget(request: PrepareRequest): Promise<Prepared> {
  const { target } = request;
  if (target.prepare.length === 0 && !target.data) {
    return prepared(undefined, [], () => Promise.resolve());
  }
  const scratch = await makeScratch(request.runId);
  try {
    const instances = await makeInstances(request, scratch);
    const work = join(scratch.folder, 'work');
    for (const [index, step] of target.prepare.entries()) {
      request.onProgress(`preparing, step ${index + 1} of ${target.prepare.length}: ${step.run.join(' ')}`);
      for (const { instance, data } of concerned(step, instances)) {
        const workDirectory = await folderIfPresent(work);
        await runStep(step, { work, workDirectory, data: data?.directory, instance }, request);
      }
    }
    for (const { data } of instances) await data?.seal();
    return prepared(await madeWork(target, work), instances, async () => scratch[Symbol.asyncDispose]());
  } catch (error) {
    // Why the preparation failed matters more than what cannot be removed; `gctune clean` will say that.
    await removeFolder(scratch.folder).catch(() => undefined);
    throw error;
  }
}

interface Instance {
  readonly instance: StepPlace['instance'];
  readonly data: PreparedData | undefined;
}

async function makeInstances(request: PrepareRequest, { folder }: Scratch): Promise<readonly Instance[]> {
  const { target, companion, artifact, runner } = request;
  if (!target.data) return [{ instance: 'target', data: undefined }];
  if (await inMemory(folder)) {
    request.onProgress(
      `${folder} is on a file system in memory, so what the target writes to its data folder counts as its memory; set GCTUNE_CACHE to a folder on a disk`,
    );
  }
  const names: readonly Instance['instance'][] = companion ? ['target', 'companion'] : ['target'];
  return Promise.all(
    names.map(async (instance) => ({
      instance,
      data: await PreparedData.make(join(folder, instance), artifact, runner),
    })),
  );
}

/** A step that only makes the common work folder is run once. */
function concerned(step: PrepareStep, instances: readonly Instance[]): readonly Instance[] {
  return runsTarget(step) || step.run.some((word) => word.includes('{data}')) ? instances : instances.slice(0, 1);
}

async function runStep(step: PrepareStep, place: StepPlace, request: PrepareRequest): Promise<void> {
  const { runId, experimentDirectory, signal } = request;
  await (runsTarget(step)
    ? runTarget(step, place, request, signal)
    : runProgram(step, place, { runId, cwd: experimentDirectory }, signal));
}

/** The work folder; where the steps name it they must have made it. */
async function madeWork(target: TargetSpec, work: string): Promise<string | undefined> {
  const made = await folderIfPresent(work);
  const named = target.prepare.some(({ run }) => run.some((word) => word.includes('{work}')));
  if (made !== undefined || !named) return made;
  throw new EnvironmentError('prepare-failed', 'no preparation step created the folder {work}', {
    hint: 'a step that names {work} has to create it; see target.prepare in the experiment file',
  });
}

async function folderIfPresent(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true ? path : undefined;
}

/** Linux's tmpfs (TMPFS_MAGIC of linux/magic.h), whose pages are charged to the cgroup that writes them. */
async function inMemory(folder: string): Promise<boolean> {
  return process.platform === 'linux' && (await statfs(folder)).type === 0x0102_1994;
}

function prepared(
  workDirectory: string | undefined,
  instances: readonly Instance[],
  dispose: () => Promise<void>,
): Prepared {
  const freshOf = async (wanted: Instance['instance']): Promise<DataCopy | undefined> =>
    instances.find(({ instance }) => instance === wanted)?.data?.fresh();
  return {
    workDirectory,
    freshData: () => freshOf('target'),
    freshCompanionData: () => freshOf('companion'),
    [Symbol.asyncDispose]: dispose,
  };
}
