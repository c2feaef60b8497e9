import type { IncomingHttpHeaders } from 'node:http';
import { connect as connectHttp2, constants, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';
import type { Dispatcher } from 'undici';
import { originOf } from '../text/origin.ts';
import type { Address } from '../runner/runner.ts';

/** What a Connection needs of what opens connections. */
export type Client = Pick<Dispatcher, 'dispatch' | 'destroy'>;

/** How much of answers may be under way: with the 64 KiB of the protocol large ones would wait for our acknowledgements. */
const STREAM_WINDOW_BYTES = 2 ** 20;
const CONNECTION_WINDOW_BYTES = 2 ** 24;

/**
 * One connection of HTTP/2 without TLS (prior knowledge, RFC 9113), opened when it is first needed and again when it has
 * ended. Each request is a stream of its own and is sent once: undici's client repeats what was in flight when a
 * connection breaks, and so would hide that.
 */
export class Http2Client implements Client {
  readonly #address: Address;
  readonly #timeoutMs: number;
  #session: ClientHttp2Session | undefined;

  constructor(address: Address, timeoutSeconds: number) {
    this.#address = address;
    this.#timeoutMs = timeoutSeconds * 1000;
  }

  /** Sends a request; the handler hears what becomes of it. */
  dispatch({ method, path, headers, body }: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const session = this.#open();
    const fields = { ...fieldsOf(headers as readonly string[]), ':method': method, ':path': path };
    const stream = session.request(fields, { endStream: body === null });
    let trailers: IncomingHttpHeaders = {};
    let over = false;
    const finish = (error?: Error): void => {
      if (over) return;
      over = true;
      if (error === undefined) handler.onResponseEnd?.(controller, trailers);
      else handler.onResponseError?.(controller, error);
    };
    const controller = {
      aborted: false,
      paused: false,
      reason: null,
      pause: () => undefined,
      resume: () => undefined,
      abort: (reason: Error) => {
        stream.close(constants.NGHTTP2_CANCEL);
        finish(reason);
      },
    };
    handler.onRequestStart?.(controller, {});
    stream.on('response', (answer) => handler.onResponseStart?.(controller, answer[':status'] ?? 0, answer));
    stream.on('data', (chunk: Buffer) => handler.onResponseData?.(controller, chunk));
    stream.on('trailers', (last: IncomingHttpHeaders) => void (trailers = last));
    stream.on('end', () => {
      if (stream.rstCode === constants.NGHTTP2_NO_ERROR && !stream.aborted) finish();
    });
    stream.on('error', (error: Error) => finish(failures.get(session) ?? error));
    stream.on('close', () => finish(failures.get(session) ?? new ConnectionClosed()));
    if (body !== null) stream.end(body as string | Buffer);
    return true;
  }

  /** Ends the connection, and all that is in flight on it. */
  destroy(): Promise<void> {
    this.#session?.destroy();
    return Promise.resolve();
  }

  #open(): ClientHttp2Session {
    const usable = this.#session;
    if (usable !== undefined && !usable.closed && !usable.destroyed) return usable;
    const { host, port, socketPath } = this.#address;
    const session = connectHttp2(originOf(this.#address), {
      createConnection: () => connect(socketPath === undefined ? { host, port, noDelay: true } : { path: socketPath }),
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
    });
    const late = setTimeout(() => session.destroy(new ConnectTimeout()), this.#timeoutMs);
    session.once('connect', () => {
      clearTimeout(late);
      session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    });
    session.on('error', (error: Error) => failures.set(session, error));
    session.once('close', () => clearTimeout(late));
    this.#session = session;
    return session;
  }
}

/** Why a connection ended: its streams do not tell. */
const failures = new WeakMap<ClientHttp2Session, Error>();

class ConnectionClosed extends Error {
  readonly code = 'UND_ERR_SOCKET';
}

class ConnectTimeout extends Error {
  readonly code = 'UND_ERR_CONNECT_TIMEOUT';
}

/** HTTP/2 writes names of fields in small letters, and has no use for those about the connection. */
function fieldsOf(headers: readonly string[]): OutgoingHttpHeaders {
  const fields: Record<string, string | string[]> = {};
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] ?? '').toLowerCase();
    const value = headers[index + 1] ?? '';
    const before = fields[name];
    fields[name] = before === undefined ? value : [before, value].flat();
  }
  return fields;
}
