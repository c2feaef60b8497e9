import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { parquetReadObjects } from 'hyparquet';
import { UserError } from '../../src/errors.ts';
import { historyRows } from '../../src/history/rows.ts';
import { appendNight, readHistory } from '../../src/session/history-file.ts';
import { historyParquet } from '../../src/session/history-parquet.ts';
import { provenanceOf } from '../../src/session/provenance.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { drawHistory, kuboNoise } from './simulated-history.ts';

const root = mkdtempSync(join(tmpdir(), 'gctune-history-'));
after(() => rmSync(root, { recursive: true, force: true }));
const nights = drawHistory(kuboNoise(), 6, seededStream(1, 'file'));
const night = (index: number) => nights[index] ?? assert.fail();
const runs = (all: readonly { readonly run: string }[] | undefined): readonly string[] | undefined =>
  all?.map(({ run }) => run);
const fails = (code: string, exitCode: number) => (error: unknown) => {
  assert.ok(error instanceof UserError, String(error));
  assert.deepEqual([error.diagnostics[0]?.code, error.exitCode], [code, exitCode]);
  return true;
};

test('nights come back as they were recorded, oldest first, each once', async () => {
  for (const one of [1, 0, 2, 1]) await appendNight('plain', night(one), root);
  const plain = await readHistory('plain', root);
  assert.deepEqual(plain?.nights, nights.slice(0, 3));
  assert.deepEqual(plain?.warnings(), []);
  assert.deepEqual(await appendNight('plain', night(2), root), {
    file: join(root, 'plain/history.ndjson'),
    known: true,
  });
  assert.equal(readFileSync(join(root, 'plain/history.ndjson'), 'utf8').split('\n').length, 4);
  // Recorded again after it was resumed: the last line stands.
  const more = { ...night(1), toolVersion: '0.2.0' };
  assert.equal((await appendNight('plain', more, root)).known, false);
  assert.deepEqual((await readHistory('plain', root))?.nights[1], more);
  // And back again, though an earlier line is the same.
  assert.equal((await appendNight('plain', night(1), root)).known, false);
  assert.deepEqual((await readHistory('plain', root))?.nights[1], night(1));
  assert.match(readFileSync(join(root, 'plain/.gitattributes'), 'utf8'), /merge=union/);
  assert.equal(await readHistory('nowhere', root), undefined);
});

test('a first night that was cut short is the beginning of a history, and what is none is refused', async () => {
  for (const [index, cut] of ['{"hist', JSON.stringify(night(0)).slice(0, 300)].entries()) {
    const folder = `cut-${index}`;
    mkdirSync(join(root, folder));
    writeFileSync(join(root, folder, 'history.ndjson'), cut);
    const begun = await readHistory(folder, root);
    assert.deepEqual(begun?.nights, []);
    assert.match(begun?.warnings()[0] ?? '', /history\.ndjson, line 1 was cut short/);
    await appendNight(folder, night(1), root);
    assert.deepEqual(runs((await readHistory(folder, root))?.nights), [night(1).run]);
  }
  mkdirSync(join(root, 'no-history'));
  writeFileSync(join(root, 'no-history/events.ndjson'), '{"level":"info"');
  await assert.rejects(readHistory('no-history', root), fails('not-a-history', 7));
});

test('a last line that was cut short loses that night alone, and the next one is whole', async () => {
  for (const one of [0, 1]) await appendNight('torn', night(one), root);
  const file = join(root, 'torn/history.ndjson');
  truncateSync(file, statSync(file).size - 100);
  const torn = await readHistory('torn', root);
  assert.deepEqual(runs(torn?.nights), [night(0).run]);
  assert.deepEqual(torn?.warnings(), [
    `history.ndjson, line 2 was cut short (the night ${night(1).run}); it is left out`,
  ]);
  await appendNight('torn', night(2), root);
  const next = await readHistory('torn', root);
  assert.deepEqual(runs(next?.nights), [night(0).run, night(2).run]);
  assert.deepEqual(next?.warnings(), [`history.ndjson, line 2 is damaged (the night ${night(1).run}); it is left out`]);
});

