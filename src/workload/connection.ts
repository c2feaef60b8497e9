import type { IncomingHttpHeaders } from 'node:http';
import { Client as Http1Client, type Dispatcher } from 'undici';
import { dialOf, originOf } from '../text/origin.ts';
import type { Address } from '../runner/runner.ts';
import { Http2Client, type Client } from './http2-client.ts';
import { type AnswerJudge, type OutgoingRequest, RequestFailed } from './outgoing-request.ts';
import type { LoadShape } from './open-loop.ts';
import type { Tally } from './tally.ts';

/** Called when a connection has no request any more. */
export type OnFree = (connection: Connection) => void;

/** Requests that one connection of HTTP/2 bears at the same time: what Go's server and nginx allow at least. */
const STREAMS = 100;

/** What opens the connections of a load: with HTTP/1.1 one for each request in flight, with HTTP/2 one for a hundred. */
export function clientsFor(
  address: Address,
  { connections, timeoutSeconds, protocol }: Pick<LoadShape, 'connections' | 'timeoutSeconds' | 'protocol'>,
): readonly Client[] {
  const options = {
    ...dialOf(address),
    // undici's own timers tick every half second; a Connection has a timer of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: Math.ceil(timeoutSeconds * 1000) },
    // An idle connection is never closed from this side, or a low rate would measure connecting.
    keepAliveTimeout: 3_600_000,
    keepAliveMaxTimeout: 3_600_000,
  };
  const multiplexed = protocol === 'h2c';
  return Array.from({ length: multiplexed ? Math.ceil(connections / STREAMS) : connections }, () =>
    multiplexed
      ? new Http2Client(address, timeoutSeconds)
      : new Http1Client(originOf(address), { ...options, pipelining: 1 }),
  );
}

/**
 * One kept-alive connection (with HTTP/2: one of its streams at a time) with at most one request at a time: so the number of connections is the number of requests
 * in flight, and no request waits unseen behind another. It is its own response handler, which spares the generator an
 * object per request. A connection that the target closes is opened again for the next request.
 */
export class Connection implements Dispatcher.DispatchHandler {
  readonly #client: Client;
  readonly #onFree: OnFree;
  readonly #timeoutMs: number;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #tally: Tally | undefined;
  #answer: AnswerJudge | undefined;
  #dueMs = 0;
  #status = 0;

  constructor(client: Client, timeoutSeconds: number, onFree: OnFree) {
    this.#timeoutMs = timeoutSeconds * 1000;
    this.#client = client;
    this.#onFree = onFree;
    this.#timer = setTimeout(() => this.#onTimer(), this.#timeoutMs);
    this.#timer.unref();
  }

  /** Sends a request that fell due at `dueMs`; the tally hears what becomes of it, then `onFree` is called. */
  send(request: OutgoingRequest, dueMs: number, tally: Tally): void {
    this.#tally = tally;
    this.#dueMs = dueMs;
    if (request.first === undefined) this.#dispatch(request);
    else void this.#sendAfter(request.first, tally);
  }

  async #sendAfter(first: () => Promise<OutgoingRequest>, tally: Tally): Promise<void> {
    const startMs = performance.now();
    try {
      const request = await first();
      if (this.#tally !== tally) return;
      this.#dueMs += performance.now() - startMs;
      this.#dispatch(request);
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      if (this.#tally === tally) this.#end(error.kind, false);
    }
  }

  #dispatch(request: OutgoingRequest): void {
    this.#status = 0;
    this.#answer = request.answer;
    // One timer serves all requests of the connection: it fires only when none was sent for the whole timeout.
    this.#timer.refresh();
    this.#client.dispatch(
      {
        method: request.method,
        path: request.path,
        headers: request.headers as string[],
        body: request.body,
      },
      this,
    );
  }

  /** Gives up the request in flight, if there is one of this tally, and counts it as `kind`. */
  giveUp(kind: string, tally: Tally): void {
    if (this.#tally === tally) this.#end(kind, true);
  }

  /** It is used no more; whoever made its client ends that. */
  dispose(): void {
    clearTimeout(this.#timer);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    if (this.#answer !== undefined) this.#answer.begin(status, headers);
  }

  /** Bodies are read to their end; only a judge keeps any of them. */
  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#answer !== undefined) this.#answer.data(chunk);
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    if (this.#answer !== undefined) this.#end(this.#answer.end(trailers), false);
    else if (this.#status >= 400) this.#end(`status ${this.#status}`, false);
    else this.#end(undefined, false);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const kind = errorKind(error);
    this.#end(kind, kind === 'timeout', true);
  }

  #end(errorKind: string | undefined, waited: boolean, broken = false): void {
    const tally = this.#tally;
    if (tally === undefined) return;
    this.#tally = undefined;
    this.#answer = undefined;
    this.#controller = undefined;
    const latencyMs = performance.now() - this.#dueMs;
    if (errorKind === undefined) tally.completed(latencyMs);
    else tally.failed(errorKind, waited ? latencyMs : undefined);
    // undici takes no request while it clears up after a failed connection.
    if (broken) queueMicrotask(() => this.#onFree(this));
    else this.#onFree(this);
  }

  #onTimer(): void {
    if (this.#tally === undefined) return;
    if (this.#controller !== undefined) this.#controller.abort(new RequestTimeout());
    // No answer is awaited yet: it is still connecting, which has a limit of its own.
    else this.#timer.refresh();
  }
}

/** The reason given to undici when the target took too long. */
class RequestTimeout extends Error {
  readonly code = 'GCTUNE_TIMEOUT';
}

/** Names of what undici reports; a code or name that is not here is shown as it is. */
const knownKinds: ReadonlyMap<string, string> = new Map([
  ['GCTUNE_TIMEOUT', 'timeout'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
  ['UND_ERR_SOCKET', 'connection closed'],
  ['HTTPParserError', 'not HTTP'],
  ['ERR_HTTP2_ERROR', 'not HTTP/2'],
  ['ERR_HTTP2_STREAM_CANCEL', 'connection closed'],
  ['ERR_HTTP2_SESSION_ERROR', 'connection closed'],
  ['ERR_HTTP2_STREAM_ERROR', 'stream reset'],
]);

function errorKind(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code ?? error.name;
  // What no server was ever asked: only undici's sentence says which part of the request is at fault.
  if (code === 'UND_ERR_INVALID_ARG') return `not sent: ${error.message}`;
  return knownKinds.get(code) ?? code;
}
