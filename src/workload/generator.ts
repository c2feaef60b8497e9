import { extname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { EnvironmentError } from '../errors.ts';
import { factsOfKind, type RequestWorkload } from '../experiment/workloads/kinds.ts';
import { diesWithUs } from '../runner/dies-with-us.ts';
import { findProgram } from '../runner/find-program.ts';
import type { Command, Report } from './control.ts';
import type { LoadRequest, RunningLoad } from './workload.ts';

/** How long the generator may take to do what it does at once. */
const ANSWER_SECONDS = 10;
/** How long it may take to connect two nodes, which have ten seconds each to answer, and to find closed ports. */
const OPEN_SECONDS = 60;

/** A running load whose process can be named. */
export interface Generator extends RunningLoad {
  readonly pid: number;
}

/**
 * Starts the load generator in a process of its own, on the CPUs of the request, so that neither its work nor its
 * garbage collection falls on gctune's event loop or, where there are CPUs enough, on the target's. No request
 * has been sent when this resolves. The process ends when it is disposed, when the signal is aborted, and when this process ends,
 * however it does: by the closed channel, and where there is setpriv by the kernel, even while it is stopped or computes.
 */
export async function startGenerator(
  spec: RequestWorkload,
  { address, services, timing = { windowAtSeconds: 0, totalSeconds: 0 }, seed, cpuset }: LoadRequest,
  signal: AbortSignal,
): Promise<Generator> {
  signal.throwIfAborted();
  const argv = [...(await diesWithUs()), ...(await pinning(cpuset)), process.execPath, entryFile()];
  const child = execa(argv[0] ?? '', argv.slice(1), {
    ipc: true,
    stdin: 'ignore',
    stdout: 'ignore',
    maxBuffer: { stderr: 100_000 },
    // Reports are taken as they come; there is no need to keep them.
    buffer: { ipc: false },
    reject: false,
    // What a terminal sends to a whole process group (Ctrl-C, or SIGHUP in spite of nohup) is not for it; it ends when
    // its channel to this process does.
    detached: process.platform !== 'win32',
    // It has nothing to save.
    cancelSignal: signal,
    killSignal: 'SIGKILL',
  });
  let disposed = false;
  let stuck: string | undefined;
  const ended = child.then(({ code, exitCode, signal: killedBy, stderr }) => {
    const how = stuck ?? code ?? killedBy ?? (exitCode === undefined ? 'unknown cause' : `exit code ${exitCode}`);
    const details = stderr === '' ? [] : stderr.split('\n').slice(-20);
    return new EnvironmentError('generator-broken', `the load generator ended: ${how}`, { details });
  });

  /**
   * Waits for one report; where the process ends first, `broken` is always settled before this rejects. One that does not
   * report within so long (0: without an end) is killed.
   */
  const reported = async <T extends Report['type']>(
    type: T,
    withinSeconds: number,
    command?: Command,
  ): Promise<Report & { type: T }> => {
    let report: Report;
    const kill = (): void => {
      stuck = `it was killed, since it had not reported \`${type}\` within ${withinSeconds} s`;
      child.kill('SIGKILL');
    };
    const late = withinSeconds > 0 ? setTimeout(kill, withinSeconds * 1000) : undefined;
    try {
      const message = child.getOneMessage({ filter: (each) => [type, 'failed'].includes((each as Report).type) });
      const [first] = await Promise.all([message, command === undefined ? undefined : child.sendMessage(command)]);
      report = first as Report;
    } catch {
      const error = await ended;
      signal.throwIfAborted();
      await nextTurn();
      throw error;
    } finally {
      clearTimeout(late);
    }
    if (report.type !== 'failed') return report as Report & { type: T };
    const { code, message, details, hint } = report.failure;
    throw new EnvironmentError(code, message, { details, ...(hint === undefined ? {} : { hint }) });
  };

  const stop = async (): Promise<void> => {
    disposed = true;
    child.kill('SIGKILL');
    await ended;
  };
  try {
    const [target, beside] = await Promise.all([address, services, reported('ready', ANSWER_SECONDS)]);
    if (target === undefined) throw new Error(`a workload of kind ${spec.kind} needs a target that serves a port`);
    await reported('started', OPEN_SECONDS, {
      type: 'start',
      spec,
      address: target,
      services: beside ?? {},
      timing,
      seed,
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    preload:
      (factsOfKind(spec.kind).preloaded?.(spec) ?? 0) > 0
        ? async () => (await reported('preloaded', 0, { type: 'preload' })).done
        : undefined,
    begin: async () => void (await reported('begun', ANSWER_SECONDS, { type: 'begin' })),
    openWindow: async () => void (await reported('opened', ANSWER_SECONDS, { type: 'open' })),
    closeWindow: async (drainSeconds) =>
      (await reported('closed', drainSeconds + ANSWER_SECONDS, { type: 'close', drainSeconds })).work,
    broken: new Promise((resolve) => {
      void ended.then((error) => {
        if (!disposed && !signal.aborted) resolve(error);
      });
    }),
    [Symbol.asyncDispose]: stop,
  };
}

/** The generator's program lies beside this file, as TypeScript in the sources and as JavaScript when built. */
function entryFile(): string {
  return fileURLToPath(new URL(`./generator-process${extname(import.meta.url)}`, import.meta.url));
}

/** The command that pins what follows it; nothing where there is nothing to pin to, or no taskset (it is Linux's). */
export async function pinning(cpuset: string | undefined): Promise<readonly string[]> {
  const taskset = cpuset === undefined ? undefined : await findProgram('taskset');
  return cpuset === undefined || taskset === undefined ? [] : [taskset, '-c', cpuset];
}
