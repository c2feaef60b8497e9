import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { httpProbe } from '../../src/probe/http-reader.ts';
import type { Probe } from '../../src/probe/probe.ts';
import { prometheusProbe } from '../../src/probe/prometheus.ts';
import type { Address } from '../../src/runner/runner.ts';

const within = (): AbortSignal => AbortSignal.timeout(20_000);

/** A server that goes with the test, and the number of connections it was opened. */
async function serve(t: TestContext, listener: RequestListener, host = '127.0.0.1') {
  const server = createServer(listener);
  const seen = { connections: 0 };
  server.on('connection', () => (seen.connections += 1));
  server.listen(0, host);
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address: Address = { host, port: (server.address() as AddressInfo).port };
  return { address, seen };
}

const countLength = (address: Address): Probe =>
  httpProbe('expvar', address, '/x?y=1', (body) => ({ numGc: body.length }), { accept: 'a/b' });

describe('a source over HTTP', () => {
  test('is read over one connection that stays open, without compression', async (t) => {
    const requests: IncomingMessage[] = [];
    const { address, seen } = await serve(t, (request, response) => {
      requests.push(request);
      response.end('abc');
    });
    await using probe = countLength(address);
    for (let i = 0; i < 5; i += 1) {
      const { numGc, readSeconds = NaN } = (await probe.read(within())) ?? {};
      assert.equal(numGc, 3);
      assert.ok(readSeconds > 0 && readSeconds < 20);
    }
    assert.equal(seen.connections, 1);
    for (const { method, url, headers } of requests) {
      assert.deepEqual([method, url, headers['accept-encoding'], headers.accept], ['GET', '/x?y=1', 'identity', 'a/b']);
    }
  });

  test('is asked for the text format that the Prometheus reader knows', async (t) => {
    let accept: string | undefined;
    const { address } = await serve(t, (request, response) => {
      accept = request.headers.accept;
      response.end('go_gc_gogc_percent 50\n');
    });
    await using probe = prometheusProbe(address, '/metrics');
    assert.equal((await probe.read(within()))?.gogcPercent, 50);
    assert.equal(accept, 'text/plain;version=0.0.4');
  });

  test('goes on after an error page, over the same connection', async (t) => {
    let reads = 0;
    const { address, seen } = await serve(t, (_request, response) => {
      reads += 1;
      response.writeHead(reads === 1 ? 503 : 200).end('x'.repeat(10_000));
    });
    await using probe = countLength(address);
    await assert.rejects(probe.read(within()), { message: 'GET /x?y=1 answered 503' });
    assert.equal((await probe.read(within()))?.numGc, 10_000);
    assert.equal(seen.connections, 1);
  });

  test('goes on after a connection was lost in the middle of an answer', async (t) => {
    let reads = 0;
    const { address } = await serve(t, (_request, response) => {
      reads += 1;
      if (reads > 1) return response.end('abc');
      response.writeHead(200, { 'content-length': '100' });
      return response.write('ab', () => response.destroy());
    });
    await using probe = countLength(address);
    await assert.rejects(probe.read(within()));
    assert.equal((await probe.read(within()))?.numGc, 3);
  });

  test('goes on after a read that was given up', async (t) => {
    const giveUp = new AbortController();
    let reads = 0;
    const { address } = await serve(t, (_request, response) => {
      reads += 1;
      if (reads > 1) return response.end('abc');
      return giveUp.abort();
    });
    await using probe = countLength(address);
    await assert.rejects(probe.read(giveUp.signal), { name: 'AbortError' });
    assert.equal((await probe.read(within()))?.numGc, 3);
  });

  test('is refused where it compresses all the same', async (t) => {
    const { address } = await serve(t, (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('abc')),
    );
    await using probe = countLength(address);
    await assert.rejects(probe.read(within()), /answered 200 compressed, which was not requested/);
  });

  test('can be at an IPv6 address', async (t) => {
    let served: Awaited<ReturnType<typeof serve>>;
    try {
      served = await serve(t, (_request, response) => response.end('abc'), '::1');
    } catch {
      return t.skip('needs IPv6');
    }
    await using probe = countLength(served.address);
    assert.equal((await probe.read(within()))?.numGc, 3);
  });
});
