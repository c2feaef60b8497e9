import { Pool } from 'undici';
import { originOf } from '../../text/origin.ts';
import type { Address } from '../../runner/runner.ts';
import { RequestFailed } from '../outgoing-request.ts';
import { ErrorKinds } from './error-kinds.ts';
import { type Expectation, RpcAnswer } from './rpc-answer.ts';

/** Everything that is asked of kubo begins so. */
export const apiPath = '/api/v0/';

/** Asks a node what is no part of the measured load. Disposing it closes its connections. */
export class RpcClient implements AsyncDisposable {
  readonly #pool: Pool;
  readonly #timeoutMs: number;
  readonly #kinds = new ErrorKinds();

  constructor(address: Address, timeoutSeconds: number, connections: number) {
    this.#timeoutMs = Math.ceil(timeoutSeconds * 1000);
    this.#pool = new Pool(originOf(address), {
      connections,
      // One deadline for the whole answer: the client's own begin anew at every byte.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: this.#timeoutMs },
    });
  }

  /** Posts a command and reads its answer. Rejects with RequestFailed, whose kind says what went wrong. */
  async post(
    command: string,
    expectation: Expectation,
    content: { readonly headers: readonly string[]; readonly body: Buffer | null } = { headers: [], body: null },
  ): Promise<void> {
    const error = await this.#ask(command, expectation, content).catch((cause: unknown) => {
      const { code, name } = cause as NodeJS.ErrnoException;
      const late = name === 'TimeoutError' || String(code).endsWith('_TIMEOUT');
      return late ? 'timeout' : (code ?? name);
    });
    if (error !== undefined) throw new RequestFailed(error);
  }

  async #ask(
    command: string,
    expectation: Expectation,
    { headers, body }: { readonly headers: readonly string[]; readonly body: Buffer | null },
  ): Promise<string | undefined> {
    const response = await this.#pool.request({
      method: 'POST',
      path: apiPath + command,
      headers: [...headers],
      body,
      signal: AbortSignal.timeout(this.#timeoutMs),
    });
    const judge = new RpcAnswer(this.#kinds, expectation);
    judge.begin(response.statusCode, response.headers);
    for await (const chunk of response.body) judge.data(chunk as Buffer);
    return judge.end(response.trailers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }
}
