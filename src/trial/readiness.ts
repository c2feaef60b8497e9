import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'undici';
import { dialOf, originOf } from '../text/origin.ts';
import { plainText } from '../text/plain-text.ts';
import type { Address } from '../runner/runner.ts';

/** How long to wait between two questions. */
const pollMilliseconds = 15;
/** How long the whole of an answer may take, from the connection to its last byte. */
const answerSeconds = 5;
/** More of an answer is not read: it is one. */
const enoughBytes = 1024 * 1024;
/** Characters that are kept of what a target said. */
const mostSaid = 200;

/** One question to a daemon: undefined where the answer is that it is ready, else what came of it. May hold text of the target. */
export type Question = (signal: AbortSignal) => Promise<string | undefined>;

/**
 * Asks a daemon until it is ready. Never gives up by itself; the signal ends it. `onAnswer` is told what came of each
 * question that did not do.
 */
export async function answers(
  question: Question,
  signal: AbortSignal,
  onAnswer: (said: string) => void,
): Promise<void> {
  let asked = false;
  while (!signal.aborted) {
    const said = await question(signal);
    if (said === undefined) return;
    // A question that the end cut short is no answer, unless it is all there is.
    if (!signal.aborted || !asked) onAnswer(plainText(said).slice(0, mostSaid));
    asked = true;
    await sleep(pollMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}

/** Asks for a path, which is to be answered 2xx. */
export async function askHttp(path: string, address: Address, signal: AbortSignal): Promise<string | undefined> {
  const late = AbortSignal.timeout(answerSeconds * 1000);
  const client = new Client(originOf(address), { ...dialOf(address), connectTimeout: answerSeconds * 1000 });
  let came = 'was not answered';
  try {
    const response = await client.request({ method: 'GET', path, signal: AbortSignal.any([signal, late]) });
    const { location } = response.headers;
    came = `answered ${response.statusCode}${typeof location === 'string' ? ` (redirects to ${location})` : ''}`;
    const isReady = response.statusCode >= 200 && response.statusCode < 300;
    if (isReady) came += ', but the answer did not end';
    let bytes = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > enoughBytes) break;
    }
    if (isReady) return undefined;
    return `GET ${path} ${came}`;
  } catch (error) {
    if (late.aborted) return `GET ${path} ${came} within ${answerSeconds} s`;
    if (signal.aborted) return `GET ${path} ${came}`;
    const { code, message } = error as NodeJS.ErrnoException;
    const place =
      address.socketPath === undefined ? `${address.host}:${address.port}` : `the socket ${address.socketPath}`;
    if (code === 'ECONNREFUSED') return `${place} refuses connections`;
    if (code === 'ENOENT') return `${place} is not there`;
    return `GET ${path} failed: ${message}`;
  } finally {
    await client.destroy().catch(() => undefined);
  }
}

/** Connects to a port of an address, or to a unix socket, and leaves again. */
export function askToConnect(
  to: Address | { readonly path: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const name = 'path' in to ? `the socket ${to.path}` : `${to.host}:${to.port}`;
  return new Promise((resolve) => {
    const socket = connect({ ...to, timeout: answerSeconds * 1000, signal });
    const finish = (said: string | undefined): void => {
      socket.destroy();
      resolve(said);
    };
    socket.once('connect', () => finish(undefined));
    socket.once('timeout', () => finish(`${name} did not answer within ${answerSeconds} s`));
    socket.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED') finish(`${name} refuses connections`);
      else finish(code === 'ENOENT' ? `${name} is not there` : `connecting to ${name} failed: ${message}`);
    });
  });
}
