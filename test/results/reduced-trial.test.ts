import assert from 'node:assert/strict';
import { chmod, chown, cp, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { analyse, type AnalysedTrial } from '../../src/analysis/analyse.ts';
import type { RunManifest } from '../../src/results/format.ts';
import { createRun } from '../../src/results/run-writer.ts';
import { openRun } from '../../src/results/run-folder.ts';
import { reduceEnded } from '../../src/session/reduce-ended.ts';
import type { KeptReduction } from '../../src/session/reduced-trial.ts';
import { analyseRun, reportRun } from '../../src/session/report-run.ts';
import { syntheticRun, type SyntheticOptions } from '../fixtures/analysis/synthetic-run.ts';
import { simulatedExperiment, simulatedRun } from '../simulation/simulated-run.ts';

/** Writes a run as a sweep does; with `reduced` each trial is reduced as it ends. */
async function written(
  t: TestContext,
  { manifest, trials }: { manifest: RunManifest; trials: Iterable<AnalysedTrial> },
  reduced = true,
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'gctune-test-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  await using run = await createRun(root, manifest, 'name: x\n');
  for (const { record, readings } of trials) {
    await using writer = await run.beginTrial(record.id, record.attempt);
    for await (const reading of readings) writer.reading(reading);
    await writer.finish(record);
    if (reduced) await reduceEnded(run, record.id, record.attempt);
  }
  return run.folder;
}

const synthetic = (options: SyntheticOptions = {}): { manifest: RunManifest; trials: Iterable<AnalysedTrial> } => {
  const run = syntheticRun({ blocks: 3, measureSeconds: 3, outsideHz: 4, insideHz: 4, noise: 0.02, ...options });
  return { manifest: run.manifest, trials: run.trials() };
};

/** The analysis of the raw readings alone, as it is written. */
async function fromReadings(folder: string): Promise<string> {
  const run = await openRun(folder);
  const analysis = await analyse({
    manifest: run.manifest,
    trials: run.trials(),
    damage: () => run.damage(),
    ended: await run.ended(),
  });
  return JSON.stringify(analysis);
}

/** Compares long texts and shows where they part. */
function assertSame(actual: string, expected: string, message = ''): void {
  const at = expected.split('').findIndex((letter, i) => actual[i] !== letter);
  const around = (text: string): string => text.slice(Math.max(0, at - 200), at + 100);
  if (actual !== expected) assert.equal(around(actual), around(expected), message);
  assert.equal(actual.length, expected.length, message);
}

const parsed = (text: string): KeptReduction => JSON.parse(text) as KeptReduction;

/** The reductions that are kept in a run. */
async function reducedFiles(folder: string): Promise<readonly string[]> {
  const trials = join(folder, 'trials');
  const files = await Promise.all(
    (await readdir(trials)).map(async (name) =>
      (await readdir(join(trials, name))).includes('reduced.json') ? join(trials, name, 'reduced.json') : [],
    ),
  );
  return files.flat();
}

const kinds: Readonly<Record<string, () => Promise<{ manifest: RunManifest; trials: Iterable<AnalysedTrial> }>>> = {
  'expvar alone': async () => synthetic(),
  'Prometheus and gctrace': async () => synthetic({ inside: 'prometheus', gctrace: true }),
  'gctrace alone': async () => synthetic({ inside: 'none', gctrace: true }),
  'a batch, an idle target and throttled trials': async () =>
    synthetic({ workloads: { steady: 'http', job: 'batch', rest: 'idle' }, throttled: ({ block }) => block / 10 }),
  'OOM kills, failures, invalid trials and second attempts': async () =>
    synthetic({
      outcomes: ({ block, position }) => {
        if (position === 1) return [{ kind: 'oom-killed', phase: 'measure', limitBytes: 2 ** 26 }];
        if (block === 2)
          return [{ kind: 'invalid', reason: 'stolen', message: 'stolen', apparatus: true }, { kind: 'completed' }];
        return [{ kind: 'completed' }];
      },
    }),
  'times and figures that are no numbers, below zero or nought': async () => {
    const run = synthetic();
    const odd = [...run.trials].map(({ record, readings }, i) => ({
      record: i === 0 ? { ...record, window: { startSeconds: 3, endSeconds: 3 } } : record,
      readings: (async function* () {
        for await (const reading of readings) {
          const v = { ...reading.v, rssAnonBytes: i === 1 ? -0 : 1e15 / (i + 3), swapBytes: i === 2 ? NaN : 0 };
          yield i === 3 ? { ...reading, v: { numGc: 0, cpuSeconds: -1 / 3 } } : { ...reading, v };
        }
      })(),
    }));
    return { ...run, trials: odd };
  },
  'a model': async () => {
    const { experiment, model } = simulatedExperiment(
      '{ live: 40MiB, off_heap: 6MiB, fragmentation: 0% }',
      'blocks: 2',
    );
    const { analysis, trials } = await simulatedRun({ experiment, model }, 3);
    return { manifest: analysis.run, trials };
  },
};

for (const [kind, make] of Object.entries(kinds)) {
  test(`what was kept of trials gives the analysis of their readings, to the byte: ${kind}`, async (t) => {
    const folder = await written(t, await make());
    const files = await reducedFiles(folder);
    assert.ok(files.length > 0);
    const before = await Promise.all(files.map((file) => stat(file)));
    const expected = await fromReadings(folder);
    assertSame(JSON.stringify(await analyseRun(folder)), expected);
    await reportRun(folder);
    const after = await Promise.all(files.map((file) => stat(file)));
    assert.deepEqual(
      after.map(({ ino }) => ino),
      before.map(({ ino }) => ino),
      'a reduction that is right was made again',
    );
  });
}

test('a report keeps the reductions that are missing; a command that only reads writes none', async (t) => {
  const folder = await written(t, synthetic(), false);
  await analyseRun(folder);
  assert.deepEqual(await reducedFiles(folder), []);
  await reportRun(folder);
  assert.equal((await reducedFiles(folder)).length, (await readdir(join(folder, 'trials'))).length);
});

test('the folder of another user, and one that cannot be written, is only read', async (t) => {
  const folder = await written(t, synthetic(), false);
  const trials = (await readdir(join(folder, 'trials'))).map((name) => join(folder, 'trials', name));
  for (const trial of trials) await (process.geteuid?.() === 0 ? chown(trial, 12_345, 12_345) : chmod(trial, 0o555));
  const { analysis } = await reportRun(folder);
  assertSame(JSON.stringify(analysis), await fromReadings(folder));
  assert.deepEqual(await reducedFiles(folder), []);
  for (const trial of trials) await chmod(trial, 0o755);
});

test('a reduction is believed only of the very readings that it was made of, wherever they are copied to', async (t) => {
  const folder = await written(t, synthetic());
  const copy = `${folder}-copy`;
  await cp(folder, copy, { recursive: true });
  const [file = ''] = await reducedFiles(copy);
  const kept = parsed(await readFile(file, 'utf8'));
  const { value, source } = kept.reduced.figures['memory.anon'] ?? assert.fail('no memory');
  const figures = { ...kept.reduced.figures, 'memory.anon': { value: 2 * value, source } };
  await writeFile(file, JSON.stringify({ ...kept, reduced: { ...kept.reduced, figures } }));
  const believed = JSON.stringify(await analyseRun(copy));
  assert.notEqual(believed, await fromReadings(copy), 'a copied reduction was not taken');

  const readings = file.replace('reduced.json', 'readings.ndjson');
  const { atime, mtime } = await stat(readings);
  const text = await readFile(readings, 'utf8');
  await writeFile(
    readings,
    text.replace(/"cpuSeconds":(\d)/, (_, digit) => `"cpuSeconds":${(Number(digit) + 1) % 10}`),
  );
  // As large and as old as before.
  await utimes(readings, atime, mtime);
  assertSame(JSON.stringify(await analyseRun(copy)), await fromReadings(copy));
});

test('a reduction that is damaged, of another version, of other terms or of another trial is made again', async (t) => {
  const folder = await written(t, synthetic());
  const expected = await fromReadings(folder);
  const [file = '', other = ''] = await reducedFiles(folder);
  const sound = await readFile(file, 'utf8');
  const value = parsed(sound);
  const { reduced, terms } = value;
  const { course } = reduced;
  const damaged: Readonly<Record<string, unknown>> = {
    null: null,
    list: [],
    'another version': { ...value, reductionVersion: value.reductionVersion + 1, reduced: {} },
    'another digest': { ...value, digest: value.digest.replace(/^./, 'x'), reduced: {} },
    'another GOMAXPROCS': { ...value, terms: { ...terms, gomaxprocs: 7 }, reduced: { ...reduced, figures: {} } },
    'other levels': { ...value, terms: { ...terms, levels: { ...terms.levels, gogc: 7 } } },
    'no figures': { ...value, reduced: { ...reduced, figures: undefined } },
    'a figure that is text': {
      ...value,
      reduced: { ...reduced, figures: { 'memory.anon': { value: '1', source: '' } } },
    },
    'a figure beyond 64 bits': {
      ...value,
      reduced: { ...reduced, figures: { 'memory.anon': { value: 1e300, source: 'proc' } } },
    },
    'a course of another length': { ...value, reduced: { ...reduced, course: { ...course, seconds: [1] } } },
    "another trial's course": { ...value, reduced: { ...reduced, course: { ...course, trial: 'x' } } },
    "another trial's warning": {
      ...value,
      reduced: { ...reduced, warnings: [{ code: 'x', message: 'x', trial: 'x', cell: 'x' }] },
    },
  };
  const texts = Object.entries(damaged).map(([how, to]) => [how, JSON.stringify(to)] as const);
  for (const [how, text] of [
    ...texts,
    ['nothing', ''] as const,
    ['torn', sound.slice(0, 999)] as const,
    ['nested', '['.repeat(100_000)] as const,
    ["another trial's file", await readFile(other, 'utf8')] as const,
  ]) {
    await writeFile(file, text);
    assertSame(JSON.stringify(await analyseRun(folder)), expected, how);
  }
  await reportRun(folder);
  assert.equal(await readFile(file, 'utf8'), sound);
});

test('of a trial with damaged readings nothing is kept, so that every report names it', async (t) => {
  const folder = await written(t, synthetic());
  const [file = ''] = await reducedFiles(folder);
  const readings = file.replace('reduced.json', 'readings.ndjson');
  await writeFile(readings, `{"at":1}\n${await readFile(readings, 'utf8')}`);
  for (let i = 0; i < 2; i++) {
    const { analysis } = await reportRun(folder);
    assert.ok(analysis.warnings.some(({ code }) => code === 'damaged-trial'));
  }
});
