import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Server as NetServer } from 'node:net';
import type { Address } from '../../../src/runner/runner.ts';

/** A server on loopback; disposing it closes it and all its connections. */
export interface Serving extends AsyncDisposable {
  readonly address: Address;
  /** Connections that were ever opened to it. */
  readonly connections: number;
}

/** Serves HTTP on a free port. */
export function serve(answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<Serving> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => void answer(request, response));
  return listen(server, () => server.closeAllConnections());
}

/** Listens on a free port of loopback. */
export async function listen(server: Server | NetServer, drop: () => void = () => undefined): Promise<Serving> {
  let connections = 0;
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      drop();
      await once(server, 'close');
    },
  };
}

/** A promise that resolves when `reached` has been called so many times. */
export function counted(times: number): { readonly done: Promise<void>; readonly reached: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = times;
  return {
    done: promise,
    reached: () => {
      if (--left <= 0) resolve();
    },
  };
}
