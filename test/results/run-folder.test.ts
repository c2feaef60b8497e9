import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { EnvironmentError, UserError } from '../../src/errors.ts';
import { confirmationOf } from '../../src/experiment/confirmation.ts';
import { parseExperiment } from '../../src/experiment/parse-experiment.ts';
import { assertWritable } from '../../src/results/disk.ts';
import { attemptName, runId } from '../../src/results/layout.ts';
import { createRun } from '../../src/results/run-writer.ts';
import { listRuns, openRun } from '../../src/results/run-folder.ts';
import { experiment } from '../../src/results/shape/experiment-shape.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';
import { requirement } from '../requirements.ts';
import { altered } from './altered.ts';
import { sampleManifest, sampleRecord } from './sample-manifest.ts';

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('when a trial began is one time, though early runs wrote it by two clocks', async (t) => {
  const root = await scratch(t);
  const manifest = sampleManifest();
  {
    await using run = await createRun(root, manifest, 'name: sample\n');
    await using writer = await run.beginTrial('001-01-a', 1);
    await writer.finish({
      ...sampleRecord('001-01-a'),
      startedAt: '2026-01-01T00:00:30.500Z',
      startUnixSeconds: 1767225611,
    });
  }
  for await (const { record } of (await openRun(join(root, manifest.id))).trials()) {
    assert.equal(record.startUnixSeconds, 1767225630.5);
  }
});

test('a run that is written can be read back, trial by trial, in the order of the plan', async (t) => {
  const root = await scratch(t);
  const manifest = sampleManifest();
  const state = async (): Promise<'dead'> => 'dead';
  {
    await using run = await createRun(root, manifest, 'name: sample\n', { owner: { mark: '1:2', state } });
    await run.log({ at: manifest.startedAt, type: 'run-started', pid: 1 });
    for (const id of ['001-02-b', '001-01-a']) {
      await using writer = await run.beginTrial(id, 1);
      writer.reading({ at: 0.1, probe: 'proc', v: { rssBytes: 1 } });
      writer.reading({ at: 0.2, probe: 'proc', v: { rssBytes: 2 } });
      writer.output({ stream: 'stderr', text: 'hello' });
      await writer.finish(sampleRecord(id));
    }
    assert.ok((await readdir(run.folder)).includes('run.lock'), 'a run that is being written is locked');
  }
  const run = await openRun(join(root, manifest.id));
  assert.deepEqual(run.manifest, JSON.parse(JSON.stringify(manifest)));
  const seen: [string, (number | undefined)[]][] = [];
  for await (const { record, readings } of run.trials()) seen.push([record.id, [...readings].map((r) => r.v.rssBytes)]);
  assert.deepEqual(seen, [
    ['001-01-a', [1, 2]],
    ['001-02-b', [1, 2]],
  ]);
  assert.equal(await run.ended(), undefined, 'its journal says that it began, and no more');
  assert.ok(!(await readdir(run.folder)).includes('run.lock'), 'the lock is gone when the run is closed');
  assert.equal(await readFile(join(run.folder, 'experiment.yaml'), 'utf8'), 'name: sample\n');
  assert.deepEqual(
    (await listRuns(root)).map(({ folder }) => folder),
    [run.folder],
  );
});

test('an attempt that was killed is invisible to readers and thrown away by the next try', async (t) => {
  const root = await scratch(t);
  await using run = await createRun(root, sampleManifest(), '');
  const killed = await run.beginTrial('001-01-a', 1);
  killed.reading({ at: 0.1, probe: 'proc', v: { rssBytes: 1 } });
  await killed[Symbol.asyncDispose]();
  let count = 0;
  for await (const _ of run.trials()) count++;
  assert.equal(count, 0);
  const again = await run.beginTrial('001-01-a', 1);
  await again.finish(sampleRecord('001-01-a'));
  const found = [];
  for await (const { record, readings } of run.trials()) found.push(record.id, [...readings].length);
  assert.deepEqual(found, ['001-01-a', 0]);
});

test('a line cut short by a kill is passed over, in readings and in the journal', async (t) => {
  const root = await scratch(t);
  await using run = await createRun(root, sampleManifest(), '');
  const writer = await run.beginTrial('001-01-a', 1);
  writer.reading({ at: 0.1, probe: 'proc', v: { rssBytes: 1 } });
  await writer.finish(sampleRecord('001-01-a'));
  await appendFile(join(run.folder, 'trials/001-01-a/readings.ndjson'), '{"at":0.2,"probe":"pr');
  await run.log({ at: 'x', type: 'run-ended', why: 'interrupted' });
  await appendFile(join(run.folder, 'journal.ndjson'), '{"at":"y","type":"run-ended","why":"plan-do');
  for await (const { readings } of run.trials()) assert.equal([...readings].length, 1);
  assert.deepEqual(await run.ended(), { why: 'interrupted', blocks: undefined });
});

