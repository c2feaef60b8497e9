import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { SeriesDocument } from '../../src/analysis/explain/series.ts';
import { program } from '../../src/program.ts';
import { fakeIo, type FakeIo } from './fake-io.ts';

const MIB = 2 ** 20;

/** A whole MemStats whose live heap is known by its goal; the i-th of a series. */
function memStats(i: number, liveMib: number): Readonly<Record<string, number>> {
  const alloc = Math.round(liveMib * MIB * (1.2 + 0.1 * (i % 5)));
  const inuse = alloc + 10 * MIB;
  const metadata = { MSpanSys: MIB, MCacheSys: 16384, BuckHashSys: MIB, GCSys: 4 * MIB, OtherSys: MIB, StackSys: MIB };
  return {
    ...metadata,
    HeapAlloc: alloc,
    HeapInuse: inuse,
    HeapSys: 300 * MIB,
    HeapIdle: 300 * MIB - inuse,
    HeapReleased: 100 * MIB,
    Sys: 300 * MIB + Object.values(metadata).reduce((sum, one) => sum + one, 0),
    NextGC: Math.round(2 * liveMib * MIB),
    NumGC: 5 + i,
    LastGC: (1_700_000_000 + 60 * i) * 1e9,
    TotalAlloc: 1e9 * (i + 1),
  };
}

const dump = (stats: Readonly<Record<string, number>>): string =>
  Object.entries(stats)
    .map(([name, value]) => `# ${name} = ${value}\n`)
    .join('');

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-series-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function explain(args: readonly string[], io: FakeIo): Promise<number> {
  return program(['explain', ...args, '--verbose'], io);
}

