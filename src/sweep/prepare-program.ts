import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import type { Limits, PrepareStep, ProgramSpec } from '../experiment/experiment.ts';
import type { Runner } from '../runner/runner.ts';
import type { Artifact } from '../target/artifact.ts';
import { userOf } from '../runner/process/user.ts';
import { copyFiles } from './copy-files.ts';
import { runProgram, runsTarget, runTarget, type Prepares, type StepPlace } from './prepare-step.ts';
import { PreparedData, type DataCopy } from './prepared-data.ts';
import { makeScratch, removeFolder } from './scratch.ts';

/** What a preparation is made of. */
export interface PrepareRequest {
  readonly runId: string;
  /** Whose program it is. */
  readonly owner: Prepares;
  readonly spec: ProgramSpec;
  readonly runner: Runner;
  readonly artifact: Artifact;
  /** The program's environment in the steps that run it. */
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
  /** A fresh copy of what was prepared, for one start at a time; undefined where the program has no data folder. */
  freshData(): Promise<DataCopy | undefined>;
}

/**
 * Copies the files of the experiment and runs the preparation steps of the target or of a service in order, in a scratch
 * folder that is made where there is something to prepare. Throws EnvironmentError `prepare-failed`; nothing is left behind then.
 */
export async function prepareProgram(request: PrepareRequest): Promise<Prepared> {
  const { owner, spec, runner, artifact, onProgress } = request;
  if (spec.prepare.length === 0 && !spec.data) return prepared(undefined, undefined, () => Promise.resolve());
  const user = owner === 'target' || runner.name !== 'process' ? undefined : await userOf(owner.user);
  const scratch = await makeScratch(request.runId, user);
  const whose = owner === 'target' ? '' : ` the service ${owner.name}`;
  try {
    if (spec.data && (await inMemory(scratch.folder))) {
      onProgress(
        `${scratch.folder} is on a file system in memory, so what is written to a data folder counts as memory of who writes it; set GCTUNE_CACHE to a folder on a disk`,
      );
    }
    // Whom a container runs as is its own affair.
    const open = artifact.kind === 'image' || (owner !== 'target' && owner.user !== undefined && user === undefined);
    const data = spec.data
      ? await PreparedData.make(join(scratch.folder, 'program'), runner, { open, owner: user })
      : undefined;
    if (data !== undefined)
      await copyFiles(spec.files, request.experimentDirectory, data.directory, {
        place: owner === 'target' ? 'target.files' : `services.${owner.name}.files`,
        owner: user,
        open,
      });
    const work = join(scratch.folder, 'work');
    for (const [index, step] of spec.prepare.entries()) {
      onProgress(`preparing${whose}, step ${index + 1} of ${spec.prepare.length}: ${step.run.join(' ')}`);
      const workDirectory = await folderIfPresent(work);
      await runStep(step, { work, workDirectory, data: data?.directory, owner }, request);
    }
    await data?.seal();
    return prepared(await madeWork(spec, work), data, async () => scratch[Symbol.asyncDispose]());
  } catch (error) {
    // Why the preparation failed matters more than what cannot be removed; `gctune clean` will say that.
    await removeFolder(scratch.folder).catch(() => undefined);
    throw error;
  }
}

async function runStep(step: PrepareStep, place: StepPlace, request: PrepareRequest): Promise<void> {
  const { runId, experimentDirectory, signal } = request;
  await (runsTarget(step)
    ? runTarget(step, place, request, signal)
    : runProgram(step, place, { runId, cwd: experimentDirectory }, signal));
}

/** The work folder; where the steps name it they must have made it. */
async function madeWork({ prepare }: ProgramSpec, work: string): Promise<string | undefined> {
  const made = await folderIfPresent(work);
  const named = prepare.some(({ run }) => run.some((word) => word.includes('{work}')));
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
  data: PreparedData | undefined,
  dispose: () => Promise<void>,
): Prepared {
  return { workDirectory, freshData: async () => data?.fresh(), [Symbol.asyncDispose]: dispose };
}