test('what is no run, is corrupt, or comes from a newer gctune is refused with exit code 7', async (t) => {
  const root = await scratch(t);
  const folder = join(root, 'run');
  const refused = async (code: string): Promise<void> => {
    await assert.rejects(
      openRun(folder),
      (error) => error instanceof UserError && error.exitCode === 7 && error.diagnostics[0]?.code === code,
    );
  };
  await refused('not-a-run');
  await mkdir(folder);
  await writeFile(join(folder, 'run.json'), '{"formatVersion":');
  await refused('corrupt-run');
  await writeFile(join(folder, 'run.json'), '[]');
  await refused('corrupt-run');
  await writeFile(join(folder, 'run.json'), JSON.stringify({ ...sampleManifest(), formatVersion: 999 }));
  await refused('newer-format');
});

test('a damaged file of a run is named with the place and what is wrong there', async (t) => {
  const root = await scratch(t);
  const folder = join(root, 'run');
  await mkdir(folder);
  const { manifest } = syntheticRun({ name: 'sample', blocks: 1 });
  const opened = async (value: unknown): Promise<string> => {
    await writeFile(join(folder, 'run.json'), JSON.stringify(value));
    return openRun(folder).then(
      () => 'fine',
      (error: unknown) => (error instanceof UserError && error.exitCode === 7 ? error.message : String(error)),
    );
  };
  assert.equal(await opened(manifest), 'fine');
  const cases: readonly (readonly [place: string, to: unknown, problem: RegExp])[] = [
    ['plan.cells.2.levels.gogc', '25\nExecStartPre=/bin/id', /: plan\.cells\[2\]\.levels\.gogc: expected /],
    ['plan.cells.2.levels.gogc', 1.5, /: plan\.cells\[2\]\.levels\.gogc: expected int/],
    ['experiment.matrix.gomemlimit', ['64MiB'], /: experiment\.matrix\.gomemlimit\[0\]: expected number/],
    ['experiment.baseline', null, /: experiment\.baseline: expected object, received null$/],
    ['experiment.confidence', undefined, /: experiment\.confidence: expected number, received undefined$/],
    ['experiment.workloads.steady.rate.perSecond', -1, /: experiment\.workloads\.steady\.rate\.perSecond: /],
    ['plan.trials.0.id', '../../etc', /: plan\.trials\[0\]\.id: expected letters, digits/],
    ['plan.trials.0.cell', 'gogc=7', /: plan\.trials\[0\]\.cell: the plan has no cell gogc=7$/],
    ['plan.blocks', 1e9, /: plan\.blocks: /],
    ['startedAt', 'yesterday', /: startedAt: expected a time such as /],
    ['id', 'a b', /: id: expected letters/],
    ['runner', 'magic', /: runner: invalid option: expected one of /],
    ['plan', 0, /: plan: expected object, received number( \(and \d+ more\))?$/],
  ];
  for (const [place, to, problem] of cases) assert.match(await opened(altered(manifest, place, to)), problem);
  const listed = await listRuns(root);
  assert.equal(listed.length, 1, 'it is listed');
  assert.equal(listed[0]?.run, undefined);
  assert.match(listed[0]?.problem ?? '', /plan: expected object/);
});

test('whatever an experiment file allows, a run of it and its confirmation can be read back as they were', () => {
  const heapd = readFileSync(join(import.meta.dirname, '../../experiments/gogc-sweep.yaml'), 'utf8')
    .replaceAll('connections: 32', 'connections: 65535')
    .replace('--live, 4MiB', `--live, 4MiB, ${'y'.repeat(70_000)}`)
    .replace('blocks: 7', 'blocks: { min: 6, max: 8 }')
    .replaceAll('steady', 's'.repeat(63));
  const parsed = parseExperiment(heapd, 'long.yaml', { directory: '/' });
  assert.ok('experiment' in parsed, JSON.stringify(parsed));
  const confirmation = confirmationOf(parsed.experiment, {
    gogc: 50,
    gomemlimitBytes: 2 ** 28,
    gomemlimit: 'off',
    blocks: 6,
  });
  for (const given of [parsed.experiment, confirmation]) {
    const written = JSON.parse(JSON.stringify(given)) as unknown;
    assert.deepEqual(JSON.parse(JSON.stringify(experiment.parse(written))), written);
  }
});

test('a manifest that lacks a key of a section is refused, unless runs were made before there was such a key', () => {
  const whole = syntheticRun({ name: 'sample' }).manifest.experiment;
  const without = (place: string): boolean => experiment.safeParse(altered(whole, place, undefined)).success;
  const needed = ['phases.warmupSeconds', 'validity.retries', 'limits.pin', 'sampling.gctrace', 'target.args'];
  assert.deepEqual(needed.filter(without), []);
  assert.deepEqual(['sampling.paths.expvar', 'limits.memoryBytes', 'matters'].filter(without).length, 3);
});

