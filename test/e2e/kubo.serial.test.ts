import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Analysis, CellAnalysis } from '../../src/analysis/analysis.ts';
import { requirement } from '../requirements.ts';
import { type Ended, gctune, leftovers, root, scratch } from './gctune.ts';

/** What came of an experiment that was run to its end. */
interface Outcome {
  readonly ended: Ended;
  readonly analysis: Analysis;
  readonly run: string;
}

/** Runs one of the experiments, changed so that it takes a block and does not mind a busy machine. */
async function ran(t: TestContext, name: string, changes: readonly (readonly [string, string])[]): Promise<Outcome> {
  const folder = await scratch(t);
  let text = await readFile(join(root, 'experiments', name), 'utf8');
  for (const [from, to] of [['validity: { ', 'validity: { lateness: 1s, achieved_rate: 80%, '], ...changes] as const) {
    assert.ok(text.includes(from), `${name} has ${from}`);
    text = text.replace(from, to);
  }
  const file = join(folder, name);
  await writeFile(file, text);
  const ended = await gctune(['run', file, '--blocks', '1', '--output', join(folder, 'results')]);
  const [run = ''] = await readdir(join(folder, 'results')).catch(() => []);
  assert.notEqual(run, '', ended.stderr);
  const analysis = JSON.parse(await readFile(join(folder, 'results', run, 'analysis.json'), 'utf8')) as Analysis;
  assert.deepEqual(await leftovers(), []);
  return { ended, analysis, run: join(folder, 'results', run) };
}

function cellsOf({ analysis }: Outcome, workload = 0): ReadonlyMap<string, CellAnalysis> {
  return new Map((analysis.workloads[workload]?.cells ?? []).map((cell) => [cell.label, cell]));
}

function value(cell: CellAnalysis | undefined, metric: 'memory.anon' | 'gc.cpu_share'): number {
  const estimate = cell?.estimates[metric];
  assert.ok(estimate !== undefined, `${cell?.label ?? 'a missing cell'} has ${metric}: ${cell?.shortfall ?? ''}`);
  return estimate.value;
}

/** Counts containers of ours that have ended and are not removed, until disposed. */
function endedContainers(): { most(): number } & Disposable {
  let most = 0;
  const args = ['ps', '-aq', '--filter', 'status=exited', '--filter', 'label=gctune.run'];
  const timer = setInterval(() => {
    execFile('docker', args, (_error, ids) => {
      most = Math.max(most, ids.split('\n').filter((id) => id !== '').length);
    });
  }, 200);
  return { most: () => most, [Symbol.dispose]: () => clearInterval(timer) };
}

test(
  'kubo from the module proxy in containers: GOGC=10 saves memory and costs GC CPU',
  requirement('go', 'docker'),
  async (t) => {
    const outcome = await ran(t, 'kubo-quick.yaml', [['gctrace: true }', 'gctrace: true }\nprofiles: { heap: true }']]);
    assert.ok([0, 4].includes(outcome.ended.code ?? -1), outcome.ended.stderr);
    const cells = cellsOf(outcome);
    assert.ok(value(cells.get('GOGC=10'), 'memory.anon') < value(cells.get('GOGC=100'), 'memory.anon'));
    assert.ok(value(cells.get('GOGC=10'), 'gc.cpu_share') > value(cells.get('GOGC=100'), 'gc.cpu_share'));
    const profile = await gctune(['profile', outcome.run, '--cell', 'gogc=10', '--top', '5']);
    assert.equal(profile.code, 0, profile.stderr);
    const explained = await gctune(['explain', outcome.run]);
    assert.equal(explained.code, 0, explained.stderr);
  },
);

test(
  'peers that come and go allocate in AddAddrs, on a heap that a preload has filled',
  requirement('go', 'docker'),
  async (t) => {
    const outcome = await ran(t, 'kubo-seed.yaml', [
      ['gogc: [10, 25, 50, 100, 200]', 'gogc: [100]'],
      ['workload: [add, churn]', 'workload: [churn]'],
      // More addresses than in the experiment: a profile is a sample, and four seconds are short.
      ['connect: { addresses: 8 }', 'connect: { addresses: 60, transport: udp }'],
      ['rate: 250/s', 'rate: 200/s'],
      ['drift: 25%', 'drift: 100%'],
      ['measure: 15s', 'measure: 4s'],
    ]);
    assert.ok([0, 4].includes(outcome.ended.code ?? -1), outcome.ended.stderr);
    const records = await readdir(join(outcome.run, 'trials'));
    assert.equal(records.filter((name) => name.startsWith('profile-')).length, 1);
    const record = JSON.parse(
      await readFile(
        join(outcome.run, 'trials', records.find((name) => name.startsWith('001-')) ?? '', 'trial.json'),
        'utf8',
      ),
    ) as { readonly preload?: { readonly requests: number; readonly heapAllocBytes?: number } };
    assert.equal(record.preload?.requests, 4000);
    assert.ok((record.preload?.heapAllocBytes ?? 0) > 50 * 2 ** 20, JSON.stringify(record.preload));
    const profile = await gctune([
      'profile',
      outcome.run,
      '--cell',
      'gogc=100',
      '--type',
      'alloc_space',
      '--top',
      '500',
    ]);
    assert.match(profile.stdout, /AddAddrs/i);
  },
);

test('two nodes exchange blocks on a network of their own', requirement('go', 'docker'), async (t) => {
  using ended = endedContainers();
  const outcome = await ran(t, 'kubo-exchange.yaml', [
    ['gogc: [10, 50, 100]', 'gogc: [50, 100]'],
    ['measure: 8s', 'measure: 3s'],
  ]);
  assert.ok([0, 4].includes(outcome.ended.code ?? -1), outcome.ended.stderr);
  const [cell] = cellsOf(outcome).values();
  assert.ok((cell?.valid ?? 0) > 0, `${cell?.shortfall ?? ''} ${outcome.ended.stdout}`);
  // One may be seen while it is removed; those of a trial before must be gone.
  assert.ok(ended.most() <= 1, `${ended.most()} ended containers stood about at once`);
});

test('a node that runs out of memory is an outcome of its cell', requirement('go', 'docker'), async (t) => {
  const outcome = await ran(t, 'kubo-memlimit.yaml', [
    ["gogc: [100, 'off']", "gogc: ['off']"],
    ["gomemlimit: ['off', 128MiB, 72MiB]", "gomemlimit: ['off', 100MiB]"],
    ["baseline: { gogc: 100, gomemlimit: 'off' }", "baseline: { gogc: 'off', gomemlimit: 100MiB }"],
    ['measure: 8s', 'measure: 3s'],
  ]);
  const lost = cellsOf(outcome).get('GOGC=off GOMEMLIMIT=off');
  assert.deepEqual(lost?.outcomes, { 'oom-killed': 1 });
  assert.equal(lost?.shortfall, '1 of 1 trial was OOM-killed (limit 256 MiB)');
  const html = await readFile(join(outcome.run, 'report.html'), 'utf8');
  assert.match(html, /1 of 1 trial was OOM-killed \(limit 256 MiB\)/);
});

test('nothing of kubo is left', requirement('docker'), async () => {
  assert.deepEqual(await leftovers(), []);
  assert.equal(execFileSync('docker', ['volume', 'ls', '-q'], { encoding: 'utf8' }), '');
});