test('damage in the middle, and what Git leaves in a conflict, is named', async () => {
  for (const one of [0, 1, 2]) await appendNight('damaged', night(one), root);
  const file = join(root, 'damaged/history.ndjson');
  const lines = readFileSync(file, 'utf8').split('\n');
  const broken = lines[1]?.replace('"n":10', '"n":"x"') ?? '';
  writeFileSync(file, [lines[0], '<<<<<<< HEAD', broken, lines[2], '{"run":"x"}', ''].join('\n'));
  const { nights: left, warnings } = (await readHistory('damaged', root)) ?? assert.fail();
  // The cells of a night are read when they are looked at.
  assert.deepEqual(
    left.map(({ cells }) => cells.length),
    [20, 0, 20],
  );
  assert.equal(warnings().length, 3);
  assert.equal(warnings()[0], 'history.ndjson, line 2 is damaged; it is left out');
  assert.equal(warnings()[1], 'history.ndjson, line 5 is not a night of a history; it is left out');
  assert.match(
    warnings()[2] ?? '',
    /^history.ndjson, line 3 is damaged \(the night night-00001\): cells\[0\].metrics.* its figures are left out$/,
  );
});

test('what is no history, or of a newer gctune, or not a plain file, is refused', async () => {
  mkdirSync(join(root, 'other'));
  writeFileSync(join(root, 'other/readings.ndjson'), '{"at":1.2,"probe":"proc","v":{}}\n');
  await assert.rejects(readHistory('other', root), fails('not-a-history', 7));
  await assert.rejects(readHistory('other/readings.ndjson', root), fails('not-a-folder', 2));
  mkdirSync(join(root, 'newer'));
  writeFileSync(
    join(root, 'newer/history.ndjson'),
    `${JSON.stringify(night(0))}\n${JSON.stringify({ ...night(1), historyVersion: 2 })}\n`,
  );
  await assert.rejects(readHistory('newer', root), fails('newer-format', 7));
  mkdirSync(join(root, 'link'));
  symlinkSync('/etc/passwd', join(root, 'link/history.ndjson'));
  await assert.rejects(readHistory('link', root), fails('unsafe-history', 7));
  await assert.rejects(appendNight('link', night(0), root), fails('unsafe-history', 7));
});

test('nights of many writers at once, and of two branches of Git, are all there', async () => {
  await Promise.all(nights.map((one) => appendNight('many', one, root)));
  assert.deepEqual(runs((await readHistory('many', root))?.nights), runs(nights));
  const git = async (...args: readonly string[]): Promise<unknown> =>
    promisify(execFile)(
      'git',
      ['-c', 'user.name=x', '-c', 'user.email=x@x', '-c', 'init.defaultBranch=main', ...args],
      { cwd: join(root, 'repo') },
    );
  mkdirSync(join(root, 'repo'));
  await git('init', '-q');
  await appendNight('repo/history', night(0), root);
  await git('add', '.');
  await git('commit', '-qm', 'one');
  await git('branch', 'other');
  await appendNight('repo/history', night(1), root);
  await git('commit', '-qam', 'two');
  await git('checkout', '-q', 'other');
  await appendNight('repo/history', night(2), root);
  await git('commit', '-qam', 'three');
  await git('merge', '-q', 'main', '-m', 'both');
  assert.deepEqual(runs((await readHistory('repo/history', root))?.nights), runs(nights.slice(0, 3)));
  const { commit, branch } = provenanceOf({}, join(root, 'repo/history'));
  assert.match(commit ?? '', /^[0-9a-f]{40}$/);
  assert.equal(branch, 'other');
  assert.equal(provenanceOf({}, '/').commit, undefined);
});

test('what CI says of commit and branch comes before what Git says', () => {
  const github = {
    GITHUB_SHA: 'abc',
    GITHUB_REF_NAME: '7/merge',
    GITHUB_HEAD_REF: 'topic',
    GITHUB_RUN_ID: '9',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'a/b',
  };
  assert.deepEqual(provenanceOf(github, root), {
    commit: 'abc',
    branch: 'topic',
    job: 'https://github.com/a/b/actions/runs/9',
  });
  const gitlab = { CI_COMMIT_SHA: 'def', CI_COMMIT_REF_NAME: 'main\u001b[31m', CI_JOB_URL: 'https://gitlab.example/1' };
  assert.deepEqual(provenanceOf(gitlab, root), { commit: 'def', branch: 'main', job: 'https://gitlab.example/1' });
});

test('a Parquet file has the same figures as the rows, read back by another library', async () => {
  const bytes = historyParquet(nights);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const rows = await parquetReadObjects({ file });
  const own = [...historyRows(nights)];
  assert.equal(own.length, 6 * 20 * 3);
  assert.deepEqual(
    rows.map((row) => ({ ...row, started_at: (row['started_at'] as Date).toISOString() })),
    own,
  );
});
