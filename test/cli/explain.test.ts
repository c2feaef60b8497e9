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
  return Object.assign(io, { code: await program(['explain', ...args, '--verbose'], io) });
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

/** Explains a text that is pasted into stdin. */
async function pasted(
  text: string,
  ...args: readonly string[]
): Promise<{ code: number; text: string; stderr: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-explain-'));
  try {
    await writeFile(join(folder, 'pasted.txt'), text);
    const { written, code } = await explain(['--memstats', 'pasted.txt', ...args], folder);
    return { code, text: written.stdout.replace(/\n {2}/g, ' '), stderr: written.stderr };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reports of operators as they pasted them, with what they mean. */
const MEGABYTES =
  'Sys=5.5M HeapAlloc=0.2M HeapSys=3.3M HeapIdle=2.5M HeapInuse=0.9M HeapReleased=2.5M StackSys=0.7M GCSys=0.8M OtherSys=0.7M MSpanSys=0.0M BuckHashSys=0.0M';
const RELEASED =
  'Sys = 770000000 HeapSys = 736000000 HeapIdle = 718000000 HeapInuse = 18000000 HeapAlloc = 12000000 HeapReleased = 717000000 StackSys = 1600000 MSpanSys = 2500000 MCacheSys = 16384 BuckHashSys = 1500000 GCSys = 27000000 OtherSys = 1383616';

test('megabytes are read as such, and the sum says how exact it can be', async () => {
  const { code, text } = await pasted(MEGABYTES);
  assert.equal(code, 0);
  assert.match(
    text,
    /0\.20 \+ 0\.70 \+ 0\.00 \+ 0\.70 \+ 1\.50 − 0\.10 ≈ 3\.00 MiB Go’s own \(between 2\.77 and\s3\.10\)/,
  );
  assert.match(text, /objects +0\.20 +0\.14 to 0\.25 MiB/);
  assert.match(text, /M may mean powers of 1024 bytes, as read here, or of 1000/);
  assert.doesNotMatch(text, /add up exactly|warning/);
});

test('mebibytes of Go’s integer division lie between themselves and the next', async () => {
  const { text } = await pasted('HeapAlloc = 7 MiB\nHeapSys = 11 MiB\nSys = 15 MiB\nHeapInuse = 8 MiB\n');
  assert.match(text, /objects +7\.00 +6\.50 to 8\.00 MiB/);
  assert.match(text, /Go holds at most 16\.00 MiB \(Sys\)/);
  assert.doesNotMatch(text, /may mean/);
});

test('a comma between thousands cuts nothing off', async () => {
  const { text } = await pasted(
    'HeapAlloc: 190,000,000\nHeapInuse: 200,000,000\nHeapSys: 234,567,890\nSys: 312,345,678\n',
  );
  assert.match(text, /objects +181\.2 +190,000,000/);
  assert.match(text, /Go holds at most 297\.9 MiB \(Sys\)/);
});

test('one figure in gigabytes next to exact ones is of 10⁹ or 2³⁰ as the others decide', async () => {
  const rest =
    'HeapSys = 6000000000\nHeapIdle = 100000000\nHeapInuse = 5900000000\nHeapAlloc = 5000000000\nHeapReleased = 0\n# Stack = 6225920 / 6225920\nMSpanSys = 100000000\nMCacheSys = 16384\nBuckHashSys = 1500000\nGCSys = 140000000\nOtherSys = 2257696';
  const gigabytes = await pasted(`Sys = 6.25 GB\n${rest}`);
  assert.match(gigabytes.text, /GB means powers of 1000 bytes here/);
  assert.match(gigabytes.text, /= Go’s own +5960\.5/);
  assert.doesNotMatch(gigabytes.text, /warning/);
  const gibibytes = await pasted(`Sys = 5.82 GB\n${rest}`);
  assert.doesNotMatch(gibibytes.text, /means powers|warning/);
  assert.match(gibibytes.text, /stacks +5\.9 +6,225,920/);
});

test('what no Go process can have is refused, with the remedy', async () => {
  for (const [text, said] of [
    ['Sys = 15\nHeapAlloc = 7\nHeapSys = 11\n', /Sys is 15 bytes, and no Go process has less than 1 MiB/],
    ['Sys = 900 KiB\nHeapAlloc = 7\nHeapSys = 11\n', /no Go process has less than 1 MiB/],
    ['HeapSys = 11\nHeapAlloc = 7\nHeapInuse = 8\n', /HeapSys is 11 bytes/],
    ['Sys = 5.5\nHeapAlloc = 0.2\nHeapSys = 3.3\n', /pasted\.txt:1:7: Sys: "5\.5" is not a whole number of bytes/],
    ['Sys = 5000 TiB\nHeapAlloc = 7 MiB\nHeapSys = 11 MiB\n', /more than a process can address/],
    ['HeapAlloc: 1\nHeapSys: 234,56,7\nSys: 5000000', /pasted\.txt:2:10: HeapSys: "234,56,7" is not a number/],
  ] as const) {
    const { code, stderr } = await pasted(text);
    assert.equal(code, 2, text);
    assert.match(stderr, said);
    assert.match(stderr, /\n {2}(?:write|add) /);
  }
});

test('memory that was released and is still resident is not called outside Go', async () => {
  const { text } = await pasted(RELEASED, '--rss', '740MiB');
  assert.match(text, /50\.5 MiB Go’s own, 689\.5 MiB outside Go, or\sreleased by Go and still resident/);
  assert.match(text, /outside Go, or released +689\.5/);
  assert.match(text, /Up to 683\.8 MiB of RSS may be heap that Go has released \(HeapReleased\)/);
  assert.match(
    text,
    /Go 1\.12 to 1\.15 on Linux release memory with MADV_FREE, as do later versions with GODEBUG=madvdontneed=0/,
  );
  assert.doesNotMatch(text, /takes no RAM/);
  // A daemon's own pages are less, and more than was released is something else.
  for (const rss of ['120MiB', '1500MiB'])
    assert.doesNotMatch(
      (await pasted(RELEASED.replace('717000000', '618000000'), '--rss', rss)).text,
      /may be heap/,
      rss,
    );
});

test('RSS as docker stats prints it is read, and pprof is not called right where it exceeds RSS', async () => {
  const { text } = await pasted(RELEASED, '--rss', '918.7MiB', '--pprof-heap', '1228.8MB');
  assert.match(text, /= RSS +918\.7 +918\.65 to 918\.75 MiB/);
  assert.match(text, /ps says 918\.7 MiB, but pprof says 1228\.8 MiB, which is more than is resident/);
  assert.doesNotMatch(text, /both are right/);
});

test('of several dumps the last is explained, and its place said', async () => {
  const { text } = await pasted(`${RELEASED}\n\nlater:\n${RELEASED.replace('770000000', '771000000')}\n`);
  assert.match(text, /the text holds 2 dumps of MemStats; the last is explained \(line 4\)/);
});

test('of a page with two processes one is named, and the page’s own split of RSS is used', async () => {
  const page = (label: string, sys: number): string =>
    [
      'heap_alloc 4000000',
      'heap_sys 8000000',
      'heap_inuse 5000000',
      'heap_idle 3000000',
      'heap_released 1000000',
      `sys ${sys}`,
    ]
      .map((line) => `go_memstats_${line.replace(' ', `_bytes{instance="${label}"} `)}`)
      .concat([
        `process_resident_memory_bytes{instance="${label}"} 30000000`,
        `process_resident_memory_file_bytes{instance="${label}"} 20000000`,
        `go_gc_cpu_seconds_total{instance="${label}"} 30.5`,
        `process_cpu_seconds_total{instance="${label}"} 610`,
      ])
      .join('\n');
  const two = `${page('a:1', 10_000_000)}\n${page('b\u001b[2J:2', 11_000_000)}\n`;
  const asked = await pasted(two);
  assert.equal(asked.code, 2);
  assert.match(asked.stderr, /has the counters of 2 processes: \{instance="a:1"\}/);
  assert.ok(!asked.stderr.includes('\u001b'));
  const { text } = await pasted(two, '--instance', 'a:1');
  assert.match(text, /= Go’s own +8\.6 +9,000,000/);
  assert.match(text, /outside Go: files +19\.1 +20,000,000/);
  assert.match(text, /the garbage collector has used 30\.5 s of CPU time, 5\.0 % of the 610 s/);
});

test('what PowerShell saves, in UTF-16, is read', async (t) => {
  const folder = await scratch(t);
  await writeFile(join(folder, 'utf16.txt'), Buffer.from(`\ufeff${RELEASED.replaceAll(' H', '\r\nH')}`, 'utf16le'));
  const { written } = await explain(['--memstats', 'utf16.txt'], folder);
  assert.match(written.stdout, /53,000,000/);
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
    [['--memstats', SEED, '--rss', '918.7MiB / 2GiB'], /"918\.7MiB" is followed by "\/"/],
    [['--memstats', SEED, '--rss', '1,234MB'], /write 1234 or 1\.234/],
    [['--memstats', SEED, '--instance', 'a'], /shows one process, without labels/],
    [['--memstats', SEED, '--rss', '316252'], /ps prints KiB: write 316252KiB/],
    [['--memstats', SEED, '--rss', '740'], /write its unit, e\.g\. 740MiB/],
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