test('text of a run folder is made harmless where it is read', async (t) => {
  const root = await scratch(t);
  const manifest = sampleManifest();
  const evil = '\u001b[31mred\u001b]0;title\u0007\u202e\u009b2J\nnext';
  const message = { code: 'evil', message: evil };
  const experiment = { ...manifest.experiment, description: evil };
  {
    await using run = await createRun(root, { ...manifest, experiment, warnings: [message] }, '');
    await using writer = await run.beginTrial('001-01-a', 1);
    await writer.finish({ ...sampleRecord('001-01-a'), warnings: [message], probes: [evil] });
  }
  const run = await openRun(join(root, manifest.id));
  assert.equal(run.manifest.warnings[0]?.message, 'red next');
  assert.equal(run.manifest.experiment.description, 'red\nnext', 'what may have lines keeps them');
  for await (const { record } of run.trials()) {
    assert.equal(record.warnings[0]?.message, 'red next');
    assert.deepEqual(record.probes, ['red next']);
  }
});

test('a trial whose files are damaged does not count, or not the damaged lines, and is named', async (t) => {
  const root = await scratch(t);
  await using run = await createRun(root, sampleManifest(), '');
  for (const id of ['001-01-a', '001-02-b', '001-03-c', '001-04-d']) {
    const writer = await run.beginTrial(id, 1);
    writer.reading({ at: 0.1, probe: 'proc', v: { rssBytes: 1 } });
    await writer.finish(sampleRecord(id));
  }
  const at = (id: string, file: string): string => join(run.folder, 'trials', id, file);
  await writeFile(at('001-01-a', 'trial.json'), '{"id":');
  await writeFile(at('001-02-b', 'trial.json'), JSON.stringify({ ...sampleRecord('001-02-b'), phases: 'none' }));
  await writeFile(at('001-03-c', 'trial.json'), JSON.stringify(sampleRecord('001-04-d')));
  await appendFile(
    at('001-04-d', 'readings.ndjson'),
    '{"at":1,"probe":"proc","v":{"rssBytes":"1"}}\n{"at":1e999,"probe":"proc","v":{}}\n{"at":2,"probe":"proc","v":{"rssBytes":2,"unknown":{}}}\n',
  );
  const read = [];
  for await (const { record, readings } of run.trials()) read.push([record.id, [...readings].map(({ v }) => v)]);
  assert.deepEqual(read, [['001-04-d', [{ rssBytes: 1 }, { rssBytes: 2 }]]]);
  assert.deepEqual(
    run.damage().map(({ trial, message }) => [trial, message]),
    [
      ['001-01-a', 'trial 001-01-a is damaged: trial.json: it is not JSON; it does not count'],
      ['001-02-b', 'trial 001-02-b is damaged: trial.json: phases: expected array, received string; it does not count'],
      ['001-03-c', 'trial 001-03-c is damaged: trial.json: it is that of trial 001-04-d; it does not count'],
      ['001-04-d', 'trial 001-04-d is damaged: readings.ndjson: 2 lines are not readings'],
    ],
  );
});

test('an output folder that cannot be written is refused before anything is started', async (t) => {
  const root = await scratch(t);
  await writeFile(join(root, 'file'), '');
  await assert.rejects(
    assertWritable(join(root, 'file', 'results')),
    (error) => error instanceof EnvironmentError && error.code === 'output-not-writable',
  );
  await assertWritable(join(root, 'new'));
  assert.deepEqual(await readdir(join(root, 'new')), [], 'the look leaves nothing behind');
});

test(
  'a disk that fills is an error that says so, and trials finished before it are whole',
  requirement('root'),
  async (t) => {
    const root = await mkdtemp(join(tmpdir(), 'gctune-test-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', root]);
    t.after(async () => {
      execFileSync('umount', [root]);
      await rm(root, { recursive: true });
    });
    await using run = await createRun(root, sampleManifest(), '');
    const first = await run.beginTrial('001-01-a', 1);
    first.reading({ at: 0.1, probe: 'proc', v: { rssBytes: 1 } });
    await first.finish(sampleRecord('001-01-a'));
    const second = await run.beginTrial('001-02-b', 1);
    for (let i = 0; i < 20_000; i++) second.reading({ at: i, probe: 'proc', v: { rssBytes: i } });
    await assert.rejects(
      second.finish(sampleRecord('001-02-b')),
      (error) => error instanceof EnvironmentError && error.code === 'disk-full',
    );
    const whole = [];
    for await (const { record, readings } of run.trials()) whole.push(record.id, [...readings].length);
    assert.deepEqual(whole, ['001-01-a', 1]);
  },
);

test('names are safe as folder names', () => {
  assert.equal(runId('a b/../c', new Date('2026-01-02T03:04:05.678Z'), 7), 'a-b-..-c-20260102T030405Z-7');
  assert.equal(runId('../..', new Date(0), 1), 'run-19700101T000000Z-1');
  assert.equal(attemptName('001-01-a', 1), '001-01-a');
  assert.equal(attemptName('001-01-a', 2), '001-01-a~2');
});
