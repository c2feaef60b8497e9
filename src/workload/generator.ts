import { existsSync } from 'node:fs';
import { delimiter, extname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { EnvironmentError } from '../errors.ts';
import { factsOfKind, type RequestWorkload } from '../experiment/workloads/kinds.ts';
import type { Command, Report } from './control.ts';
import type { LoadRequest, RunningLoad } from './workload.ts';

/** A running load whose process can be named. */
export interface Generator extends RunningLoad {
  readonly pid: number;
}

/**
 * Starts the load generator in a process of its own, on the CPUs of the request, so that neither its work nor its
 * garbage collection falls on gctune's event loop or, where there are CPUs enough, on the target's. No request
 * has been sent when this resolves. The process ends when it is disposed, when the signal is aborted, and when this process ends,
 * however it does.
 */
export async function startGenerator(
  spec: RequestWorkload,
  { address, companion, seed, cpuset }: LoadRequest,
  signal: AbortSignal,
): Promise<Generator> {
  signal.throwIfAborted();
  const argv: readonly string[] = [...pinning(cpuset), process.execPath, entryFile()];
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
  const ended = child.then(({ code, exitCode, signal: killedBy, stderr }) => {
    const how = code ?? killedBy ?? (exitCode === undefined ? 'unknown cause' : `exit code ${exitCode}`);
    const details = stderr === '' ? [] : stderr.split('\n').slice(-20);
    return new EnvironmentError('generator-broken', `the load generator ended: ${how}`, { details });
  });

  /** Waits for one report; where the process ends first, `broken` is always settled before this rejects. */
  const reported = async <T extends Report['type']>(type: T, command?: Command): Promise<Report & { type: T }> => {
    let report: Report;
    try {
      const message = child.getOneMessage({ filter: (each) => [type, 'failed'].includes((each as Report).type) });
      const [first] = await Promise.all([message, command === undefined ? undefined : child.sendMessage(command)]);
      report = first as Report;
    } catch {
      const error = await ended;
      signal.throwIfAborted();
      await nextTurn();
      throw error;
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
    const [target, second] = await Promise.all([address, companion, reported('ready')]);
    if (target === undefined) throw new Error(`a workload of kind ${spec.kind} needs a target that serves a port`);
    await reported('started', { type: 'start', spec, address: target, companion: second, seed });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    preload:
      (factsOfKind(spec.kind).preloaded?.(spec) ?? 0) > 0
        ? async () => (await reported('preloaded', { type: 'preload' })).done
        : undefined,
    begin: async () => void (await reported('begun', { type: 'begin' })),
    openWindow: async () => void (await reported('opened', { type: 'open' })),
    closeWindow: async (drainSeconds) => (await reported('closed', { type: 'close', drainSeconds })).work,
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
function pinning(cpuset: string | undefined): readonly string[] {
  if (cpuset === undefined) return [];
  const found = (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'taskset')));
  return found ? ['taskset', '-c', cpuset] : [];
}
