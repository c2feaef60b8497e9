import { randomUUID } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BYSTANDER_LIMITS } from '../runner/bystander-limits.ts';
import { type ProcessGroup, startGroup } from '../runner/process/process-group.ts';
import { pinning } from './generator.ts';
import type { LoadProgram, LoadProgramPlace } from './workload.ts';

/** Where a run leaves its report. */
export interface ReportPlace {
  /** What the program is told. */
  readonly told: string;
  /** Where it is on this machine. */
  readonly path: string;
  /** The folder of it that a container is given. */
  readonly folder: string;
}

/** What a run is started with. */
export interface RunStart {
  /** A program and its arguments; undefined as the program: the load program itself. */
  readonly argv: readonly [string | undefined, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly input: string | undefined;
  readonly report: ReportPlace;
  readonly cpuset: string | undefined;
  /** Longest line that is kept, in UTF-16 units. */
  readonly lineLength: number;
}

/** A run that is under way. */
export type ProgramRun = Pick<ProcessGroup, 'output' | 'exited' | 'failure' | 'stop'>;

/** A new place for a report; a container finds it in a folder that whoever it runs as can write to. */
export async function reportPlace({ program: { image }, reports }: LoadProgramPlace): Promise<ReportPlace> {
  const name = randomUUID();
  const folder = join(reports, name);
  await mkdir(folder);
  // The folder around it is this user's alone.
  if (image !== undefined) await chmod(folder, 0o777);
  const path = join(folder, 'report');
  return { told: image === undefined ? path : join(image.runner.dataPath(folder), 'report'), path, folder };
}

/** Starts a run of a load program, as a process group that ends with this process or as a container. */
export async function startRun(place: LoadProgramPlace, start: RunStart, signal: AbortSignal): Promise<ProgramRun> {
  const { program, directory, runId } = place;
  const trialId = `${place.trialId}-load`;
  const { argv, env, input, cpuset, lineLength } = start;
  if (program.image !== undefined) return startContainer(program.image, place, start, signal);
  const [named = program.path, ...args] = argv;
  return startGroup({
    argv: [...(await pinning(cpuset)), named, ...args],
    env,
    directory,
    runId,
    trialId,
    cgroup: undefined,
    diesWithUs: true,
    lineLength,
    input,
  });
}

async function startContainer(
  { runner, artifact }: NonNullable<LoadProgram['image']>,
  { runId, trialId, workDirectory }: LoadProgramPlace,
  { argv: [, ...args], env, report, cpuset, lineLength }: RunStart,
  signal: AbortSignal,
): Promise<ProgramRun> {
  const daemon = await runner.launch(
    {
      runId,
      trialId: `${trialId}-load`,
      artifact,
      args,
      // As variables, so that what a value holds is taken as it is.
      env: Object.fromEntries(Object.keys(env).map((name) => [name, `\${${name}}`])),
      variables: env,
      port: undefined,
      ports: {},
      limits: BYSTANDER_LIMITS,
      cpuset,
      workDirectory,
      dataDirectory: report.folder,
      lineLength,
      together: true,
      service: { name: 'gctune-load', user: undefined },
    },
    signal,
  );
  const exited = daemon.exited.then(async (exit) => {
    await daemon[Symbol.asyncDispose]();
    return exit;
  });
  return {
    output: daemon.output,
    exited,
    failure: () => Promise.resolve(undefined),
    stop: async (graceSeconds) => {
      const exit = await daemon.stop(graceSeconds);
      await daemon[Symbol.asyncDispose]();
      return exit;
    },
  };
}
