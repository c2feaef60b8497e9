import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { constants, createServer as createHttp2Server } from 'node:http2';
import { createServer as createNetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import type { HttpWorkload } from '../../src/experiment/experiment.ts';
import type { WorkDone } from '../../src/results/format.ts';
import type { Address } from '../../src/runner/runner.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { arrivalTimes } from '../../src/workload/arrivals.ts';
import { makeWorkload } from '../../src/workload/make-workload.ts';
import { requestRenderer } from '../../src/workload/render.ts';
import { httpSpec } from './support/http-spec.ts';
import { counted, listen, serve } from './support/serving.ts';

const drainSeconds = 20;

test('the window holds exactly the arrivals and the requests that its seed draws', async () => {
  for (const arrivals of ['uniform', 'poisson'] as const) {
    const spec = httpSpec({ arrivals, request: { path: '/{hex:16}' } });
    const asked: string[] = [];
    const enough = counted(150);
    await using server = await serve((request, response) => {
      asked.push(request.url ?? '');
      enough.reached();
      response.end('ok');
    });
    const work = await load(spec, server.address, () => enough.done);

    assert.equal(work.intended, countArrivals(spec, work.windowSeconds));
    assert.equal(work.completed, work.intended);
    assert.deepEqual([work.unit, work.dropped, work.errors], ['request', 0, {}]);
    const byThird = [1, 2, 3].map((third) => countArrivals(spec, (work.windowSeconds * third) / 3));
    assert.deepEqual(
      work.thirds,
      byThird.map((until, i) => until - (byThird[i - 1] ?? 0)),
    );
    // In the order of the server's log but for requests that overtook each other on different connections.
    const warmedUp = asked.length - work.intended;
    assert.deepEqual(asked.slice(0, warmedUp).sort(), drawPaths(spec, 'warm-up', warmedUp).sort());
    assert.deepEqual(asked.slice(warmedUp).sort(), drawPaths(spec, 'window', work.intended).sort());
  }
});

test('every connection is used, and no more are opened than asked', async () => {
  const enough = counted(100);
  await using server = await serve((_request, response) => {
    enough.reached();
    response.end();
  });
  await load(httpSpec({ connections: 7 }), server.address, () => enough.done);
  assert.equal(server.connections, 7);
});

test('a stall of the target shows in the latency of every request that fell due in it', async () => {
  const stallSeconds = 1;
  const ratePerSecond = 200;
  const connections = 4;
  let opened = false;
  let stall: Promise<void> | undefined;
  const over = counted(50);
  await using server = await serve(async (_request, response) => {
    if (opened) await (stall ??= sleep(stallSeconds * 1000));
    if (opened) over.reached();
    response.end();
  });
  const spec = httpSpec({ rate: { kind: 'constant', perSecond: ratePerSecond }, connections });
  const work = await load(
    spec,
    server.address,
    () => over.done,
    () => {
      opened = true;
    },
  );

  assert.equal(work.completed, work.intended);
  assert.equal(work.dropped, 0);
  // A closed loop would send nothing during the stall, and see it once per connection.
  const slow = countAbove(work, 0.3);
  const dueWhileSlow = (stallSeconds - 0.3) * ratePerSecond;
  assert.ok(slow >= dueWhileSlow - connections - 1, `${slow} slow requests`);
  // The wait for a connection is the target's doing, not lateness of the generator.
  assert.ok(work.lateness.p99Seconds < stallSeconds / 2, `lateness ${work.lateness.p99Seconds}`);
});

test('an arrival that finds no connection for the whole timeout is dropped, and counts as having waited so long', async () => {
  const enough = counted(6);
  await using server = await serve(() => enough.reached());
  const spec = httpSpec({ timeoutSeconds: 0.2, connections: 2 });
  const work = await load(spec, server.address, () => enough.done);

  assert.equal(work.completed, 0);
  assert.ok(work.dropped > 0);
  assert.deepEqual(Object.keys(work.errors), ['timeout']);
  assert.equal(work.dropped + sum(work.errors), work.intended);
  assert.equal(work.latency?.count, work.intended);
  // No histogram value may lie under the time that was really waited; a timer may be early by a millisecond.
  assert.equal(countAbove(work, 0.19), work.intended);
});

test('a connection whose request timed out serves again', async () => {
  const spec = httpSpec({ timeoutSeconds: 1, connections: 2, request: { path: '/{hex:16}' } });
  const ofWindow = new Set(drawPaths(spec, 'window', 5000));
  let hung = 0;
  const enough = counted(100);
  await using server = await serve((request, response) => {
    if (!ofWindow.has(request.url ?? '')) return response.end();
    if (hung < 2) return hung++;
    enough.reached();
    return response.end();
  });
  const work = await load(spec, server.address, () => enough.done);
  // Both connections hung, so whatever was answered came over one that had timed out.
  assert.ok((work.errors['timeout'] ?? 0) >= 2);
  assert.ok(work.completed > 0);
  assert.equal(work.completed + work.dropped + sum(work.errors), work.intended);
});

test('what is unanswered when the drain ends is unfinished', async () => {
  const spec = httpSpec({ request: { path: '/{hex:16}' } });
  const ofWindow = new Set(drawPaths(spec, 'window', 5000));
  const hanging = counted(4);
  await using server = await serve((request, response) => {
    if (ofWindow.has(request.url ?? '')) hanging.reached();
    else response.end();
  });
  const work = await load(spec, server.address, () => hanging.done, undefined, 0.05);
  assert.deepEqual(work.errors, { unfinished: 4 });
  assert.equal(work.dropped, work.intended - 4);
});

test('a server error is an error of its status, a redirect is work done', async () => {
  for (const [status, errors] of [
    [500, ['status 500']],
    [404, ['status 404']],
    [302, []],
  ] as const) {
    const enough = counted(60);
    await using server = await serve((_request, response) => {
      enough.reached();
      response.writeHead(status).end('why');
    });
    const work = await load(httpSpec(), server.address, () => enough.done);
    assert.deepEqual(Object.keys(work.errors), errors);
    assert.equal(work.completed + sum(work.errors), work.intended);
    assert.equal(work.completed, work.latency?.count ?? 0);
  }
});

const rude: Readonly<Record<string, (socket: Socket) => void>> = {
  ECONNRESET: (socket) => socket.resetAndDestroy(),
  'connection closed': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'),
  'not HTTP': (socket) => socket.end('SSH-2.0-OpenSSH\r\n\r\n'),
};
for (const [kind, answer] of Object.entries(rude)) {
  test(`a target that answers rudely gives ${kind}`, async () => {
    const enough = counted(60);
    await using server = await listen(
      createNetServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => {
          enough.reached();
          answer(socket);
        });
      }),
    );
    const work = await load(httpSpec(), server.address, () => enough.done);
    assert.equal(work.completed, 0);
    assert.equal(work.errors[kind], work.intended, JSON.stringify(work.errors));
  });
}

