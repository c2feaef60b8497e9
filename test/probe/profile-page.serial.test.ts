import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fetchProfilePage, NoProfile, profileUrl } from '../../src/probe/profile-page.ts';
import { gctune, scratch } from '../e2e/gctune.ts';
import { FOLDER, fixture } from '../profile/kubo-profiles.ts';
import { requirement } from '../requirements.ts';
import { buildHeapd, startHeapd } from './heapd.ts';

const never = new AbortController().signal;

async function serve(t: TestContext, listener: RequestListener): Promise<{ host: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test('an address without a path is that of the heap profile', () => {
  const of = (text: string): string => profileUrl(new URL(text)).href;
  assert.equal(of('http://a:1'), 'http://a:1/debug/pprof/heap');
  assert.equal(of('https://a/x/debug/pprof/'), 'https://a/x/debug/pprof/heap');
  assert.equal(of('http://a/debug/pprof/allocs?seconds=3#x'), 'http://a/debug/pprof/allocs?seconds=3');
});

test('a name and password go with the request and into no message', async (t) => {
  const { host, asked } = await serve(t, (request, response) => {
    if (request.url === '/debug/pprof/heap') response.end(fixture('kubo-heap.pb.gz'));
    else response.writeHead(500).end('no');
  });
  const good = await gctune(['profile', `http://me:pa%24s@${host}`, '--top', '1']);
  assert.equal(good.code, 0, good.stderr);
  assert.equal(asked[0]?.headers.authorization, `Basic ${Buffer.from('me:pa$s').toString('base64')}`);
  assert.match(good.stdout, new RegExp(`^profile +http://${host}/debug/pprof/heap: inuse_space`));
  const json = await gctune(['profile', `http://me:pa%24s@${host}`, '--json']);
  const bad = await gctune(['profile', `http://me:pa%24s@${host}/x?token=geheim&gc=1`]);
  assert.equal(bad.code, 3);
  assert.match(bad.stderr, /\/x\?token=…&gc=1 gives no profile: it answers with status 500: no \[no-profile\]/);
  for (const { stdout, stderr } of [good, json, bad]) assert.doesNotMatch(stdout + stderr, /pa%24s|pa\$s|me:|geheim/);
  assert.equal(asked.length, 3);
  assert.ok(asked.every(({ method }) => method === 'GET'));
});

test('an answer leads to another place of the same server only', async (t) => {
  const other = await serve(t, (_request, response) => response.end(fixture('kubo-heap.pb.gz')));
  const { host } = await serve(t, ({ url = '' }, response) => {
    if (url === '/here') response.end(fixture('kubo-heap.pb.gz'));
    else if (url === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else response.writeHead(302, { location: url === '/near' ? '/here' : `http://u:p@${other.host}/` }).end();
  });
  const get = (path: string): Promise<Uint8Array> => fetchProfilePage(new URL(`http://me:pw@${host}${path}`), never);
  assert.deepEqual(Buffer.from(await get('/near')), fixture('kubo-heap.pb.gz'));
  await assert.rejects(get('/far'), {
    name: 'NoProfile',
    message: `it redirects to another server, http://${other.host}/, which is not followed`,
  });
  await assert.rejects(get('/loop'), { message: 'it redirects more than 3 times' });
  assert.equal(other.asked.length, 0);
});

test('what drips, is silent or has no end is given up', async (t) => {
  const { host } = await serve(t, ({ url }, response) => {
    if (url === '/silent') return;
    const block = Buffer.alloc(url === '/endless' ? 2 ** 20 : 1);
    const timer = setInterval(() => response.write(block), url === '/endless' ? 1 : 100);
    response.on('close', () => clearInterval(timer));
  });
  const get = (path: string, seconds: number): Promise<Uint8Array> =>
    fetchProfilePage(new URL(`http://${host}${path}`), never, seconds);
  await assert.rejects(get('/drips', 1), new NoProfile('no answer within 1 s'));
  await assert.rejects(get('/silent?seconds=1', 0.5), new NoProfile('no answer within 1.5 s'));
  await assert.rejects(get('/endless', 60), new NoProfile('its answer is longer than 64 MiB'));
  const reason = new Error('interrupted');
  await assert.rejects(fetchProfilePage(new URL(`http://${host}/silent`), AbortSignal.abort(reason)), reason);
});

test('a living heapd, by its address and as a saved text, says the same', requirement('go'), async (t) => {
  const folder = await scratch(t);
  await using heapd = await startHeapd(await buildHeapd(folder), [], { GOGC: '100' });
  for (let i = 0; i < 40; i += 1) await heapd.get('/work?alloc=4MiB&size=64KiB');
  const origin = `http://127.0.0.1:${heapd.address.port}`;
  // Of the last collection, so that reading it changes nothing but by another one.
  await heapd.get('/debug/pprof/heap?gc=1');
  const json = async (...args: readonly string[]): Promise<{ total: number; flat: unknown }> => {
    const { code, stdout, stderr } = await gctune(['profile', ...args, '--top', '0', '--json']);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as { total: number; flat: unknown };
  };
  const living = await json(origin);
  await writeFile(join(folder, 'heap.txt'), await heapd.get('/debug/pprof/heap?debug=1'));
  const saved = await json(join(folder, 'heap.txt'));
  assert.ok(living.total > 0);
  assert.deepEqual([saved.total, saved.flat], [living.total, living.flat]);
  const { stdout } = await gctune(['profile', `${origin}/debug/pprof/goroutine?debug=2`]);
  assert.match(stdout, /main\.run/);
  const vars = await gctune(['profile', `${origin}/debug/vars`]);
  assert.equal(vars.code, 2);
  assert.match(vars.stderr, new RegExp(`read it with: gctune explain --url ${origin}/debug/vars`));
});

test('stdin is read as -', async () => {
  const { spawnSync } = await import('node:child_process');
  const { main } = await import('../e2e/gctune.ts');
  const input = fixture('text-forms/heap.txt');
  const { status, stdout } = spawnSync(process.execPath, [main, 'profile', '-', '--json'], { input, encoding: 'utf8' });
  assert.equal(status, 0);
  const file = await gctune(['profile', join(FOLDER, 'text-forms/heap.txt'), '--json']);
  assert.deepEqual((JSON.parse(stdout) as { flat: unknown }).flat, (JSON.parse(file.stdout) as { flat: unknown }).flat);
});

test('explain sends a name and password too, and shows them nowhere', async (t) => {
  const vars = readFileSync(join(FOLDER, '../probe/go1.26.8-gogc-50.expvar.json'));
  const { host, asked } = await serve(t, (request, response) => {
    if (request.url === '/debug/vars') response.end(vars);
    else if (request.url === '/heap') response.end(fixture('kubo-heap.pb.gz'));
    else response.writeHead(404).end();
  });
  for (const [url, code] of [
    [`http://me:pa%24s@${host}`, 0],
    [`me:pa%24s@${host}/debug/vars`, 0],
    [`http://me:pa%24s@${host}/none`, 3],
    [`ftp://me:pa%24s@${host}/`, 2],
  ] as const) {
    const ended = await gctune(['explain', '--url', url, '--json']);
    assert.equal(ended.code, code, ended.stderr);
    assert.doesNotMatch(ended.stdout + ended.stderr, /me:|pa%24s|pa\$s/);
  }
  const profile = await gctune(['explain', '--url', `http://${host}/heap`]);
  assert.match(profile.stderr, /\/heap: its answer is compressed, as profiles are, which gctune profile reads/);
  assert.equal(asked.length, 4);
  for (const { headers } of asked.slice(0, 3))
    assert.equal(headers.authorization, `Basic ${Buffer.from('me:pa$s').toString('base64')}`);
});
