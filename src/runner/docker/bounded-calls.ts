import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';

/** How long a call goes unanswered before the engine is asked beside it whether it answers at all, and how long that may take. */
const PATIENCE_SECONDS = 4;
/** How long an engine that answers may take for one call, and for one that ends or removes something. */
const CALL_SECONDS = 20;
const REMOVE_SECONDS = 10;
/** How long it may take to pull, build or import an image. */
const IMAGE_SECONDS = 30 * 60;
/** How long a call may take after one that was not answered, until one is: who stops and cleans up makes many. */
const SILENT_SECONDS = 2;

type Modem = Docker['modem'];
type Dial = Modem['dial'];
type Callback = NonNullable<Parameters<Dial>[1]>;

/**
 * Gives every call to an engine a bound, so that one that hangs keeps nobody waiting: a call that takes long is given up when the
 * engine does not answer a ping beside it, or when the call's own time is over. What is a stream is bounded until its head is there.
 * The library itself waits without end, and never tells of a connection that breaks in the middle of an answer.
 */
export function bounded(docker: Docker): Docker {
  const modem: Modem & { readonly socketPath?: unknown; agent?: Agent } = docker.modem;
  const dial: Dial = modem.dial.bind(modem);
  // A connection that is kept answers for an engine that takes no new ones: one that is shutting down.
  if (modem.socketPath !== undefined) modem.agent = new Agent({ keepAlive: false });
  let silent = false;
  modem.dial = (options, callback) => {
    const { abortSignal } = options;
    const cut = new AbortController();
    const done = new AbortController();
    const end = (reason: unknown): void => {
      const given = reason instanceof Error ? reason : new DOMException('the call was given up', 'AbortError');
      settle(given, null);
      cut.abort(given);
    };
    const onAbort = (): void => end(abortSignal?.reason);
    const forget = (): void => abortSignal?.removeEventListener('abort', onAbort);
    const settle: Callback = (error, result) => {
      if (done.signal.aborted) return;
      done.abort();
      if (error === null || 'statusCode' in error) silent = false;
      // Who ends the call later ends what is still read of it.
      if (options.isStream === true && error === null) (result as NodeJS.ReadableStream).once('close', forget);
      else forget();
      callback?.(error, result);
    };
    const giveUp = (reason: unknown): void => {
      if (done.signal.aborted) return;
      silent ||= isTimeout(reason);
      end(reason);
    };
    if (abortSignal?.aborted === true) return end(abortSignal.reason);
    abortSignal?.addEventListener('abort', onAbort, { once: true });
    const own = silent ? SILENT_SECONDS : options.path.startsWith('/_ping') ? PATIENCE_SECONDS : undefined;
    const bound = own === undefined ? answers(docker, secondsOf(options), done.signal) : late(own, done.signal);
    bound.catch(giveUp);
    dial({ ...options, abortSignal: cut.signal }, settle);
  };
  return docker;
}

/** The same engine, all of whose calls end with the signal. */
export function until(docker: Docker, signal: AbortSignal): Docker {
  const dial: Dial = (options, callback) => {
    const { abortSignal } = options;
    const both = abortSignal === undefined ? signal : AbortSignal.any([signal, abortSignal]);
    docker.modem.dial({ ...options, abortSignal: both }, callback);
  };
  const modem = Object.create(docker.modem, { dial: { value: dial } }) as Modem;
  return Object.create(docker, { modem: { value: modem } }) as Docker;
}

/** Rejects when the engine no longer answers, or when what it does takes longer than an image may; ends when `done` is aborted. */
export function whileImage(docker: Docker, done: AbortSignal): Promise<never> {
  return answers(docker, IMAGE_SECONDS, done);
}

async function answers(docker: Docker, seconds: number, done: AbortSignal): Promise<never> {
  for (let left = seconds; left > 0; left -= PATIENCE_SECONDS) {
    await sleep(Math.min(left, PATIENCE_SECONDS) * 1000, undefined, { signal: done });
    if (left > PATIENCE_SECONDS) await docker.ping();
  }
  throw tooLate();
}

async function late(seconds: number, done: AbortSignal): Promise<never> {
  await sleep(seconds * 1000, undefined, { signal: done });
  throw tooLate();
}

function tooLate(): Error {
  return new DOMException('the container engine did not answer in time', 'TimeoutError');
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

/** A wait lasts as long as its container; some engines answer it only then. */
function secondsOf({ path, method }: { readonly path: string; readonly method?: string | undefined }): number {
  if (method === 'DELETE' || /^\/containers\/[^/]+\/kill/.test(path)) return REMOVE_SECONDS;
  if (/^\/containers\/[^/]+\/wait/.test(path)) return Infinity;
  return /^\/(build|images\/create)/.test(path) ? IMAGE_SECONDS : CALL_SECONDS;
}