test('a target that is not there gives ECONNREFUSED for every arrival', async () => {
  const server = await serve(() => undefined);
  await server[Symbol.asyncDispose]();
  const work = await load(httpSpec(), server.address, () => sleep(300));
  assert.ok(work.intended > 0);
  assert.deepEqual(work.errors, { ECONNREFUSED: work.intended });
});

test('a request that HTTP forbids says so', async () => {
  await using server = await serve((_request, response) => response.end());
  const work = await load(httpSpec({ request: { path: '/a b' } }), server.address, () => sleep(200));
  assert.deepEqual(Object.keys(work.errors), ['not sent: invalid request path']);
});

test('bodies and headers arrive whole; chunked answers are read to their end', async () => {
  const enough = counted(60);
  const seen = new Set<string>();
  const text = `{"name":"${'x'.repeat(50_000)}"}`;
  await using server = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    seen.add([request.method, request.headers['x-kind'], request.headers['content-length'], body === text].join(' '));
    response.write('a'.repeat(30_000));
    response.write('b'.repeat(30_000));
    response.end('c');
    enough.reached();
  });
  const request = { method: 'POST', headers: { 'X-Kind': 'test' }, body: text };
  const work = await load(httpSpec({ request }), server.address, () => enough.done);
  assert.deepEqual([...seen], [`POST test ${text.length} true`]);
  assert.deepEqual([work.completed, work.errors], [work.intended, {}]);
});

test('a target that closes the connection after every answer is reached again', async () => {
  const enough = counted(60);
  await using server = await serve((_request, response) => {
    enough.reached();
    response.writeHead(200, { Connection: 'close' }).end('bye');
  });
  const work = await load(httpSpec(), server.address, () => enough.done);
  assert.deepEqual([work.completed, work.errors], [work.intended, {}]);
  assert.ok(server.connections >= work.completed);
});

test('HTTP/2 without TLS: all requests in flight share a connection, and what goes wrong is counted by its kind', async () => {
  const enough = counted(150);
  const inFlight = { now: 0, most: 0 };
  const h2 = createHttp2Server();
  const asked: string[] = [];
  h2.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    inFlight.most = Math.max(inFlight.most, ++inFlight.now);
    const path = String(headers[':path']);
    asked.push(`${String(headers[':method'])} ${path} ${String(headers['x-one'])}`);
    stream.resume().on('close', () => inFlight.now--);
    setTimeout(() => {
      enough.reached();
      if (path.endsWith('0')) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      else stream.respond({ ':status': path.endsWith('1') ? 503 : 200 });
      if (!stream.destroyed) stream.end('ok');
    }, 30);
  });
  await using server = await listen(h2, () => h2.close());
  const spec = httpSpec({
    protocol: 'h2c',
    connections: 64,
    request: { method: 'POST', path: '/{int:0..9}', body: 'x', headers: { 'X-One': 'two' } },
  });
  const work = await load(spec, server.address, () => enough.done);
  assert.equal(server.connections, 1);
  assert.ok(inFlight.most > 1, 'requests overlap on the connection');
  assert.match(asked[0] ?? '', /^POST \/\d two$/);
  assert.equal(work.completed + sum(work.errors), work.intended);
  assert.deepEqual(Object.keys(work.errors).length, 2, JSON.stringify(work.errors));
  assert.ok((work.errors['status 503'] ?? 0) > 0);
  assert.ok((work.latency?.p50Seconds ?? 0) >= 0.029);
});

