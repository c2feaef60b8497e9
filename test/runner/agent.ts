import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Folder } from './target-binary.ts';

/** An agent that runs as an ordinary process of this machine. */
export interface RunningAgent extends AsyncDisposable {
  readonly socket: string;
  readonly process: ChildProcess;
}

/** Builds the agent into a folder. */
export async function buildAgent(folder: Folder): Promise<string> {
  const path = join(folder.path, 'gctune-agent');
  await execa('go', ['build', '-trimpath', '-buildvcs=false', '-o', path, '.'], {
    cwd: fileURLToPath(new URL('../../agent', import.meta.url)),
    env: { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod' },
  });
  return path;
}

/** Starts the agent and waits until it listens. `via`: argv that becomes it. `emptied`: folders that each program finds empty. */
export async function startAgent(
  path: string,
  folder: Folder,
  {
    env = {},
    via = [],
    emptied = [],
  }: {
    readonly env?: Readonly<Record<string, string>>;
    readonly via?: readonly string[];
    readonly emptied?: readonly string[];
  } = {},
): Promise<RunningAgent> {
  const socket = join(folder.path, 'agent.sock');
  const [file = '', ...args] = [...via, path, 'serve', socket, ...emptied];
  const child = spawn(file, args, {
    cwd: folder.path,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    socket,
    process: child,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await rm(socket, { force: true });
    },
  };
}