/** A program whose n-th answer is the n-th of a series ten seconds later; `after` is called with each number. */
async function served(
  t: TestContext,
  answer: (n: number) => string | undefined,
  after: (n: number) => void,
): Promise<string> {
  let n = 0;
  const server = createServer((_, response) => {
    const body = answer(n);
    if (body === undefined) response.writeHead(500).end();
    else response.end(body);
    after(n++);
  }).listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/debug/vars`;
}

test('several dumps in one text: the leak is named, the table has every part, and the last dump is explained', async (t) => {
  const folder = await scratch(t);
  const text = Array.from({ length: 12 }, (_, i) => `at ${i}\n${dump(memStats(i, 40 + 3 * i))}`).join('\n');
  await writeFile(join(folder, 'log.txt'), text);
  const io = fakeIo({ cwd: folder });
  assert.equal(await explain(['--memstats', 'log.txt'], io), 0);
  const out = io.written.stdout;
  assert.match(out.replace(/\n/g, ' '), /The live heap grows: .* by \+3\.00 MiB per min \(\+3\.00 to \+3\.00\)/);
  assert.match(out, /12 readings over 11 min 00 s, by the times of their last\s+collections; 11 GC cycles/);
  assert.match(out, /^live heap +40\.0 +73\.0 +\+33\.0 +\+3\.00 \(\+3\.00 to \+3\.00\) +▁+.*█$/m);
  assert.match(out, /The last reading\nMemory of a Go process: log\.txt:\d+ \(/);
  for (const line of out.split('\n')) assert.ok(line.length <= 80, line);
});

test('two files: the difference part by part, no trend, in every form', async (t) => {
  const folder = await scratch(t);
  await writeFile(join(folder, 'before.json'), JSON.stringify({ memstats: memStats(0, 40) }));
  await writeFile(join(folder, 'after.json'), JSON.stringify({ memstats: memStats(5, 60) }));
  const args = ['--memstats', 'before.json', '--memstats', 'after.json'];
  const io = fakeIo({ cwd: folder });
  assert.equal(await explain(args, io), 0);
  assert.match(io.written.stdout, /cannot be told from two readings/);
  assert.match(io.written.stdout, /^objects +48\.0 +72\.0 +\+24\.0$/m);
  const json = fakeIo({ cwd: folder });
  assert.equal(await explain([...args, '--json', '-o', 'page.html'], json), 0);
  const document = JSON.parse(json.written.stdout) as SeriesDocument;
  assert.equal(document.source.kind, 'series');
  assert.deepEqual(
    document.series.points.map(({ bytes }) => bytes.objects),
    [48 * MIB, 72 * MIB],
  );
  assert.equal(document.last.source.name, 'after.json');
  assert.match(await readFile(join(folder, 'page.html'), 'utf8'), /Memory over time: before\.json, after\.json/);
});

test('the page of a series has its chart, and names from outside do nothing on it', async (t) => {
  const folder = await scratch(t);
  const name = '<img src=x onerror=alert(1)>.txt';
  await writeFile(join(folder, name), Array.from({ length: 9 }, (_, i) => dump(memStats(i, 40))).join('\n\n'));
  const io = fakeIo({ cwd: folder });
  assert.equal(await explain(['--memstats', name, '--format', 'html'], io), 0);
  assert.equal(io.written.stdout.match(/<svg /g)?.length, 2);
  assert.ok(!io.written.stdout.includes('<img'));
  assert.match(io.written.stdout, /dashed: live heap/);
});

test('a running process is watched: readings are on the clock, and the answer is that of all of them', async (t) => {
  const io = fakeIo();
  const url = await served(
    t,
    (n) => JSON.stringify({ memstats: memStats(n, 40 + 2 * n) }),
    (n) => io.setSeconds(10 * (n + 1)),
  );
  assert.equal(await explain(['--url', url, '--for', '100s', '--every', '10s', '--json'], io), 0, io.written.stderr);
  const { series } = JSON.parse(io.written.stdout) as SeriesDocument;
  assert.equal(series.clock, 'watch');
  assert.deepEqual(
    series.points.map(({ at }) => at),
    [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
  );
  assert.equal(series.answer, 'leak');
  assert.match(io.written.stderr, /^Watching for 1 min 40 s, a reading every 10 s; Ctrl-C ends it/);
});

test('Ctrl-C ends a watch, and so does the end of the process: what there is is explained', async (t) => {
  const interrupt = new AbortController();
  const interrupted = fakeIo({ signal: interrupt.signal });
  const one = await served(
    t,
    (n) => JSON.stringify({ memstats: memStats(n, 40) }),
    (n) => (n === 2 ? setTimeout(() => interrupt.abort(), 300) : interrupted.setSeconds(n < 2 ? 10 * (n + 1) : 0)),
  );
  assert.equal(await explain(['--url', one, '--for', '10m', '--every', '10s'], interrupted), 0);
  assert.match(interrupted.written.stdout, /: 3 readings over/);

  const io = fakeIo();
  const url = await served(
    t,
    (n) => (n < 4 ? JSON.stringify({ memstats: memStats(n, 40) }) : undefined),
    (n) => io.setSeconds(10 * (n + 1)),
  );
  assert.equal(await explain(['--url', url, '--for', '10m'], io), 0);
  assert.match(io.written.stdout, /: 4 readings over 30 s/);
  assert.match(
    io.written.stdout.replace(/\n {2}/g, ' '),
    /warning: the watch ended after 1 min 10 s: No address serves[^]*3 readings failed/,
  );
});

test('a watch of nothing, too often, too short or too long is refused in words', async () => {
  for (const [args, said] of [
    [['--memstats', 'x', '--for', '10m'], /only a running process can be watched/],
    [['--url', 'http://127.0.0.1:1/', '--every', '10s'], /--every: it needs --for/],
    [['--url', 'http://127.0.0.1:1/', '--for', '10m', '--every', '100ms'], /more often than once a second/],
    [['--url', 'http://127.0.0.1:1/', '--for', '5s', '--every', '10s'], /shorter than the time between/],
    [['--url', 'http://127.0.0.1:1/', '--for', '999999h', '--every', '10s'], /more than 20,000 readings/],
  ] as const) {
    const io = fakeIo();
    assert.equal(await explain(args, io), 2, args.join(' '));
    assert.match(io.written.stderr, said);
  }
});
