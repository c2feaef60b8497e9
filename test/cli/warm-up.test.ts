import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { program } from '../../src/program.ts';
import type { TrialRecord } from '../../src/results/format.ts';
import { fakeIo } from './fake-io.ts';

async function simulate(t: TestContext, model: string, more = ''): Promise<{ code: number; trials: TrialRecord[] }> {
  const cwd = await mkdtemp(join(tmpdir(), 'gctune-warm-up-'));
  t.after(() => rm(cwd, { recursive: true, force: true }));
  const experiment = `name: warm
target: { simulated: ${model} }
matrix: { gogc: [50, 100] }
workloads: { steady: { http: { path: /, rate: 100/s } } }
phases: { warmup: auto, measure: 8s }
blocks: 2
seed: 3
${more}`;
  await writeFile(join(cwd, 'e.yaml'), experiment);
  const io = fakeIo({ cwd, env: { NO_COLOR: '1' } });
  const code = await program(['run', 'e.yaml', '--output', 'r'], io);
  const [run = ''] = await readdir(join(cwd, 'r')).catch(() => []);
  const trials = join(cwd, 'r', run, 'trials');
  const read = async (name: string): Promise<TrialRecord> =>
    JSON.parse(await readFile(join(trials, name, 'trial.json'), 'utf8')) as TrialRecord;
  const names = run === '' ? [] : await readdir(trials).catch(() => []);
  return { code, trials: await Promise.all(names.map(read)) };
}

function warmUpSeconds({ phases }: TrialRecord): number {
  const found = phases.find(({ name }) => name === 'warm-up');
  return found === undefined ? Number.NaN : found.endSeconds - found.startSeconds;
}

test('each trial warms up until its own target has settled', async (t) => {
  const quick = await simulate(t, '{ live: 40MiB, start_up: { excess: 1%, fades: 100ms } }');
  const slow = await simulate(t, '{ live: 40MiB, start_up: { excess: 80%, fades: 8s } }');
  const lengths = ({ trials }: typeof quick): number[] => trials.map(warmUpSeconds).toSorted((a, b) => a - b);
  for (const { trials } of [quick, slow]) {
    assert.equal(trials.length, 6);
    assert.ok(
      trials.every(({ outcome }) => outcome.kind === 'completed'),
      JSON.stringify(trials.map((x) => x.outcome)),
    );
  }
  assert.ok(
    (lengths(quick).at(-1) ?? Infinity) < (lengths(slow)[0] ?? 0),
    `${lengths(quick).join(' ')} before ${lengths(slow).join(' ')}`,
  );
});

test('a target that never settles is not measured, and its outcome says how it moved', async (t) => {
  const { code, trials } = await simulate(t, '{ live: 40MiB, growth: 100% }', 'validity: { drift: 3% }\n');
  assert.equal(code, 5);
  for (const { outcome, phases } of trials) {
    assert.equal(outcome.kind, 'invalid');
    assert.ok('reason' in outcome && outcome.reason === 'did-not-settle');
    assert.match(
      outcome.message,
      /^(RSS|the live heap) grew by [\d.]+ % in the last 30\.0 s of a warm-up of at most 60 s;/,
    );
    assert.deepEqual(phases.at(-1)?.name, 'warm-up');
  }
});

test('what is wrong with a warm-up is said where it stands', async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), 'gctune-warm-up-'));
  t.after(() => rm(cwd, { recursive: true, force: true }));
  const said = async (phases: string): Promise<string> => {
    await writeFile(
      join(cwd, 'e.yaml'),
      `name: w\ntarget: { simulated: {} }\nmatrix: { gogc: [50, 100] }\nworkloads: { s: { http: { path: /, rate: 9/s } } }\nphases: ${phases}\n`,
    );
    const io = fakeIo({ cwd, env: { NO_COLOR: '1' } });
    assert.equal(await program(['validate', 'e.yaml'], io), 2);
    return (io.written.stderr + io.written.stdout).replaceAll(/\s+/g, ' ');
  };
  assert.match(await said('{ warmup: automatic }'), /e\.yaml:5:19: .*automatic.* auto/);
  assert.match(await said('{ warmup: 5 }'), /e\.yaml:5:19: .*5/);
  assert.match(
    await said('{ warmup: auto, auto_warmup: { min: 90s } }'),
    /e\.yaml:5:\d+: .*at least 90 s cannot end after at most 60 s/,
  );
  assert.match(
    await said('{ warmup: 5s, auto_warmup: { max: 90s } }'),
    /e\.yaml:5:\d+: .*auto_warmup says nothing.*warmup: auto/,
  );
});
