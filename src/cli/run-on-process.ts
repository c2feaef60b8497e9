import { spawn } from 'node:child_process';
import type { ExitCode } from '../errors.ts';
import { hangupIgnored } from './hangup.ts';
import { ENDING_SIGNALS, Interruption, type Io, type LostOutput, type Output, type TerminalHolder } from './io.ts';

/** How long the first signal is given to end what runs before what a second one does is done. */
const STOP_SECONDS = 25;
/** How long the second one is given; then the process ends as it is. */
const KILL_SECONDS = 5;
/** Within what time a process that stops itself has stopped. */
const STOPPED_SECONDS = 0.05;
/** How long after a signal the end waits for text that nobody takes. */
const FLUSH_SECONDS = 1;

/** Runs a program on a real process: its arguments, streams, environment and signals. Gives the exit code and never throws. */
export async function runOnProcess(
  program: (argv: readonly string[], io: Io) => Promise<ExitCode>,
  host: NodeJS.Process,
): Promise<ExitCode> {
  const { signal, killSignal } = watchSignals(host);
  const streams = new Streams(host, signal);
  const io: Io = {
    stdout: streams.stdout,
    stderr: streams.stderr,
    onLost: (listener) => streams.onLost(listener),
    env: host.env,
    cwd: host.cwd(),
    signal,
    killSignal,
    nowSeconds: () => performance.now() / 1000,
    unixSeconds: () => Date.now() / 1000,
    every: (seconds, tick) => {
      const timer = setInterval(tick, seconds * 1000).unref();
      return () => clearInterval(timer);
    },
    holdTerminal: (holder) => holdTerminal(host, holder),
    cleanUpBehind: (runId) => {
      const main = host.argv[1];
      if (main === undefined) return;
      const ofRun = runId === undefined ? [] : ['--run', runId];
      // What this process owns is left alone for as long as it lives.
      const args = [...host.execArgv, main, 'clean', '--after', String(host.pid), ...ofRun];
      spawn(host.execPath, args, { detached: true, stdio: 'ignore' }).unref();
    },
  };
  const exitCode = await program(host.argv.slice(2), io);
  await Promise.all([io.stdout.flushed(), io.stderr.flushed()]);
  return exitCode;
}

/** The first signal stops, the second kills, the third ends the process; where one of the first two is not enough the next follows by itself. */
function watchSignals(host: NodeJS.Process): { readonly signal: AbortSignal; readonly killSignal: AbortSignal } {
  const stop = new AbortController();
  const kill = new AbortController();
  const escalate = (why: Interruption, orderlyEnd = true): void => {
    if (kill.signal.aborted) host.exit(why.exitCode);
    if (stop.signal.aborted || !orderlyEnd) {
      kill.abort(why);
      stop.abort(why);
    } else stop.abort(why);
    const seconds = kill.signal.aborted ? KILL_SECONDS : STOP_SECONDS;
    setTimeout(() => escalate(why), seconds * 1000).unref();
  };
  const ignored = hangupIgnored(host.env, host.ppid);
  for (const name of ENDING_SIGNALS) {
    host.on(name, () => {
      if (name !== 'SIGHUP' || !ignored) escalate(new Interruption(name), name !== 'SIGQUIT');
    });
  }
  return { signal: stop.signal, killSignal: kill.signal };
}

/** Has the terminal released at the end of the process, whatever ends it, and while it is stopped. */
function holdTerminal(host: NodeJS.Process, holder: TerminalHolder): () => void {
  const release = (): void => holder.release();
  let held = true;
  const stopped = (): void => {
    holder.release();
    // Again, without this listener: then it does what it does by default.
    host.off('SIGTSTP', stopped);
    host.kill(host.pid, 'SIGTSTP');
    // This is reached when the process goes on, or was not stopped, since there is no shell to let it go on.
    setTimeout(() => {
      if (!held) return;
      host.on('SIGTSTP', stopped);
      holder.retake();
    }, STOPPED_SECONDS * 1000).unref();
  };
  host.on('exit', release).on('SIGTSTP', stopped);
  return () => {
    held = false;
    host.off('exit', release).off('SIGTSTP', stopped);
  };
}

/** The two streams of the process. That one cannot be written is no reason to end what is measured: it falls silent. */
class Streams {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly #lost: LostOutput[] = [];
  readonly #listeners = new Set<(lost: LostOutput) => void>();

  constructor(host: NodeJS.Process, ending: AbortSignal) {
    this.stdout = this.#outputOf('stdout', host.stdout, ending);
    this.stderr = this.#outputOf('stderr', host.stderr, ending);
  }

  onLost(listener: (lost: LostOutput) => void): () => void {
    this.#lost.forEach(listener);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #outputOf(name: LostOutput['stream'], stream: NodeJS.WriteStream, ending: AbortSignal): Output {
    let failed: NodeJS.ErrnoException | undefined;
    const lose = (error: NodeJS.ErrnoException): void => {
      if (failed !== undefined) return;
      failed = error;
      const lost = { stream: name, code: error.code ?? error.name };
      this.#lost.push(lost);
      this.#listeners.forEach((listener) => listener(lost));
    };
    stream.on('error', lose);
    neverBlock(stream);
    return {
      write: (text) => {
        if (failed === undefined) stream.write(text);
      },
      isTTY: stream.isTTY,
      size: () => (stream.isTTY ? { columns: stream.columns, rows: stream.rows } : undefined),
      onResize: (listener) => {
        stream.on('resize', listener);
        return () => stream.off('resize', listener);
      },
      isBehind: () => stream.writableLength > 0,
      flushed: async () => {
        if (failed === undefined) await Promise.race([written(stream), passed(ending)]);
        return failed;
      },
    };
  }
}

/**
 * Node waits for a terminal to take what is written, and does nothing else meanwhile. One that is held, or at the other
 * end of a line that is down, would stop the measurement.
 */
function neverBlock(stream: NodeJS.WriteStream): void {
  const { _handle: handle } = stream as { readonly _handle?: { readonly setBlocking?: (on: boolean) => void } };
  if (stream.isTTY) handle?.setBlocking?.(false);
}

/** Resolves once everything written so far has left this process, or cannot any more. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // What has failed is told by the next turn.
    const done = (): void => void setImmediate(resolve);
    if (stream.destroyed || stream.writableEnded) done();
    else stream.write('', done);
  });
}

/** Resolves a while after the signal. */
function passed(ending: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const later = (): void => void setTimeout(resolve, FLUSH_SECONDS * 1000);
    if (ending.aborted) later();
    else ending.addEventListener('abort', later, { once: true });
  });
}
