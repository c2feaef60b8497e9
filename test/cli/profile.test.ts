import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { Outcome, TrialRecord } from '../../src/results/format.ts';
import { createRun } from '../../src/results/run-writer.ts';
import { gctune, scratch, type Ended } from '../e2e/gctune.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';
import { FOLDER, fixture, wordsOf } from '../profile/kubo-profiles.ts';

const heap = join(FOLDER, 'kubo-heap.pb.gz');
const before = join(FOLDER, 'kubo-heap-before.pb.gz');

/** The tables, without their heads and with one space between what they say. */
function tablesIn({ code, stdout, stderr }: Ended): readonly string[] {
  assert.equal(code, 0, stderr);
  return stdout.split('\n\n').flatMap((part) => wordsOf(part) || []);
}

/** The text with the facts at its beginning on one line each, however they are wrapped. */
function unwrapped(text: string): string {
  const end = text.search(/\n\n|$/);
  return text.slice(0, end).replace(/\n {3,}/g, ' ') + text.slice(end);
}

describe('files', () => {
  test('where every function is below what is shown, that is said', async (t) => {
    const folder = await scratch(t);
    const lines = Array.from({ length: 500 }, (_, i) => `1 @ 0x1\n#\t0x1\tmain.f${i}+0x1\t/x.go:1\n`);
    await writeFile(join(folder, 'g.txt'), `goroutine profile: total 500\n${lines.join('')}`);
    const { stdout } = await gctune(['profile', join(folder, 'g.txt')]);
    assert.match(stdout, /Each of the 500 functions has less than 2 of 500\./);
  });

  test('--unit B prints the lines of go tool pprof -top -unit=B', async () => {
    const flat = await gctune(['profile', heap, '--top', '0', '--unit', 'B']);
    assert.equal(tablesIn(flat)[0], wordsOf(fixture('heap-inuse_space.txt').toString()));
    const twenty = await gctune(['profile', heap, '--unit', 'B']);
    assert.equal(tablesIn(twenty)[1], wordsOf(fixture('heap-inuse_space-cum-20.txt').toString()));
  });

  test('--diff prints those of -diff_base', async () => {
    const args = ['--diff', before, '--unit', 'B'];
    const alloc = await gctune(['profile', heap, '--type', 'alloc_space', '--top', '0', ...args]);
    assert.equal(tablesIn(alloc)[0], wordsOf(fixture('diff-alloc_space.txt').toString()));
    const inuse = await gctune(['profile', heap, ...args]);
    assert.equal(tablesIn(inuse)[1], wordsOf(fixture('diff-inuse_space-cum-20.txt').toString()));
  });

  test('MiB without --unit, and what is shown of what', async () => {
    const { stdout } = await gctune(['profile', heap, '--top', '1']);
    assert.match(
      unwrapped(stdout),
      /kubo-heap\.pb\.gz: inuse_space, a snapshot\nprecision +one sample represents 512 KiB, so the total has a standard error of ±2\.63 MiB\ntotal +13\.87 MiB\. The functions shown \(1 of 94\) account for 28\.84%\./,
    );
    assert.match(stdout, /\n4\.00 MiB +28\.84% +28\.84% +4\.00 MiB +28\.84% +github\.com\/syndtr/);
  });

  test('names of functions are code in Markdown and on a page, and the JSON is the same however it is asked for', async () => {
    const printed = async (...args: readonly string[]) =>
      (await gctune(['profile', heap, '--top', '1', ...args])).stdout;
    assert.match(await printed('--format', 'md'), /\n\| 4\.00 MiB \| 28\.84% \|.*\| `github\.com\/syndtr/);
    assert.match(await printed('--format', 'html'), /<td><code>github\.com\/syndtr/);
    assert.equal(await printed('--format', 'json'), await printed('--json'));
  });

  test('refuses what it cannot read, with the reason', async (t) => {
    const folder = await scratch(t);
    const bad = join(folder, 'cut.pb.gz');
    await writeFile(bad, fixture('kubo-heap.pb.gz').subarray(0, 4000));
    const cases: readonly (readonly [args: readonly string[], code: number, words: RegExp])[] = [
      [[bad], 7, /gzip stream is cut short after 4000 bytes \[not-a-profile\]/],
      [[join(folder, 'none')], 2, /there is no file .*none/],
      [
        ['localhost:6060/x'],
        2,
        /there is no file localhost:6060\/x (.|\n)*gctune profile http:\/\/localhost:6060\/x\n/,
      ],
      [['http://a b/'], 2, /the address is not an http\(s\) URL/],
      [[heap, '--type', 'cpu'], 2, /has no samples of the type cpu(.|\n)*it has alloc_objects, alloc_space/],
      [[heap, '--cell', 'gogc=10'], 2, /--cell is for runs/],
      [[heap, '--diff', folder], 2, /is a folder/],
      [[folder], 7, /is not a run of gctune/],
    ];
    for (const [args, code, words] of cases) {
      const ended = await gctune(['profile', ...args]);
      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stderr, words);
      assert.equal(ended.stdout, '');
    }
  });
});

/** What every trial's record has. */
const ENDED = {
  formatVersion: 1,
  position: 1,
  attempt: 1,
  startedAt: '2026-01-01T00:00:00Z',
  startUnixSeconds: 0,
  phases: [],
  probes: [],
  effective: {},
  warnings: [],
} as const;

/** A run of two workloads, in which two trials of every cell kept a heap profile and some kept what was allocated. */
async function profiledRun(t: TestContext): Promise<string> {
  const { manifest } = syntheticRun({ blocks: 3, gogc: [10, 100], workloads: { add: 'http', churn: 'http' } });
  const run = await createRun(await scratch(t), manifest, '');
  const write = async (
    id: string,
    of: Pick<TrialRecord, 'block' | 'cell' | 'purpose'>,
    files: Readonly<Partial<Record<'heap' | 'allocs', string>>>,
    outcome: Outcome = { kind: 'completed' },
  ): Promise<void> => {
    const writer = await run.beginTrial(id, 1);
    for (const kind of ['heap', 'allocs'] as const)
      if (files[kind] !== undefined) await writer.profile(kind, fixture(files[kind]));
    await writer.finish({ ...ENDED, id, ...of, outcome });
  };
  for (const planned of manifest.plan.trials) {
    const { id, block, cell } = planned;
    if (block === 3)
      await write(id, { block, cell }, { heap: 'kubo-heap.pb.gz' }, { kind: 'aborted', phase: 'measure' });
    else
      await write(
        id,
        { block, cell },
        { heap: block === 1 || cell === 'gogc=10 workload=churn' ? 'kubo-heap.pb.gz' : 'kubo-heap-before.pb.gz' },
      );
  }
  for (const [i, cell] of ['gogc=10 workload=add', 'gogc=100 workload=add'].entries())
    await write(
      `004-0${i}-profile`,
      { block: 4, cell, purpose: 'profile' },
      { allocs: 'kubo-allocs.pb.gz', heap: 'kubo-heap.pb.gz' },
    );
  await run[Symbol.asyncDispose]();
  return run.folder;
}

test('runs', async (t) => {
  const run = await profiledRun(t);
  const shown = async (...args: readonly string[]): Promise<string> => {
    const ended = await gctune(['profile', run, ...args]);
    assert.equal(ended.code, 0, ended.stderr);
    return unwrapped(ended.stdout);
  };

  await t.test('a cell is the mean of its trials that count, which are named', async () => {
    const text = await shown('--cell', 'gogc=10', '--workload', 'add');
    assert.match(
      text,
      /^profile +gogc=10 workload=add: inuse_space, as the last garbage collection left it after the window; mean of 2 trials \(001-\S+-gogc-10-workload-add, 002-\S+-gogc-10-workload-add\)\n/,
    );
    const document = JSON.parse(await shown('--cell', 'gogc=10 workload=add', '--json', '--top', '3')) as {
      type: string;
      unit: string;
      total: number;
      flat: readonly { name: string; flat: number; cum: number; inlined: string }[];
      cum: readonly unknown[];
      profile: { trials: readonly string[] };
    };
    const totals = await Promise.all(
      [heap, before].map(
        async (file) => (JSON.parse((await gctune(['profile', file, '--json'])).stdout) as { total: number }).total,
      ),
    );
    assert.equal(document.total, totals.reduce((sum, one) => sum + one, 0) / 2);
    assert.deepEqual(
      [document.type, document.unit, document.flat.length, document.cum.length, document.profile.trials.length],
      ['inuse_space', 'bytes', 3, 3, 2],
    );
  });

  await t.test('what is allocated comes from the trials that profiled the window', async () => {
    const text = await shown('--workload', 'add', '--type', 'alloc_space', '--top', '0', '--unit', 'B');
    assert.match(
      text,
      /^profile +gogc=100 workload=add: alloc_space, allocated during the window \(3 s\); trial 004-01-profile\n/,
    );
    assert.ok(
      text
        .split('\n\n')
        .map(wordsOf)
        .includes(wordsOf(fixture('allocs-alloc_space.txt').toString())),
    );
  });

  await t.test('without such trials it is since the start, and that is said', async () => {
    const text = await shown('--workload', 'churn', '--type', 'alloc_space');
    assert.match(text, /allocated since the process started: no trial profiled the window alone; mean of 2 trials/);
  });

  await t.test('cells of one workload are compared', async () => {
    const text = await shown('--workload', 'churn', '--cell', 'gogc=10', '--diff', 'gogc=100');
    assert.match(
      text,
      /^profile +gogc=10 workload=churn: .*\nless +gogc=100 workload=churn: .*\nprecision +one sample .* the difference of the totals has a standard error of ±2\.53 MiB\ntotal +13\.87 MiB, there 11\.64 MiB: positive means more than there/,
    );
  });

  await t.test('equal cells do not differ', async () => {
    const text = await shown('--workload', 'add', '--cell', 'gogc=10', '--diff', 'gogc=100');
    assert.match(text, /\nThe two profiles do not differ\.\n$/);
  });

  await t.test('a cell that is not there or not alone is refused with what there is', async () => {
    const cases: readonly (readonly [args: readonly string[], words: RegExp])[] = [
      [
        ['--cell', 'gogc=11', '--workload', 'add'],
        /no cell gogc=11(.|\n)*it has gogc=10 workload=add; gogc=100 workload=add/,
      ],
      [[], /the baseline matches 2 cells(.|\n)*choose one with --workload: add, churn/],
      [['--workload', 'x'], /no workload x(.|\n)*it has add, churn/],
      [['--cell', 'gogc=100 workload=add (A/A)', '--type', 'cpu'], /has no samples of the type cpu/],
    ];
    for (const [args, words] of cases) {
      const ended = await gctune(['profile', run, ...args]);
      assert.equal(ended.code, 2, ended.stdout);
      assert.match(ended.stderr, words);
    }
  });
});

test('a run without profiles says how to get them, one without trials that they are elsewhere', async (t) => {
  const { manifest } = syntheticRun({ blocks: 1 });
  const run = await createRun(await scratch(t), manifest, '');
  const published = await gctune(['profile', run.folder]);
  assert.match(published.stderr, /: the folder of the run has no trials, so no profiles of gogc=100 \[no-trials\]/);
  const writer = await run.beginTrial('001-01-gogc-100', 1);
  await writer.finish({ ...ENDED, id: '001-01-gogc-100', block: 1, cell: 'gogc=100', outcome: { kind: 'completed' } });
  await run[Symbol.asyncDispose]();
  const ended = await gctune(['profile', run.folder]);
  assert.equal(ended.code, 2);
  assert.match(ended.stderr, /the run kept no profiles of gogc=100(.|\n)*profiles: \{ heap: true, allocs: true \}/);
});
