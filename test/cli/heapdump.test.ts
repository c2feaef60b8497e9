import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { program } from '../../src/program.ts';
import type { HeapAnalysis } from '../../src/heapdump/heap-analysis.ts';
import { fixtureDump } from '../heapdump/dump-bytes.ts';
import { fakeIo, type FakeIo } from './fake-io.ts';
import { matchesGolden } from '../golden.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gctune-cli-'));
  const dump = fixtureDump('go1.26.dump');
  await writeFile(join(folder, 'heap.dump'), dump);
  await writeFile(join(folder, 'cut.dump'), dump.subarray(0, 1000));
  await writeFile(join(folder, 'profile.pb.gz'), Buffer.from([0x1f, 0x8b, 8, 0]));
  await mkdir(join(folder, 'folder'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function run(
  argv: readonly string[],
  options: Parameters<typeof fakeIo>[0] = {},
): Promise<FakeIo & { code: number }> {
  const io = fakeIo({ cwd: folder, ...options });
  return Object.assign(io, { code: await program(['heapdump', ...argv], io) });
}

test('the text says what is live, what is garbage and what holds it', async () => {
  const { code, written } = await run(['heap.dump', '--top', '5']);
  assert.equal(code, 0);
  assert.equal(written.stderr, '');
  matchesGolden('cli/heapdump.txt', written.stdout);
});

test('--format md has the same tables, and --format html is the page that --output writes', async () => {
  const markdown = await run(['heap.dump', '--top', '5', '--format', 'md']);
  assert.match(markdown.written.stdout, /\n## Slot sizes\n\n\| slot \| pointers \|.*\n\| ---: \| --- \|/);
  const page = await run(['heap.dump', '--format', 'html', '--output', 'heap.html']);
  assert.match(page.written.stdout, /<div id="map"/);
  assert.equal(page.written.stdout, await readFile(join(folder, 'heap.html'), 'utf8'));
  assert.equal(page.written.stderr, 'Page: heap.html\n');
});

test('--json prints everything as one document', async () => {
  const { code, written } = await run(['heap.dump', '--json']);
  assert.equal(code, 0);
  const analysis = JSON.parse(written.stdout) as HeapAnalysis;
  assert.equal(analysis.formatVersion, 1);
  assert.equal(analysis.all.objects, analysis.memStats.heapObjects);
});

for (const [argv, code, says] of [
  [['no.dump'], 2, /there is no file no\.dump/],
  [['folder'], 2, /folder cannot be read: it is not a regular file/],
  [['cut.dump'], 2, /cut\.dump is not a readable heap dump: .*cut short.*at byte 1000[\s\S]*WriteHeapDump/],
  [['profile.pb.gz'], 2, /profile\.pb\.gz is a compressed file, not a heap dump/],
  [['heap.dump', '--binary', 'heap.dump'], 2, /heap\.dump is a heap dump .*, not a program/],
  [['heap.dump', '--output', 'no/such/page.html'], 3, /no\/such\/page\.html cannot be written: ENOENT/],
] as const) {
  test(`heapdump ${argv.join(' ')} ends with ${code}`, async () => {
    const ran = await run(argv);
    assert.equal(ran.code, code);
    assert.match(ran.written.stderr, says);
  });
}

test('an interrupted reading ends as interruptions do', async () => {
  const controller = new AbortController();
  const { Interruption } = await import('../../src/cli/io.ts');
  controller.abort(new Interruption('SIGINT'));
  assert.equal((await run(['heap.dump'], { signal: controller.signal })).code, 130);
});
