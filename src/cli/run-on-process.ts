import { spawn } from 'node:child_process';
import type { ExitCode } from '../errors.ts';
import { Interruption, type Io, type Output } from './io.ts';

/** Runs a program on a real process: its arguments, streams, environment and signals. Gives the exit code and never throws. */
export async function runOnProcess(
  program: (argv: readonly string[], io: Io) => Promise<ExitCode>,
  host: NodeJS.Process,
): Promise<ExitCode> {
  const first = new AbortController();
  const second = new AbortController();
  const onSignal = (name: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void => {
    if (!first.signal.aborted) first.abort(new Interruption(name));
    else if (!second.signal.aborted) second.abort(new Interruption(name));
    else host.exit(new Interruption(name).exitCode);
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) host.on(name, () => onSignal(name));
  const io: Io = {
    // Whoever reads stdout has enough: what still runs is ended as by a signal.
    stdout: outputOf(host.stdout, () => first.abort(new Interruption('SIGTERM'))),
    stderr: outputOf(host.stderr, () => {}),
    env: host.env,
    cwd: host.cwd(),
    signal: first.signal,
    killSignal: second.signal,
    nowSeconds: () => performance.now() / 1000,
    unixSeconds: () => Date.now() / 1000,
    every: (seconds, tick) => {
      const timer = setInterval(tick, seconds * 1000).unref();
      return () => clearInterval(timer);
    },
    cleanUpBehind: (runId) => {
      const main = host.argv[1];
      if (main === undefined) return;
      const args = [...host.execArgv, main, 'clean', '--run', runId];
      spawn(host.execPath, args, { detached: true, stdio: 'ignore' }).unref();
    },
  };
  const exitCode = await program(host.argv.slice(2), io);
  await Promise.all([flushed(host.stdout), flushed(host.stderr)]);
  return exitCode;
}

function outputOf(stream: NodeJS.WriteStream, onClosed: () => void): Output {
  let open = true;
  // A reader that has gone (`gctune … | head`) is no error.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
    if (open) onClosed();
    open = false;
  });
  return {
    write: (text) => {
      if (open) stream.write(text);
    },
    isTTY: stream.isTTY,
    size: () => (stream.isTTY ? { columns: stream.columns, rows: stream.rows } : undefined),
    onResize: (listener) => {
      stream.on('resize', listener);
      return () => stream.off('resize', listener);
    },
  };
}

/** Resolves once everything written so far has left this process, or cannot any more. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve();
    else stream.write('', () => resolve());
  });
}
