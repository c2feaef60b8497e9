import assert from 'node:assert/strict';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { requirement } from '../requirements.ts';
import { type Ended, gctune, leftovers, root, scratch } from './gctune.ts';

const simulated = (blocks: number, more = ''): string => `name: simulated
target: { simulated: {} }
matrix: { gogc: [50, 100] }
workloads: { steady: { http: { path: /work, rate: 200/s } } }
phases: { warmup: 1s, measure: 10s }
blocks: ${blocks}
${more}`;

const real = (more = ''): string => `name: real
target:
  package: ${join(root, 'experiments/targets/heapd')}
  args: [--listen, "{host}:{port}"]
  port: auto
  ready: { http: /healthz, within: 20s }
limits: { required: false }
runner: process
matrix: { gogc: [50, 100] }
workloads: { steady: { http: { path: /work, rate: 100/s } } }
phases: { warmup: 200ms, measure: 800ms, drain: 500ms }
validity: { drift: 100%, lateness: 500ms, achieved_rate: 50% }
blocks: 4
${more}`;

/** A gctune that runs until it is told otherwise. */
interface Under {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** The folder of its run, once this many trials have ended in it. */
  after(trials: number): Promise<string>;
}

function start(args: readonly string[], results: string): Under {
  let pid = 0;
  const ended = gctune(args[0] === 'run' ? [...args, '--output', results] : args, {
    onSpawn: (spawned) => (pid = spawned),
  });
  let over = false;
  void ended.then(() => (over = true));
  return {
    get pid() {
      return pid;
    },
    ended,
    after: async (trials) => {
      for (;;) {
        if (over) throw new Error(`gctune ended too soon: ${(await ended).stderr}`);
        const [run] = await readdir(results).catch(() => []);
        const names = run === undefined ? [] : await readdir(join(results, run, 'trials')).catch(() => []);
        if (run !== undefined && names.filter((name) => !name.startsWith('.')).length >= trials)
          return join(results, run);
        await sleep(5);
      }
    },
  };
}

/** The analysis of a run but for what says when. */
async function analysisOf(run: string): Promise<string> {
  const text = await readFile(join(run, 'analysis.json'), 'utf8');
  // When it was worked on says when, too.
  const { sessions: _, ...analysis } = JSON.parse(text) as {
    sessions: unknown;
    run: { id: string; startedAt: string };
  };
  const { id, startedAt } = analysis.run;
  return JSON.stringify(analysis).replaceAll(id, '<id>').replaceAll(startedAt, '<start>');
}

