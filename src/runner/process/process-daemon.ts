import { parse } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { EnvironmentError } from '../../errors.ts';
import type { Exit } from '../../results/format.ts';
import { ownPlace } from '../../target/cache-directory.ts';
import { tryKill, type Cgroup } from '../cgroup.ts';
import { lineBuffer } from '../output-lines.ts';
import { LOOPBACK } from '../port.ts';
import { processStartUnixSeconds, readExe } from '../proc.ts';
import type { Address, Daemon } from '../runner.ts';

/** How long a target gets to end by itself when its Daemon is disposed of without stop(). */
export const DISPOSE_GRACE_SECONDS = 5;
/** How long to wait for the rest of the output of an ended target, which a program it started may hold open. */
const OUTPUT_SECONDS = 2;
/** How long the short chain of programs before the target (sh, env, taskset) may take; they need a few milliseconds. */
const EXEC_SECONDS = 10;

/** A process that is to be started. */
export interface ProcessStart {
  /** Real path of the target, to know it by in /proc. */
  readonly program: string;
  /** The whole argv, which ends by becoming the target under the same pid. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string | undefined;
  readonly address: Address | undefined;
  /** Whether others of its run are started beside it. */
  readonly together: boolean;
  /** Owned by the daemon from here on: removed when it ends. */
  readonly group: Cgroup | undefined;
}

/** Starts a target as a process and waits until it is the target itself. Throws EnvironmentError `target-not-started`. */
export async function startProcess(start: ProcessStart, signal: AbortSignal): Promise<Daemon> {
  const [file = '', ...args] = start.argv;
  const output = lineBuffer();
  const ending = execa(file, args, {
    env: start.env,
    extendEnv: false,
    // Not TMPDIR: there anybody may have put a file that the target reads by its bare name.
    cwd: start.directory ?? ownPlace(process.env, 'working-directory') ?? parse(process.execPath).root,
    detached: true,
    cleanup: false,
    stdin: 'ignore',
    buffer: false,
    reject: false,
  });
  const child = ending.nodeChildProcess;
  ending.stdout.on('data', (chunk: Uint8Array) => output.push('stdout', chunk));
  ending.stderr.on('data', (chunk: Uint8Array) => output.push('stderr', chunk));
  const { pid } = child;
  let running = true;
  const left = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  }).then(() => {
    running = false;
  });

  const exited = (async (): Promise<Exit> => {
    await left;
    // What the target started and left behind ends with it.
    if (pid !== undefined) tryKill(-pid, 'SIGKILL');
    const figures = await start.group?.figures().catch(() => undefined);
    const removed = start.group?.remove();
    const cancel = new AbortController();
    const result = await Promise.race([
      ending,
      sleep(OUTPUT_SECONDS * 1000, undefined, { signal: cancel.signal }).catch(() => undefined),
    ]);
    cancel.abort();
    if (result === undefined) {
      ending.stdout.destroy();
      ending.stderr.destroy();
    }
    await removed?.catch(() => undefined);
    output.end();
    return {
      code: child.exitCode,
      signal: child.signalCode,
      oomKilled: child.signalCode === 'SIGKILL' && (figures?.oomKills ?? 0) > 0,
      ...(figures?.cpuSeconds === undefined ? {} : { cpuSeconds: figures.cpuSeconds }),
      ...(figures?.peakBytes === undefined ? {} : { peakBytes: figures.peakBytes }),
    };
  })();

  const stop = async (graceSeconds: number): Promise<Exit> => {
    if (running && pid !== undefined) {
      tryKill(-pid, 'SIGTERM');
      const cancel = new AbortController();
      await Promise.race([
        left,
        sleep(graceSeconds * 1000, undefined, { signal: cancel.signal }).catch(() => undefined),
      ]);
      cancel.abort();
      if (running) tryKill(-pid, 'SIGKILL');
    }
    return exited;
  };

  try {
    const seen = pid !== undefined && (await becomesTarget(pid, start.program, () => running, signal));
    const exit = running ? undefined : await exited;
    // 125…127 are the codes of sh and env for a program that they could not start (env(1)).
    const failed =
      exit === undefined || (exit.signal === null && (exit.code === null || exit.code < 0 || exit.code >= 125));
    if (!seen && failed) {
      const details = await Array.fromAsync(running ? [] : output.lines, (line) => line.text);
      throw new EnvironmentError('target-not-started', `${start.program} could not be started`, {
        details,
        cause: pid === undefined ? (await ending).cause : undefined,
      });
    }
  } catch (error) {
    await stop(0);
    throw error;
  }

  return {
    address: start.address,
    insideHost: start.together ? LOOPBACK : undefined,
    get pid() {
      return running ? pid : undefined;
    },
    cgroup: start.group?.paths,
    engineStats: undefined,
    startUnixSeconds: pid === undefined ? undefined : await processStartUnixSeconds(pid),
    output: output.lines,
    exited,
    fault: () => Promise.resolve(undefined),
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop(DISPOSE_GRACE_SECONDS);
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
