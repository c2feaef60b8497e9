import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fetchProfile } from '../../src/probe/pprof-profile.ts';
import { RequestFailed } from '../../src/workload/outgoing-request.ts';
import { RpcClient } from '../../src/workload/kubo/rpc.ts';

async function serve(t: TestContext, listener: RequestListener): Promise<{ host: string; port: number }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

const never = new AbortController().signal;
const drip: RequestListener = (_request, response) => {
  response.write('\u001f');
  const timer = setInterval(() => response.write('x'), 100);
  response.on('close', () => clearInterval(timer));
};

test('a profile is the answer as it came', async (t) => {
  const profile = gzipSync('profile');
  const address = await serve(t, (_request, response) => response.end(profile));
  assert.deepEqual(Buffer.from(await fetchProfile(address, '/heap', 0, never)), profile);
});

for (const [name, listener] of [
  ['drips', drip],
  ['is silent', () => undefined],
] as const satisfies readonly (readonly [string, RequestListener])[]) {
  test(`a profile endpoint that ${name} is given up when its time is over`, async (t) => {
    const address = await serve(t, listener);
    const began = performance.now();
    await assert.rejects(fetchProfile(address, '/heap', 1, never, 0.5), {
      message: 'GET /heap: no whole answer within 1.5 s',
    });
    assert.ok(performance.now() - began < 20_000);
    const reason = new Error('interrupted');
    await assert.rejects(fetchProfile(address, '/heap', 1, AbortSignal.abort(reason)), reason);
  });
}

test('an endless profile is refused by its size, while it comes', async (t) => {
  const block = Buffer.alloc(2 ** 20, 1);
  let sent = 0;
  const address = await serve(t, (_request, response) => {
    const more = (): void => {
      while (response.write(block)) sent += block.length;
    };
    response.on('drain', more);
    more();
  });
  await assert.rejects(fetchProfile(address, '/heap', 0, never), /Response content exceeded max size|maxResponseSize/i);
  assert.ok(sent < 128 * 2 ** 20, `${sent} bytes were sent`);
});

test('a node that drips its answer does not hold up what is asked of it beside the load', async (t) => {
  const address = await serve(t, drip);
  await using client = new RpcClient(address, 0.5, 1);
  await assert.rejects(
    client.post('id', {}),
    (error: Error) => error instanceof RequestFailed && error.kind === 'timeout',
  );
});