async function eventsOf(run: string): Promise<readonly { readonly type: string; readonly [key: string]: unknown }[]> {
  const lines = (await readFile(join(run, 'journal.ndjson'), 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as { type: string });
}

for (const [what, more] of [
  ['of a fixed plan', ''],
  ['that ends by its own rule', 'adaptive'],
] as const) {
  test(`a simulated run ${what}, killed again and again, comes to the analysis of one that was not`, async (t) => {
    const folder = await scratch(t);
    const file = join(folder, 'experiment.yaml');
    await writeFile(
      file,
      more === '' ? simulated(40) : simulated(0).replace('blocks: 0', 'blocks: { min: 6, max: 60, precision: 0.4% }'),
    );
    const whole = await gctune(['run', file, '--seed', '3', '--output', join(folder, 'whole')]);
    assert.equal(whole.code, 0, whole.stderr);
    const [name = ''] = await readdir(join(folder, 'whole'));

    const results = join(folder, 'cut');
    const running = start(['run', file, '--seed', '3'], results);
    const run = await running.after(5);
    process.kill(running.pid, 'SIGKILL');
    await running.ended;
    for (const trials of [16, 31]) {
      const again = start(['resume', run], results);
      await again.after(trials);
      process.kill(again.pid, 'SIGKILL');
      await again.ended;
    }
    const last = await gctune(['resume', run]);
    assert.equal(last.code, 0, last.stderr);
    assert.equal(await analysisOf(run), await analysisOf(join(folder, 'whole', name)));
    const resumed = (await eventsOf(run)).filter(({ type }) => type === 'run-resumed');
    assert.equal(resumed.length, 3);
  });
}

test(
  'a real run that is interrupted says how it goes on, and does; the folder is refused to a second gctune',
  {
    ...requirement('go'),
  },
  async (t) => {
    const folder = await scratch(t);
    const file = join(folder, 'experiment.yaml');
    await writeFile(file, real());
    const results = join(folder, 'the results');
    const running = start(['run', file], results);
    const run = await running.after(2);
    const second = await gctune(['resume', run]);
    assert.equal(second.code, 2);
    assert.match(second.stderr, /another gctune \(process \d+\) is writing to .*\[?run-in-use/);
    process.kill(running.pid, 'SIGINT');
    const ended = await running.ended;
    assert.equal(ended.code, 130, ended.stderr);
    // The path has a blank in it.
    assert.match(ended.stderr, /gctune report '.*the results.*'.*\n.*gctune resume '.*the results.*'/);
    const resumed = await gctune(['resume', run]);
    assert.equal(resumed.code, 0, resumed.stderr);
    const trials = (await readdir(join(run, 'trials'))).filter((name) => !name.startsWith('.'));
    assert.equal(trials.length, 12);
    const [again] = (await eventsOf(run)).filter(({ type }) => type === 'run-resumed');
    assert.equal((again?.['discarded'] as unknown[] | undefined)?.length, 1, 'the trial under way is run again');
    const complete = await gctune(['resume', run]);
    assert.equal(complete.code, 0, 'a complete run is only reported on');
    assert.deepEqual(await leftovers(), []);
  },
);

test('what has changed since is named and refused, or recorded as a part of its own', async (t) => {
  const folder = await scratch(t);
  const file = join(folder, 'experiment.yaml');
  await writeFile(file, simulated(12));
  const results = join(folder, 'results');
  const running = start(['run', file], results);
  const run = await running.after(10);
  process.kill(running.pid, 'SIGKILL');
  await running.ended;
  const path = join(run, 'run.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as {
    artifact: { digest: string; buildInfo: { goVersion: string } };
  };
  manifest.artifact.buildInfo.goVersion = 'go1.21.0';
  manifest.artifact.digest = 'simulated:other';
  await writeFile(path, JSON.stringify(manifest));
  const refused = await gctune(['resume', run]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /its digest is .*, and was "simulated:other"/);
  assert.match(refused.stderr, /Go version is .*, and was "go1\.21\.0"/);
  assert.match(refused.stderr, /--accept-drift/);
  const accepted = await gctune(['resume', run, '--accept-drift']);
  assert.equal(accepted.code, 0, accepted.stderr);
  const [resumed] = (await eventsOf(run)).filter(({ type }) => type === 'run-resumed');
  assert.equal(resumed?.['part'], 2);
  assert.equal((resumed?.['drift'] as unknown[] | undefined)?.length, 2);
});

for (const [onFailure, code, why] of [
  ['stop', 8, 'fault'],
  ['skip', 4, 'plan-done'],
] as const) {
  test(`a disk that stays away ends the run or a trial of it (on-failure: ${onFailure}), and resume runs the rest`, async (t) => {
    const folder = await scratch(t);
    const file = join(folder, 'experiment.yaml');
    await writeFile(file, simulated(60, `policy: { retries: 1, wait: 400ms, on-failure: ${onFailure} }`));
    const results = join(folder, 'results');
    const running = start(['run', file], results);
    const run = await running.after(4);
    await rename(join(run, 'trials'), join(folder, 'aside'));
    if (onFailure === 'skip') await sleep(500);
    else await running.ended;
    await rename(join(folder, 'aside'), join(run, 'trials'));
    const ended = await running.ended;
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, /gctune resume /);
    assert.doesNotMatch(ended.stderr, /bug in gctune|SuppressedError/);
    const events = await eventsOf(run);
    assert.equal(events.at(-1)?.['why'], why);
    const faults = events.filter(({ type }) => type === 'trial-fault');
    assert.ok(faults.some(({ next }) => next === onFailure) && faults.every(({ code: of }) => of === 'file-gone'));
    const resumed = await gctune(['resume', run]);
    assert.equal(resumed.code, 0, resumed.stderr);
    const trials = (await readdir(join(run, 'trials'))).filter((name) => !name.startsWith('.'));
    assert.equal(trials.length, 180);
  });
}

test('on-failure: skip ends the run where as many trials in a row are left out as there are cells', async (t) => {
  const folder = await scratch(t);
  const file = join(folder, 'experiment.yaml');
  await writeFile(file, simulated(60, 'policy: { retries: 0, wait: 0s, on-failure: skip }'));
  const running = start(['run', file], join(folder, 'results'));
  const run = await running.after(4);
  await rename(join(run, 'trials'), join(folder, 'aside'));
  const ended = await running.ended;
  assert.equal(ended.code, 8, ended.stderr);
  await rename(join(folder, 'aside'), join(run, 'trials'));
  const faults = (await eventsOf(run)).filter(({ type }) => type === 'trial-fault').map(({ next }) => next);
  assert.deepEqual(faults, ['skip', 'skip', 'stop']);
});

test('a disk that is away for a moment ends nothing', async (t) => {
  const folder = await scratch(t);
  const file = join(folder, 'experiment.yaml');
  await writeFile(file, simulated(30, 'policy: { retries: 20, wait: 100ms }'));
  const results = join(folder, 'results');
  const running = start(['run', file, '--seed', '4'], results);
  const run = await running.after(4);
  await rename(join(run, 'trials'), join(folder, 'aside'));
  await sleep(500);
  await rename(join(folder, 'aside'), join(run, 'trials'));
  const ended = await running.ended;
  assert.equal(ended.code, 0, ended.stderr);
  assert.match(ended.stderr, /repeated in/);
  assert.equal((await readdir(join(run, 'trials'))).length, 90);
});

test('a pilot that was killed is completed and followed by its run, whose levels then stand', async (t) => {
  const folder = await scratch(t);
  const file = join(folder, 'experiment.yaml');
  const auto = 'matrix: { gogc: [25, 100, 400], levels: auto }';
  const small = simulated(40)
    .replace('matrix: { gogc: [50, 100] }', auto)
    .replace('simulated: {}', 'simulated: { live: 20MiB }')
    .replace('warmup: 1s', 'warmup: 5s')
    .replace('200/s', '500/s');
  await writeFile(file, small);
  const results = join(folder, 'results');
  const running = start(['run', file, '--seed', '6'], results);
  const pilot = await running.after(3);
  process.kill(running.pid, 'SIGKILL');
  await running.ended;
  assert.match(pilot, /simulated-pilot-/);

  const again = start(['resume', pilot], results);
  const name = await waitFor(
    async () => (await readdir(results)).find((one) => one.startsWith('simulated-2')),
    again.ended,
  );
  const run = join(results, name);
  const some = async (): Promise<true | undefined> =>
    (await readdir(join(run, 'trials')).catch(() => [])).length > 10 ? true : undefined;
  await waitFor(some, again.ended);
  process.kill(again.pid, 'SIGKILL');
  await again.ended;
  const chosen = await matrixOf(run);
  assert.ok(chosen.gogc.length > 3, 'the pilot has added levels');
  const last = await gctune(['resume', run]);
  assert.equal(last.code, 0, last.stderr);
  assert.deepEqual(await matrixOf(run), chosen);
  assert.deepEqual(
    (await readdir(results)).filter((one) => one.includes('-pilot-')),
    [basename(pilot)],
    'no second pilot',
  );
});

async function matrixOf(run: string): Promise<{ readonly gogc: readonly unknown[] }> {
  const manifest = JSON.parse(await readFile(join(run, 'run.json'), 'utf8')) as {
    experiment: { matrix: { gogc: readonly unknown[] } };
  };
  return manifest.experiment.matrix;
}

async function waitFor<T>(look: () => Promise<T | undefined>, ended: Promise<Ended>): Promise<T> {
  let over = false;
  void ended.then(() => (over = true));
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (over) throw new Error(`gctune ended too soon: ${(await ended).stderr}`);
    await sleep(5);
  }
}
