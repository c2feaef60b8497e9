import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createRawServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { becomesReady } from '../../src/trial/become-ready.ts';
import { scratch } from '../e2e/gctune.ts';

const never = new Promise<void>(() => undefined);
const linux = { skip: process.platform !== 'linux' };

async function listening(t: TestContext, server: Server, where: object): Promise<number> {
  await new Promise<void>((resolve) => server.listen(where, resolve));
  t.after(() => server.close());
  const address = server.address() as AddressInfo | string;
  return typeof address === 'string' ? 0 : address.port;
}

/** What is said of a target in this process that is asked for a moment at a port. */
async function saidOf(port: number, withinSeconds = 0.6): Promise<string | undefined> {
  const daemon = { address: { host: '127.0.0.1', port }, addresses: {}, pid: process.pid };
  const ready = { kind: 'http', path: '/healthz', withinSeconds } as const;
  return (await becomesReady({ ready, daemon, dataDirectory: undefined, output: never }, new AbortController().signal))
    ?.said;
}

async function freePort(): Promise<number> {
  const server = createRawServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const answers: readonly (readonly [name: string, answer: RequestListener, said: RegExp | undefined])[] = [
  ['204', (_, response) => response.writeHead(204).end(), undefined],
  ['500', (_, response) => response.writeHead(500).end('no'), /^GET \/healthz answered 500$/],
  ['404', (_, response) => response.writeHead(404).end(), /^GET \/healthz answered 404$/],
  [
    'a redirect',
    (_, response) => response.writeHead(302, { location: '/login\u001b[2J' }).end(),
    // undici refuses the header with an escape in it, or it comes without one: no terminal sees it.
    /^GET \/healthz (?:answered 302 \(redirects to \/login\P{Cc}*\)|failed: \P{Cc}*)$/u,
  ],
  ['silence', () => undefined, /^GET \/healthz was not answered; it listens on .*127\.0\.0\.1:\d+/],
  [
    'a byte now and then',
    (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 50);
      response.on('close', () => clearInterval(drip));
    },
    /^GET \/healthz answered 200, but the answer did not end$/,
  ],
  ['an end instead of an answer', (request) => request.socket.destroy(), /^GET \/healthz failed: .+; it listens on /],
];
for (const [name, answer, said] of answers) {
  test(`a target that answers with ${name}`, linux, async (t) => {
    const server = createServer((request, response) => {
      // a header that Node itself would refuse to send
      try {
        answer(request, response);
      } catch {
        request.socket.end('HTTP/1.1 302 Found\r\nlocation: /login\u001b[2J\r\ncontent-length: 0\r\n\r\n');
      }
    });
    const port = await listening(t, server, { host: '127.0.0.1', port: 0 });
    t.after(() => server.closeAllConnections());
    const got = await saidOf(port);
    if (said === undefined) assert.equal(got, undefined);
    else assert.match(got ?? 'ready', said);
  });
}

test('a target that does not speak HTTP', linux, async (t) => {
  const port = await listening(
    t,
    createRawServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-x\r\n')),
    {
      host: '127.0.0.1',
      port: 0,
    },
  );
  assert.match((await saidOf(port)) ?? 'ready', /^GET \/healthz failed: .*; it listens on /);
});

test('a target that listens elsewhere: on ::1, on another port, on a unix socket', linux, async (t) => {
  const path = join(await scratch(t), 'd.sock');
  await listening(t, createRawServer(), { path });
  const other = await listening(t, createRawServer(), { host: '127.0.0.1', port: 0 });
  const port = await freePort();
  await listening(t, createRawServer(), { host: '::1', port });
  const said = (await saidOf(port)) ?? 'ready';
  assert.ok(said.startsWith(`127.0.0.1:${port} refuses connections; it listens on `), said);
  for (const where of [`[::1]:${port}`, `127.0.0.1:${other}`, `unix socket ${path}`])
    assert.ok(said.includes(where), said);
});

test('a target that is to say in its output that it is ready', async () => {
  const ready = { kind: 'output', contains: 'listening', withinSeconds: 0.1 } as const;
  const daemon = { address: undefined, addresses: {}, pid: undefined };
  const unready = await becomesReady(
    { ready, daemon, dataDirectory: undefined, output: never },
    new AbortController().signal,
  );
  assert.deepEqual(unready, { said: 'its output never held "listening"' });
});
