import { EnvironmentError } from '../errors.ts';
import type { Limits, PrepareStep } from '../experiment/experiment.ts';
import type { Exit } from '../results/format.ts';
import { within } from '../runner/within.ts';
import { followOutput } from '../runner/follow-output.ts';
import { startGroup } from '../runner/process/process-group.ts';
import { becoming, userOf } from '../runner/process/user.ts';
import type { Daemon, Runner } from '../runner/runner.ts';
import type { Artifact } from '../target/artifact.ts';

/** How many of the last lines of a failed step are shown. */
const shownLines = 20;
/** How long the target is given to end by itself where a step takes too long. */
const graceSeconds = 2;

/** Where a step works. */
export interface StepPlace {
  /** What `{work}` stands for. */
  readonly work: string;
  /** The work folder where an earlier step has made it. */
  readonly workDirectory: string | undefined;
  /** What `{data}` stands for; undefined where the program has no data folder. */
  readonly data: string | undefined;
  /** Whose preparation it is. */
  readonly owner: Prepares;
}

/** Whose data is prepared: the target's, or that of a service. */
export type Prepares = 'target' | { readonly name: string; readonly user: string | undefined };

/** What a step that runs the program itself is run with. */
export interface StepTarget {
  readonly runId: string;
  readonly runner: Runner;
  readonly artifact: Artifact;
  readonly env: Readonly<Record<string, string>>;
  /** What `${NAME}` in it stands for. */
  readonly variables: Readonly<Record<string, string>>;
  readonly limits: Limits;
}

/** Whether a step runs the target, or the service, itself. */
export function runsTarget({ run }: PrepareStep): boolean {
  return run[0] === '{target}' || run[0] === '{service}';
}

/**
 * Runs a program of this machine, without a shell, to its end; what it has started ends with it. Throws EnvironmentError
 * `prepare-failed` with the end of its output.
 */
export async function runProgram(
  step: PrepareStep,
  place: StepPlace,
  { runId, cwd }: { readonly runId: string; readonly cwd: string },
  signal: AbortSignal,
): Promise<void> {
  const values: Readonly<Record<string, string | undefined>> = {
    '{work}': place.work,
    '{data}': place.data,
    '{node}': process.execPath,
  };
  const argv = step.run.map((word) => word.replace(/\{(?:work|data|node)\}/g, (name) => values[name] ?? name));
  const user = place.owner === 'target' ? undefined : await userOf(place.owner.user);
  const group = await startGroup({
    argv: user === undefined ? argv : [...(await becoming(user)), ...argv],
    env: user === undefined ? process.env : { ...process.env, HOME: user.home },
    directory: cwd,
    runId,
    trialId: trialIdOf(place),
    cgroup: undefined,
    diesWithUs: true,
  });
  await toItsEnd(step, place, group, { limits: undefined, signal, failure: () => group.failure() });
}

/**
 * Runs the target as a trial would, without a port, to its end. Throws EnvironmentError `prepare-failed` with the end of
 * its output where it fails, is killed or takes too long, and whatever the launch throws.
 */
export async function runTarget(
  step: PrepareStep,
  place: StepPlace,
  target: StepTarget,
  signal: AbortSignal,
): Promise<void> {
  await using daemon = await target.runner.launch(
    {
      runId: target.runId,
      trialId: trialIdOf(place),
      artifact: target.artifact,
      args: step.run.slice(1),
      env: withoutTrace(target.env),
      variables: target.variables,
      port: undefined,
      ports: {},
      limits: target.limits,
      cpuset: undefined,
      workDirectory: place.workDirectory,
      dataDirectory: place.data,
      together: false,
      ...(place.owner === 'target' ? {} : { service: place.owner }),
    },
    signal,
  );
  await toItsEnd(step, place, daemon, { limits: target.limits, signal });
}

function trialIdOf({ owner }: StepPlace): string {
  return owner === 'target' ? 'prepare' : `prepare-${owner.name}`;
}

/** Waits until a step has ended, or ends it. Throws EnvironmentError `prepare-failed` where it did not do its work. */
async function toItsEnd(
  step: PrepareStep,
  place: StepPlace,
  running: Pick<Daemon, 'output' | 'exited' | 'stop'>,
  { limits, signal, failure }: { limits: Limits | undefined; signal: AbortSignal; failure?: () => Promise<unknown> },
): Promise<void> {
  const output = followOutput(running.output);
  const exit = await within(running.exited, step.withinSeconds, signal);
  if (exit === undefined) await running.stop(graceSeconds);
  await output.ended;
  signal.throwIfAborted();
  const refused = await failure?.();
  const how = refused instanceof Error ? refused.message : exit === undefined ? tooLong(step) : failureOf(exit, limits);
  if (how !== undefined) throw failed(step, place, how, output.tail);
}

/** The collector's trace is for the trials; here it would push out the lines that tell why a step failed. */
function withoutTrace(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const settings = (env['GODEBUG'] ?? '').split(',').filter((setting) => !setting.startsWith('gctrace='));
  return { ...env, GODEBUG: settings.join(',') };
}

/** How a program failed; undefined where it did not. */
function failureOf({ code, signal, oomKilled }: Exit, limits: Limits | undefined): string | undefined {
  if (oomKilled) {
    const bytes = limits?.memoryBytes;
    const limit = bytes === undefined ? '' : ` of ${Math.round(bytes / 2 ** 20)} MiB`;
    return `it was OOM-killed at its memory limit${limit}`;
  }
  if (signal !== null) return `it was ended by ${signal}`;
  return code === 0 ? undefined : `it ended with code ${code}`;
}

function tooLong({ withinSeconds }: PrepareStep): string {
  return `it took longer than ${withinSeconds} s`;
}

function failed(step: PrepareStep, place: StepPlace, how: string, output: readonly string[]): EnvironmentError {
  const lines = output.slice(0, output.findLastIndex((line) => line.trim() !== '') + 1).slice(-shownLines);
  const { owner } = place;
  const whose = owner === 'target' ? '' : ` of the service ${owner.name}`;
  const where = owner === 'target' ? 'target' : `services.${owner.name}`;
  const message = `the preparation step \`${step.run.join(' ')}\`${whose} failed: ${how}`;
  return new EnvironmentError('prepare-failed', message, {
    details: lines.length > 0 ? lines : ['(it printed nothing)'],
    hint: `see ${where}.prepare in the experiment file`,
  });
}
