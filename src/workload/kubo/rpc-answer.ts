import type { IncomingHttpHeaders } from 'node:http';
import type { AnswerJudge } from '../outgoing-request.ts';
import type { ErrorKinds } from './error-kinds.ts';

/** The most of an answer that is kept to be read: far more than an error or the answer of an `add`. */
const keptBytes = 65_536;

/** What one operation expects of its answer. */
export interface Expectation {
  /** Is given the text of an answer with a status under 300; throws where it is not what it should be. */
  readonly read?: (text: string) => void;
  /** Whether an error message tells that the work was done all the same. */
  readonly fulfilledBy?: (message: string) => boolean;
}

/**
 * Judges an answer of kubo's RPC API. Errors come as a status with `{"Message","Code","Type"}`, or, where the answer had
 * already begun, in the trailer `X-Stream-Error`. An answer without any of the marks of that API is not kubo's.
 */
export class RpcAnswer implements AnswerJudge {
  readonly #expectation: Expectation;
  readonly #kinds: ErrorKinds;
  #status = 0;
  #marked = false;
  #keeps = false;
  #kept: Buffer[] = [];
  #bytes = 0;

  constructor(kinds: ErrorKinds, expectation: Expectation = {}) {
    this.#kinds = kinds;
    this.#expectation = expectation;
  }

  begin(status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#marked = 'x-stream-output' in headers || 'x-chunked-output' in headers || 'trailer' in headers;
    this.#keeps = status >= 300 || this.#expectation.read !== undefined;
  }

  data(chunk: Buffer): void {
    if (!this.#keeps || this.#bytes >= keptBytes) return;
    this.#bytes += chunk.length;
    this.#kept.push(chunk);
  }

  end(trailers: IncomingHttpHeaders): string | undefined {
    const text = Buffer.concat(this.#kept).toString('utf8', 0, keptBytes);
    this.#kept = [];
    const streamed = trailers?.['x-stream-error'];
    const message = this.#status >= 300 ? messageOf(text) : Array.isArray(streamed) ? streamed.join(' ') : streamed;
    if (message !== undefined) {
      return this.#expectation.fulfilledBy?.(message) === true ? undefined : this.#kinds.of(message);
    }
    if (this.#status >= 300 || !this.#marked) return `not an answer of kubo's RPC API: status ${this.#status}`;
    try {
      this.#expectation.read?.(text);
      return undefined;
    } catch {
      return 'an unreadable answer from kubo';
    }
  }
}

function messageOf(text: string): string | undefined {
  try {
    const { Message: message } = JSON.parse(text) as { readonly Message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

/** The CID that `add` answers: the last line that has one. Throws where there is none. */
export function cidOfAdd(text: string): string {
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  const { Hash: cid } = JSON.parse(line) as { readonly Hash?: unknown };
  // It goes into the paths of later requests.
  if (typeof cid !== 'string' || !/^[A-Za-z0-9]{8,200}$/.test(cid)) throw new SyntaxError('no CID');
  return cid;
}
