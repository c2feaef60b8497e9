import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { ExplanationDocument } from '../../src/analysis/explain/explanation-document.ts';
import { program } from '../../src/program.ts';
import { fakeIo, type FakeIo } from './fake-io.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');
const SEED = join(FIXTURES, 'explain/seed-memstats.txt');

async function explain(args: readonly string[], cwd = '/'): Promise<FakeIo & { code: number }> {
  const io = fakeIo({ cwd });
  return Object.assign(io, { code: await program(['explain', ...args], io) });
}

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-explain-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function served(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('the seed’s dump with ps’ RSS: the sum, the exact bytes, and what lies outside Go', async () => {
  const { written, code } = await explain(['--memstats', SEED, '--rss', '316252KiB']);
  assert.equal(code, 0);
  assert.equal(written.stderr, '');
  const text = written.stdout;
  assert.ok(text.includes('95.9 + 76.5 + 65.6 + 25.5 + 19.4 = 282.8 MiB Go’s own, 26.0 MiB outside Go\n'), text);
  for (const [name, mib, bytes] of [
    ['objects', '95.9', '100,528,888'],
    ['unused in spans', '76.5', '80,227,592'],
    ['retained idle', '65.6', '68,780,032'],
    ['stacks', '25.5', '26,738,688'],
    ['runtime metadata', '19.4', '20,297,976'],
    ['= Go’s own', '282.8', '296,573,176'],
    ['outside Go', '26.0', '27,268,872'],
    ['= RSS', '308.8', '323,842,048'],
    ['returned', '78.5', '82,337,792'],
  ] as const)
    assert.match(text, new RegExp(`^${name} +${mib.replace('.', '\\.')} +${bytes} `, 'm'));
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
});

test('what the thread got wrong is said in words', async () => {
  const { written } = await explain(['--memstats', SEED, '--rss', '316252KiB', '--pprof-heap', '87.51MB']);
  const text = written.stdout.replace(/\n {2}/g, ' ');
  assert.match(text, /ps says 308\.8 MiB, pprof says 87\.5 MiB, and both are right/);
  assert.match(text, /garbage or new +8\.4 +8,768,002/);
  assert.match(text, /HeapIdle \(144\.1 MiB\) is not wasted memory/);
  assert.match(text, /pprof’s MB is MiB/);
  assert.match(text, /GCCPUFraction \(0\.15 %\) is a mean over the whole life/);
  assert.match(text, /RssFile is missing/);
});

test('--json is one document with the exact bytes, and --output writes the page', async (t) => {
  const folder = await scratch(t);
  const args = ['--memstats', SEED, '--rss', '316252KiB', '--json', '-o', 'memory.html'];
  const { written, code } = await explain(args, folder);
  assert.equal(code, 0);
  const document = JSON.parse(written.stdout) as ExplanationDocument;
  assert.equal(document.formatVersion, 1);
  assert.equal(document.reconciliation.goBytes, 296573176);
  assert.equal(document.reconciliation.outside?.bytes, 27268872);
  assert.equal(written.stderr, 'Page: memory.html\n');
  const page = await readFile(join(folder, 'memory.html'), 'utf8');
  assert.match(page, /<svg [^>]*role="img"/);
  assert.match(page, /282\.8 MiB/);
});

test('--format md has the table, --format html the chart as the page of --output has it', async (t) => {
  const folder = await scratch(t);
  const args = ['--memstats', SEED, '--rss', '316252KiB'];
  const markdown = await explain([...args, '--format', 'md'], folder);
  assert.match(markdown.written.stdout, /\n\| \*\*= RSS\*\* \| 308\.8 \| 323,842,048 \| 100 % \|\n/);
  const page = await explain([...args, '--format', 'html', '-o', 'memory.html'], folder);
  assert.match(page.written.stdout, /<svg /);
  assert.equal(page.written.stdout, await readFile(join(folder, 'memory.html'), 'utf8'));
});

test('a dump without some fields is explained as far as it goes', async (t) => {
  const folder = await scratch(t);
  await writeFile(join(folder, 'old.txt'), '# Alloc = 1048576\n# HeapSys = 4194304\n# HeapIdle = 1048576\n');
  const { written, code } = await explain(['--memstats', 'old.txt'], folder);
  assert.equal(code, 0);
  assert.match(written.stdout, /Known parts, in MiB: 1\.00 \+ 2\.00\./);
  assert.match(written.stdout, /HeapReleased is missing: how much/);
});

test('garbage, no input and inputs that exclude each other are one clear error each', async (t) => {
  const folder = await scratch(t);
  await writeFile(join(folder, 'noise.bin'), Buffer.from([0, 255, 254, 10, 13, 27, 91, 51]));
  for (const [args, said] of [
    [['--memstats', 'noise.bin'], /noise\.bin contains no runtime\.MemStats/],
    [['--memstats', 'absent.json'], /there is no file absent\.json/],
    [['--memstats', '.'], /is a folder/],
    [['--rss', '1GiB'], /--rss: it belongs to one process, and none is named/],
    [['run', '--memstats', SEED], /only one of <run>, --memstats/],
    [['--pid', '1', '--memstats', SEED], /only one of --memstats, --pid/],
    [['--pid', '999999999'], /process 999999999 cannot be read/],
    [['--memstats', SEED, '--rss', '316MB'], /"316MB" is not a size/],
    [['--memstats', SEED, '--rss', '316252'], /ps prints KiB: write 316252KiB/],
    [['--memstats', SEED, '--pprof-heap', '0MB'], /0MB/],
    [['--url', 'ftp://x/'], /is not an http\(s\) URL/],
    [['--url', 'http://127.0.0.1:1/', '--pid', '999999999'], /process 999999999 cannot be read/],
  ] as const) {
    const { written, code } = await explain(args, folder);
    assert.equal(code, 2, args.join(' '));
    assert.equal(written.stdout, '');
    assert.match(written.stderr, said);
  }
});

test('a URL without a path is tried at the usual places; the counters are read once', async (t) => {
  const asked: string[] = [];
  const page = await readFile(join(FIXTURES, 'probe/go1.26.8-gogc-50.prometheus.txt'));
  const origin = await served(t, (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url === '/metrics') response.end(page);
    else response.writeHead(404).end('no');
  });
  const { written, code } = await explain(['--url', origin.replace('http://', '')]);
  assert.equal(code, 0, written.stderr);
  assert.deepEqual(asked, ['GET /debug/vars', 'GET /metrics']);
  assert.match(written.stdout, /The counters were read once/);
});

test('a server without counters, without an answer in HTTP, or with none at all ends with exit code 3', async (t) => {
  const web = await served(t, (_, response) => response.end('<html>\u001b[31mhello</html>'));
  const far = await served(t, (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
  for (const [url, said] of [
    [`${web}/debug/vars`, /its answer has no counters/],
    [`${far}/debug/vars`, /it answers with status 302/],
    ['http://127.0.0.1:1/debug/vars', /nothing listens there/],
  ] as const) {
    const { written, code } = await explain(['--url', url]);
    assert.equal(code, 3);
    assert.match(written.stderr, said);
    assert.ok(!written.stderr.includes('\u001b[31m'));
  }
});

test('the pid of another program is noticed by its arguments', { skip: process.platform !== 'linux' }, async (t) => {
  const vars = await readFile(join(FIXTURES, 'probe/go1.26.8-gogc-50.expvar.json'));
  const origin = await served(t, (_, response) => response.end(vars));
  const { written, code } = await explain(['--url', `${origin}/debug/vars`, '--pid', String(process.pid)]);
  assert.equal(code, 0, written.stderr);
  assert.match(written.stdout.replace(/\n {2}/g, ' '), /warning: process \d+ is .*RSS may be another process’s/);
});
