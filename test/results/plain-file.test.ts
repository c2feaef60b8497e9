import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, link, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { UserError } from '../../src/errors.ts';
import { openToAppend, readPlainFile, replaceFile, UnfitFile, writeNamedFile } from '../../src/results/plain-file.ts';
import { createRun } from '../../src/results/run-writer.ts';
import { openRun } from '../../src/results/run-folder.ts';
import { sampleManifest, sampleRecord } from './sample-manifest.ts';

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const unfit = (kind: string) => (error: unknown) => error instanceof UnfitFile && error.kind === kind;
const unsafe = (error: unknown) =>
  error instanceof UserError && error.exitCode === 7 && error.diagnostics[0]?.code === 'unsafe-run';

test('a plain file is read; a link, a pipe, a device, a folder and what is too large are not, nor waited for', async (t) => {
  const folder = await scratch(t);
  const at = (name: string): string => join(folder, name);
  await writeFile(at('plain'), 'text');
  assert.equal(readPlainFile(at('plain'), 4).toString(), 'text');
  await writeFile(at('empty'), '');
  assert.equal(readPlainFile(at('empty'), 4).toString(), '');
  await symlink(at('plain'), at('link'));
  await symlink('/dev/zero', at('zero'));
  execFileSync('mkfifo', [at('pipe')]);
  await mkdir(at('folder'));
  for (const [name, kind] of [
    ['none', 'missing'],
    ['link', 'link'],
    ['zero', 'link'],
    ['pipe', 'not-plain'],
    ['folder', 'not-plain'],
  ] as const) {
    assert.throws(() => readPlainFile(at(name), 4), unfit(kind), name);
  }
  assert.throws(() => readPlainFile('/dev/zero', 4), unfit('not-plain'));
  assert.throws(() => readPlainFile('/proc/self/status', 4), unfit('too-big'), 'a size of 0 tells nothing there');
  assert.throws(() => readPlainFile(at('plain'), 3), unfit('too-big'));
});

test('a file is put in the place of a link and not written through it, and leaves nothing behind', async (t) => {
  const folder = await scratch(t);
  const victim = join(folder, 'victim');
  const place = join(folder, 'place');
  await mkdir(place);
  await writeFile(victim, 'precious');
  await symlink(victim, join(place, 'report.html'));
  await symlink(victim, join(place, 'report.html.tmp'));
  await replaceFile(join(place, 'report.html'), 'page', 0o600);
  assert.equal(await readFile(victim, 'utf8'), 'precious');
  assert.equal(await readFile(join(place, 'report.html'), 'utf8'), 'page');
  assert.equal((await stat(join(place, 'report.html'))).mode & 0o777, 0o600);
  await mkdir(join(place, 'taken'));
  await assert.rejects(replaceFile(join(place, 'taken'), 'page'));
  assert.deepEqual(await readdir(place), ['report.html', 'report.html.tmp', 'taken']);
  await assert.rejects(openToAppend(join(place, 'report.html.tmp')));
});

test('what the user names is written where it is a plain file, and through no link, hard link or pipe', async (t) => {
  const folder = await scratch(t);
  const at = (name: string): string => join(folder, name);
  await writeFile(at('victim'), 'precious');
  await symlink(at('victim'), at('link'));
  await symlink(at('not-there-yet'), at('dangling'));
  await writeFile(at('other'), 'precious');
  await link(at('other'), at('hard'));
  execFileSync('mkfifo', [at('pipe')]);
  await writeNamedFile(at('new'), 'text');
  assert.equal(await readFile(at('new'), 'utf8'), 'text');
  await chmod(at('new'), 0o640);
  await writeNamedFile(at('new'), 'less');
  assert.equal(await readFile(at('new'), 'utf8'), 'less');
  assert.equal((await stat(at('new'))).mode & 0o777, 0o640);
  for (const name of ['link', 'dangling', 'hard', 'pipe']) await assert.rejects(writeNamedFile(at(name), 'evil'), name);
  assert.equal(await readFile(at('victim'), 'utf8'), 'precious');
  assert.equal(await readFile(at('other'), 'utf8'), 'precious');
  await assert.rejects(stat(at('not-there-yet')));
  await writeNamedFile('/dev/null', 'text');
});

test('a run folder in which anything but plain files stands is refused, and nothing is read or written through it', async (t) => {
  const root = await scratch(t);
  const manifest = sampleManifest();
  {
    await using run = await createRun(root, manifest, '', { mode: 0o600 });
    await using writer = await run.beginTrial('001-01-a', 1);
    writer.reading({ at: 0.1, probe: 'proc', v: { rssBytes: 1 } });
    await writer.finish(sampleRecord('001-01-a'));
  }
  const folder = join(root, manifest.id);
  const victim = join(root, 'victim');
  await writeFile(victim, 'precious');
  for (const name of ['report.html', 'report.html.tmp', 'analysis.json', 'analysis.json.tmp'])
    await symlink(victim, join(folder, name));
  const run = await openRun(folder);
  const report = await run.writeDerived('report.html', 'page');
  assert.equal(await readFile(victim, 'utf8'), 'precious');
  assert.equal(await readFile(report, 'utf8'), 'page');
  assert.equal((await stat(report)).mode & 0o777, 0o600, 'for whom run.json is');

  await symlink(folder, join(root, 'latest'));
  await openRun(join(root, 'latest'));

  const swap = async (name: string, make: (path: string) => Promise<unknown>): Promise<void> => {
    const path = join(folder, name);
    await rm(path, { recursive: true, force: true });
    await make(path);
  };
  const pipe = (path: string): Promise<unknown> => Promise.resolve(execFileSync('mkfifo', [path]));
  await swap('journal.ndjson', pipe);
  await assert.rejects(async () => run.ended(), unsafe);
  await swap('trials/001-01-a/readings.ndjson', pipe);
  for await (const { readings } of run.trials()) assert.throws(() => [...readings], unsafe);
  await swap('trials', (path) => symlink('/tmp', path));
  await assert.rejects(openRun(folder), unsafe);
  await swap('trials', (path) => mkdir(path));
  await swap('run.json', (path) => symlink(victim, path));
  await assert.rejects(openRun(folder), unsafe);
  await swap('run.json', pipe);
  await assert.rejects(openRun(folder), unsafe);
});
