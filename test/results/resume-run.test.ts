import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { UserError } from '../../src/errors.ts';
import { createRun, resumeRun } from '../../src/results/run-writer.ts';
import { openRun } from '../../src/results/run-folder.ts';
import type { Owner } from '../../src/results/run-lock.ts';
import { sampleManifest, sampleRecord } from './sample-manifest.ts';

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** An owner that takes these marks for living ones. */
const ownerOf = (mark: string, ...alive: string[]): Owner => ({
  mark,
  state: async (other) => (other === 'elsewhere' ? 'unknown' : alive.includes(other) ? 'alive' : 'dead'),
});

test('two runs of one name get two folders, and each knows its own', async (t) => {
  const root = await scratch(t);
  const manifest = sampleManifest();
  await using one = await createRun(root, manifest, '');
  await using two = await createRun(root, manifest, '');
  await using three = await createRun(root, manifest, '');
  assert.deepEqual(
    [one, two, three].map((run) => run.manifest.id),
    [manifest.id, `${manifest.id}-2`, `${manifest.id}-3`],
  );
  assert.equal((await openRun(two.folder)).manifest.id, `${manifest.id}-2`);
});

test('what was under way is discarded, what ended is kept, what is damaged is put aside', async (t) => {
  const root = await scratch(t);
  const manifest = sampleManifest();
  let folder = '';
  {
    await using run = await createRun(root, manifest, '', { owner: ownerOf('first') });
    ({ folder } = run);
    for (const [id, kind] of [
      ['001-01-a', 'completed'],
      ['001-02-b', 'aborted'],
      ['002-01-a', 'completed'],
    ] as const) {
      await using writer = await run.beginTrial(id, 1);
      const record = sampleRecord(id);
      await writer.finish(kind === 'aborted' ? { ...record, outcome: { kind, phase: 'measure' } } : record);
    }
    await using _unended = await run.beginTrial('002-02-b', 2);
    await writeFile(join(folder, 'trials/002-01-a/trial.json'), '{"torn');
  }
  await using again = await resumeRun(folder, ownerOf('second'));
  assert.deepEqual(again.discarded, ['001-02-b', '002-01-a', '002-02-b~2']);
  const left = await readdir(join(folder, 'trials'));
  assert.deepEqual(
    left.filter((name) => !name.startsWith('.')),
    ['001-01-a'],
  );
  const [aside = ''] = left.filter((name) => name.endsWith('.damaged'));
  assert.equal(await readFile(join(folder, 'trials', aside, 'trial.json'), 'utf8'), '{"torn');
  // Its place is free: the trial can be measured again.
  await using writer = await again.beginTrial('002-01-a', 1);
  await writer.finish(sampleRecord('002-01-a'));
});

test('a trial that has ended and is gone is measured again, and that is told', async (t) => {
  const root = await scratch(t);
  let folder = '';
  {
    await using run = await createRun(root, sampleManifest(), '');
    ({ folder } = run);
    const at = '2026-01-01T00:00:00.000Z';
    await run.log({ at, type: 'trial-ended', trial: '001-01-a', attempt: 1, outcome: 'completed' });
    await run.log({ at, type: 'trial-ended', trial: '001-02-b', attempt: 1, outcome: 'aborted' });
  }
  await using again = await resumeRun(folder, ownerOf('second'));
  assert.deepEqual(again.discarded, ['001-01-a']);
});

test('a run that cannot be begun leaves no folder', async (t) => {
  const root = await scratch(t);
  const state = (): Promise<never> => Promise.reject(new Error('never asked'));
  const owner = {
    state,
    get mark(): string {
      throw new Error('no mark');
    },
  };
  await assert.rejects(createRun(root, sampleManifest(), '', { owner }), /no mark/);
  assert.deepEqual(await readdir(root), []);
});

test('a line of the journal that was torn by a power cut does not spoil the next one', async (t) => {
  const root = await scratch(t);
  let folder = '';
  {
    await using run = await createRun(root, sampleManifest(), '');
    ({ folder } = run);
    await run.log({ at: '2026-01-01T00:00:00.000Z', type: 'run-started', pid: 1 });
  }
  await appendFile(join(folder, 'journal.ndjson'), '{"at":"2026-01-01T00:00:0');
  await using again = await resumeRun(folder, ownerOf('second'));
  await again.log({ at: '2026-01-01T01:00:00.000Z', type: 'run-ended', why: 'plan-done' });
  assert.deepEqual(
    again.journal().map(({ type }) => type),
    ['run-started', 'run-ended'],
  );
});

test('the lock is held by a living process only', async (t) => {
  const root = await scratch(t);
  let folder = '';
  {
    await using run = await createRun(root, sampleManifest(), '', { owner: ownerOf('41:1') });
    ({ folder } = run);
    await assert.rejects(resumeRun(folder, ownerOf('42:1', '41:1')), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.diagnostics[0]?.code, 'run-in-use');
      assert.match(error.message, /another gctune \(process 41\) is writing/);
      return true;
    });
    assert.equal(await readFile(join(folder, 'run.lock'), 'utf8'), '41:1\n', 'who was refused has changed nothing');
  }
  // As a killed one leaves it.
  await writeFile(join(folder, 'run.lock'), '41:1\n');
  {
    await using again = await resumeRun(folder, ownerOf('42:1'));
    assert.equal(await readFile(join(again.folder, 'run.lock'), 'utf8'), '42:1\n');
  }
  // As a full disk or a power cut leaves it, between its making and its mark; that of a take-over too.
  await writeFile(join(folder, 'run.lock'), '');
  await (await resumeRun(folder, ownerOf('42:1')))[Symbol.asyncDispose]();
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.includes('lock')),
    [],
  );
  await writeFile(join(folder, 'run.lock'), 'elsewhere\n');
  await assert.rejects(resumeRun(folder, ownerOf('42:1')), /on another machine or in another container/);
  await rm(join(folder, 'run.lock'));
  await mkdir(join(folder, 'run.lock'));
  await assert.rejects(resumeRun(folder, ownerOf('42:1')));
});

test('of many who find a dead process’s lock, one gets it', async (t) => {
  const root = await scratch(t);
  let folder = '';
  {
    await using run = await createRun(root, sampleManifest(), '');
    ({ folder } = run);
  }
  await writeFile(join(folder, 'run.lock'), 'dead\n');
  const marks = Array.from({ length: 20 }, (_, i) => `living-${i}`);
  const tried = await Promise.allSettled(marks.map((mark) => resumeRun(folder, ownerOf(mark, ...marks))));
  const got = tried.filter(({ status }) => status === 'fulfilled');
  assert.equal(got.length, 1);
});