test('over HTTP/2 a request that is not answered in time is given up, and a server that speaks HTTP/1.1 alone is an error', async () => {
  const h2 = createHttp2Server();
  h2.on('stream', (stream) => stream.on('error', () => undefined).resume());
  await using silent = await listen(h2, () => h2.close());
  const spec = httpSpec({ protocol: 'h2c', connections: 50, timeoutSeconds: 0.2 });
  const late = await load(spec, silent.address, () => sleep(800), undefined, 2);
  assert.deepEqual([late.completed, late.errors], [0, { timeout: late.intended }]);
  await using old = await serve((_request, response) => response.end());
  const refused = await load(spec, old.address, () => sleep(500), undefined, 2);
  assert.equal(refused.completed, 0);
  assert.equal(sum(refused.errors) + refused.dropped, refused.intended);
});

test('a unix socket', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-test-'));
  t.after(() => rm(folder, { recursive: true }));
  const socketPath = join(folder, 'api.sock');
  const enough = counted(50);
  const server = createHttpServer((request, response) => {
    enough.reached();
    response.end(request.headers.host);
  }).listen(socketPath);
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  await once(server, 'listening');
  const work = await load(httpSpec(), { host: 'localhost', port: 80, socketPath }, () => enough.done);
  assert.deepEqual([work.completed, work.errors], [work.intended, {}]);
});

test('an access log is replayed from the place of the window on', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-test-'));
  t.after(() => rm(folder, { recursive: true }));
  const log = join(folder, 'access.log');
  const times = Array.from({ length: 400 }, (_, index) => 1_791_640_536 + index / 100);
  await writeFile(log, times.map((ts, index) => JSON.stringify({ ts, method: 'GET', uri: `/${index}` })).join('\n'));
  const asked: number[] = [];
  await using server = await serve((request, response) => {
    asked.push(Number(request.url?.slice(1)));
    response.end();
  });
  const spec = { kind: 'replay', log, speed: 2, timeoutSeconds: 5, connections: 4 } as const;
  const timing = { windowAtSeconds: 1, totalSeconds: 2 };
  const request = { address: server.address, seed: 1, cpuset: undefined, timing };
  await using running = await makeWorkload(spec).start(request, new AbortController().signal);
  await running.begin();
  await sleep(200);
  await running.openWindow();
  await sleep(600);
  const work = await running.closeWindow(5);
  assert.deepEqual([work.completed, work.errors], [work.intended, {}]);
  assert.deepEqual(asked.slice(0, 10), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  // The window begins two seconds after the beginning of the log, which is twice as fast.
  const window = asked.slice(asked.indexOf(200)).toSorted((a, b) => a - b);
  assert.ok(asked.indexOf(200) >= 10);
  assert.deepEqual(
    window,
    Array.from({ length: work.intended }, (_, index) => 200 + index),
  );
  assert.equal(
    work.intended,
    times.filter((_, index) => index >= 200 && (index - 200) / 200 < work.windowSeconds).length,
  );
});

/** Loads an address: the window opens at once, closes when what `until` returns resolves, and its figures are returned. */
async function load(
  spec: HttpWorkload,
  address: Address,
  until: () => Promise<unknown>,
  onOpen: () => void = () => undefined,
  drain = drainSeconds,
): Promise<WorkDone> {
  const request = { address, seed: 5, cpuset: undefined };
  await using running = await makeWorkload(spec).start(request, new AbortController().signal);
  await running.begin();
  await running.openWindow();
  onOpen();
  await until();
  return await running.closeWindow(drain);
}

function countArrivals(spec: HttpWorkload, seconds: number): number {
  let count = 0;
  for (const time of arrivalTimes(spec.rate, spec.arrivals, seededStream(5, 'arrivals', 'window'))) {
    if (time >= seconds) break;
    count++;
  }
  return count;
}

function drawPaths(spec: HttpWorkload, phase: 'warm-up' | 'window', count: number): string[] {
  const next = requestRenderer(spec.requests);
  const random = seededStream(5, 'requests', phase);
  return Array.from({ length: count }, (_, index) => next(random, index + 1).path);
}

/** How many latencies are longer; recorded values are within 0.1 %. */
function countAbove(work: WorkDone, seconds: number): number {
  assert.ok(work.latency !== undefined);
  const histogram = decodeFromCompressedBase64(work.latency.hdr ?? '');
  assert.equal(histogram.totalCount, work.latency.count);
  let low = 0;
  let high = 100;
  // The share of values up to a time, found from the percentiles, which is all that the library tells.
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (histogram.getValueAtPercentile(middle) > seconds * 1e6) high = middle;
    else low = middle;
  }
  return Math.round(histogram.totalCount * (1 - low / 100));
}

function sum(errors: Readonly<Record<string, number>>): number {
  return Object.values(errors).reduce((total, count) => total + count, 0);
}
