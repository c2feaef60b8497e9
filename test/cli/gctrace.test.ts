import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { program } from '../../src/program.ts';
import type { GctraceDocument } from '../../src/analysis/gctrace/gctrace-document.ts';
import { looksLikeGctrace } from '../../src/go/gctrace-line.ts';
import { matchesGolden } from '../golden.ts';
import { fakeIo, type FakeIo } from './fake-io.ts';

const fixtures = join(import.meta.dirname, '../fixtures/gctrace');
const fixture = (name: string): string => join(fixtures, name);

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gctune-cli-'));
  await writeFile(join(folder, 'other.log'), 'starting\ngc of sessions\n');
  await writeFile(join(folder, 'torn.log'), 'gc 1 @0.001s 2%: 0.1+GET /\n');
  await writeFile(join(folder, 'old.log'), 'gc7(1): 4+0+82+0 us, 0 -> 0 MB, 50 (65-15) objects\n');
  await writeFile(join(folder, 'empty.log'), '');
  await mkdir(join(folder, 'folder'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function run(...argv: readonly string[]): Promise<FakeIo & { code: number }> {
  const io = fakeIo({ cwd: folder });
  return Object.assign(io, { code: await program(['gctrace', ...argv], io) });
}

for (const name of ['go1.26.txt', 'cliff.txt', 'go-test-bench.txt', 'windows.txt']) {
  test(`${name} in text of 80 columns`, async () => {
    const { code, written } = await run(fixture(name));
    assert.equal(code, 0);
    assert.equal(written.stderr, '');
    assert.ok(written.stdout.split('\n').every((line) => line.length <= 80));
    matchesGolden(`cli/gctrace-${name}`, written.stdout);
  });
}

test('a log whose newest line is first is refused with what turns it round; two processes at once are none', async () => {
  const lines = (await readFile(fixture('go1.26.txt'), 'utf8')).trimEnd().split('\n');
  await writeFile(join(folder, 'new first.log'), `${lines.toReversed().join('\n')}\n`);
  const { code, written } = await run('new first.log');
  assert.equal(code, 2);
  assert.match(written.stderr, /newest line first[^]*tac 'new first\.log' \| gctune gctrace -/);
  assert.equal((await run(fixture('two-at-once.txt'))).code, 0);
});

test('a page of several processes is called what it is', async () => {
  const { code, written } = await run(join(fixtures, '../explain/pasted-two-targets.txt'));
  assert.equal(code, 2);
  assert.match(written.stderr, /is counters of the Go runtime \(MemStats\), not a gctrace log/);
});

test('UTF-16, as PowerShell writes it, says the same', async () => {
  const text = await readFile(fixture('go1.26.txt'), 'utf8');
  await writeFile(join(folder, 'go1.26.txt'), Buffer.from(`\ufeff${text}`, 'utf16le'));
  const [one, other] = await Promise.all([run('go1.26.txt'), run(fixture('go1.26.txt'))]);
  assert.equal(one.written.stdout, other.written.stdout);
});

test('--process shows another one in full, and --format md all of the first eight', async () => {
  assert.match((await run(fixture('go-test-bench.txt'), '--process', '7')).written.stdout, /\n\nProcess 7\nGC took/);
  const { stdout } = (await run(fixture('go-test-bench.txt'), '--format', 'md')).written;
  assert.equal([...stdout.matchAll(/^## Process \d+$/gm)].length, 7);
  assert.match(stdout, /\| from \| cycles \| GC CPU \|/);
});

test('--json is the whole document', async () => {
  const { stdout } = (await run(fixture('docker-json.log'), '--json')).written;
  const document = JSON.parse(stdout) as GctraceDocument;
  assert.equal(document.formatVersion, 1);
  assert.deepEqual(
    document.processes.map(({ cycles }) => cycles),
    [16, 15],
  );
});

test('the page has a chart for each process that it shows, and --output writes it', async () => {
  const printed = await run(fixture('docker-json.log'), '--format', 'html', '--output', 'gc.html');
  assert.equal(printed.written.stdout, await readFile(join(folder, 'gc.html'), 'utf8'));
  assert.equal(printed.written.stderr, 'Page: gc.html\n');
  assert.equal([...printed.written.stdout.matchAll(/<svg /g)].length, 2);
  assert.doesNotMatch(printed.written.stdout, /="[^"]*(?:NaN|Infinity|undefined)/);
});

test('what a log calls its processes, and lines that are not read, do nothing in a terminal or a page', async () => {
  const cycle = 'gc 1 @0.100s 1%: 0.1+1+0.1 ms clock, 0.2+0/1/0+0.2 ms cpu, 40->40->20 MB, 40 MB goal, 2 P';
  await writeFile(
    join(folder, 'hostile.log'),
    `[pod/<img/src=x] ${cycle}\n{"container_name":"a/../b","log":"${cycle.replace('gc 1', 'gc 2').replace('0.100', '0.200')}"}\ngc 3 @<script>alert(1)</script>\u001b[2J\u202e\n`,
  );
  const text = await run('hostile.log');
  assert.equal(text.code, 0);
  // oxlint-disable-next-line no-control-regex -- what must not reach a terminal
  assert.doesNotMatch(text.written.stdout, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  const page = (await run('hostile.log', '--format', 'html')).written.stdout;
  assert.doesNotMatch(page, /<script>alert|<img/);
  assert.match(page, /&lt;script&gt;alert/);
});

for (const [argv, code, says] of [
  [['no.log'], 2, /there is no file no\.log/],
  [['folder'], 2, /folder is a folder; name the file in it/],
  [['empty.log'], 2, /empty\.log contains no line of gctrace[\s\S]*GODEBUG=gctrace=1/],
  [['other.log'], 2, /other\.log contains no line of gctrace/],
  [['torn.log'], 2, /torn\.log contains no whole line of gctrace: 1 begin as one and cannot be read/],
  [['old.log'], 2, /old\.log contains gctrace of Go 1\.4 or older only/],
  [[fixture('cliff.txt'), '--process', '2'], 2, /the log has no process 2: it has 1/],
  [[fixture('cliff.txt'), '--output', 'no/such/page.html'], 3, /no\/such\/page\.html cannot be written/],
] as const) {
  test(`gctrace ${argv.join(' ').replace(fixtures, '')} ends with ${code}`, async () => {
    const ran = await run(...argv);
    assert.equal(ran.code, code);
    assert.match(ran.written.stderr, says);
    assert.equal(ran.written.stdout === '', code === 2);
  });
}

test('a log of gctrace is known by its beginning', async () => {
  for (const name of ['go1.26.txt', 'docker-json.log', 'journald-short.txt', 'go1.12.txt', 'go-test-bench.txt'])
    assert.ok(looksLikeGctrace(await readFile(fixture(name), 'utf8')), name);
  for (const text of ['', 'gc of sessions', 'go_gc_duration_seconds 1', '# runtime.MemStats\n# NumGC = 12'])
    assert.equal(looksLikeGctrace(text), false, text);
});
