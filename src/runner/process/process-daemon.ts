import { parse } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '../../errors.ts';
import { ownPlace } from '../../target/cache-directory.ts';
import { processStartUnixSeconds, readExe } from '../proc.ts';
import type { Address, Daemon, Reached } from '../runner.ts';
import { startGroup, type GroupStart } from './process-group.ts';

/** How long a target gets to end by itself when its Daemon is disposed of without stop(). */
export const DISPOSE_GRACE_SECONDS = 5;
/** How long the short chain of programs before the target (setpriv, sh, env, taskset) may take; they need a few milliseconds. */
const EXEC_SECONDS = 10;

/** A target that is to be started: its argv ends by becoming the target under the same pid. */
export interface ProcessStart extends Omit<GroupStart, 'directory'> {
  /** Real path of the target, to know it by in /proc. */
  readonly program: string;
  readonly directory: string | undefined;
  readonly address: Address | undefined;
  readonly addresses: Readonly<Record<string, Address>>;
  /** Where others of its run reach it. */
  readonly inside: Reached | undefined;
  /** It may be a script, which runs as its interpreter, and is not waited for. */
  readonly anyProgram: boolean;
}

/** Starts a target as a process and waits until it is the target itself. Throws EnvironmentError `target-not-started`. */
export async function startProcess(start: ProcessStart, signal: AbortSignal): Promise<Daemon> {
  // Not TMPDIR: there anybody may have put a file that the target reads by its bare name.
  const directory = start.directory ?? ownPlace(process.env, 'working-directory') ?? parse(process.execPath).root;
  const group = await startGroup({ ...start, directory });
  const { pid, exited } = group;
  try {
    const seen =
      pid !== undefined && (start.anyProgram || (await becomesTarget(pid, start.program, () => group.running, signal)));
    const exit = group.running ? undefined : await exited;
    // 125…127 are the codes of sh and env for a program that they could not start (env(1)).
    const failed =
      exit === undefined || (exit.signal === null && (exit.code === null || exit.code < 0 || exit.code >= 125));
    if (!seen && failed) {
      const details = await Array.fromAsync(group.running ? [] : group.output, (line) => line.text);
      const cause = group.running ? undefined : await group.failure();
      throw new EnvironmentError('target-not-started', `${start.program} could not be started`, { details, cause });
    }
  } catch (error) {
    await group.stop(0);
    throw error;
  }

  let lost = false;
  return {
    address: start.address,
    addresses: start.addresses,
    inside: start.inside,
    get pid() {
      return group.running ? pid : undefined;
    },
    cgroup: start.cgroup?.paths,
    engineStats: undefined,
    startUnixSeconds: pid === undefined ? undefined : await processStartUnixSeconds(pid),
    output: group.output,
    exited,
    fault: () => Promise.resolve(undefined),
    stop: async (graceSeconds) => {
      try {
        return await group.stop(graceSeconds);
      } catch (error) {
        lost = true;
        throw error;
      }
    },
    [Symbol.asyncDispose]: async () => {
      if (!lost) await group.stop(DISPOSE_GRACE_SECONDS);
    },
  };
}

/** Waits until the process runs the target; false where it ended before that was seen. Without /proc it is believed. */
async function becomesTarget(
  pid: number,
  program: string,
  running: () => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  for (const end = performance.now() + EXEC_SECONDS * 1000; performance.now() < end && running();) {
    const exe = await readExe(pid);
    if (exe === program) return true;
    await sleep(1, undefined, { signal });
  }
  return false;
}
