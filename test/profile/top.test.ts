import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { percentage, topCells } from '../../src/profile/format-top.ts';
import { differenceOf, meanStacks, type StackSet } from '../../src/profile/stacks.ts';
import { topOf, type TopOptions } from '../../src/profile/top.ts';
import { buildHeapd, startHeapd } from '../probe/heapd.ts';
import { requirement } from '../requirements.ts';
import { fixture, stacksIn, wordsOf } from './kubo-profiles.ts';

/** As pprof writes values with -unit=B, or -unit=count. */
function table(set: StackSet, unit: 'B' | '', { count = 0, by = 'flat' }: Partial<TopOptions> = {}): string {
  const format = (value: number): string => (Math.trunc(value) === 0 ? '0' : `${Math.trunc(value)}${unit}`);
  return topCells(topOf(set, { count, by }), format)
    .map((cells) => Object.values(cells).join(' '))
    .join('\n');
}

describe('the recorded tables of go tool pprof, line by line', () => {
  const heap = fixture('kubo-heap.pb.gz');
  const before = fixture('kubo-heap-before.pb.gz');
  const difference = (type: string): StackSet => differenceOf(stacksIn(heap, type), stacksIn(before, type));
  const cases: readonly (readonly [file: string, made: () => string])[] = [
    ['heap-inuse_space.txt', () => table(stacksIn(heap, 'inuse_space'), 'B')],
    ['heap-alloc_space.txt', () => table(stacksIn(heap, 'alloc_space'), 'B')],
    ['heap-alloc_space-20.txt', () => table(stacksIn(heap, 'alloc_space'), 'B', { count: 20 })],
    ['heap-inuse_space-cum-20.txt', () => table(stacksIn(heap, 'inuse_space'), 'B', { count: 20, by: 'cum' })],
    ['heap-inuse_objects.txt', () => table(stacksIn(heap, 'inuse_objects'), '')],
    ['allocs-alloc_space.txt', () => table(stacksIn(fixture('kubo-allocs.pb.gz'), 'alloc_space'), 'B')],
    ['diff-alloc_space.txt', () => table(difference('alloc_space'), 'B')],
    ['diff-inuse_space-cum-20.txt', () => table(difference('inuse_space'), 'B', { count: 20, by: 'cum' })],
  ];
  for (const [file, made] of cases) test(file, () => assert.equal(made(), wordsOf(fixture(file).toString())));
});

test('go tool pprof agrees on profiles of a living heapd', requirement('go'), async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-pprof-'));
  try {
    await using heapd = await startHeapd(await buildHeapd(folder), [], { GOGC: '100' });
    const save = async (name: string, path: string): Promise<Buffer> => {
      const answer = await fetch(`http://127.0.0.1:${heapd.address.port}${path}`);
      assert.equal(answer.status, 200);
      const bytes = Buffer.from(await answer.arrayBuffer());
      await writeFile(join(folder, name), bytes);
      return bytes;
    };
    const work = async (): Promise<void> => {
      for (let i = 0; i < 40; i += 1) await heapd.get('/work?alloc=4MiB&size=64KiB');
    };
    await work();
    const first = await save('first', '/debug/pprof/heap?gc=1');
    // The difference spans a second: there must be work all along.
    const over = new AbortController();
    const delta = save('allocs', '/debug/pprof/allocs?seconds=1').finally(() => over.abort());
    while (!over.signal.aborted) await work();
    const allocs = await delta;
    const second = await save('second', '/debug/pprof/heap');
    const pprof = async (...args: readonly string[]): Promise<string> => {
      const { stdout } = await promisify(execFile)('go', ['tool', 'pprof', '-top', '-symbolize=none', ...args], {
        cwd: folder,
        env: { ...process.env, PPROF_TMPDIR: folder, GOTOOLCHAIN: 'local' },
      });
      return wordsOf(stdout);
    };
    for (const type of ['inuse_space', 'alloc_space']) {
      const of = (bytes: Uint8Array): StackSet => stacksIn(bytes, type);
      const flags = ['-unit=B', `-sample_index=${type}`];
      assert.equal(table(of(second), 'B'), await pprof(...flags, 'second'));
      assert.equal(
        table(of(second), 'B', { count: 5, by: 'cum' }),
        await pprof(...flags, '-cum', '-nodecount=5', 'second'),
      );
      assert.equal(
        table(differenceOf(of(second), of(first)), 'B'),
        await pprof(...flags, '-diff_base=first', 'second'),
      );
      const mean = meanStacks([of(first), of(second)]);
      assert.equal(table(mean, 'B'), await pprof(...flags, '-divide_by=2', 'first', 'second'));
    }
    assert.ok(topOf(stacksIn(allocs, 'alloc_space'), { count: 0, by: 'flat' }).lines.length > 1);
    assert.equal(
      table(stacksIn(allocs, 'alloc_space'), 'B'),
      await pprof('-unit=B', '-sample_index=alloc_space', 'allocs'),
    );
    assert.equal(
      table(stacksIn(second, 'alloc_objects'), ''),
      await pprof('-unit=count', '-sample_index=alloc_objects', 'second'),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** Stacks of named functions, root first; `~` before a name: inlined into the one before it. */
function setOf(stacks: readonly (readonly [stack: string, value: number])[]): StackSet {
  const names: string[] = [];
  const frame = (text: string): number => {
    const name = text.replace('~', '');
    if (!names.includes(name)) names.push(name);
    return names.indexOf(name) * 2 + (text.startsWith('~') ? 1 : 0);
  };
  const weighed = stacks.map(([stack, value]) => ({ frames: Uint32Array.from(stack.split(' ').map(frame)), value }));
  return { names, stacks: weighed, total: weighed.reduce((sum, { value }) => sum + Math.abs(value), 0) };
}

test('a function that calls itself counts once in the cumulative value', () => {
  const { lines } = topOf(
    setOf([
      ['main walk walk walk', 10],
      ['main walk', 5],
    ]),
    { count: 0, by: 'flat' },
  );
  assert.deepEqual(lines, [
    { name: 'walk', flat: 15, cum: 15, inlined: 'no' },
    { name: 'main', flat: 0, cum: 15, inlined: 'no' },
  ]);
});

test('a function is inlined wholly or partly, by all of its callers', () => {
  const { lines } = topOf(
    setOf([
      ['main ~a', 4],
      ['other a', 3],
      ['main ~b', 2],
    ]),
    { count: 0, by: 'flat' },
  );
  assert.deepEqual(
    lines.map(({ name, inlined }) => [name, inlined]),
    [
      ['a', 'partly'],
      ['b', 'yes'],
      ['main', 'no'],
      ['other', 'no'],
    ],
  );
});

test('what is below half a percent is left out and counted', () => {
  const { lines, dropped, cutoff, found } = topOf(
    setOf([
      ['main big', 9990],
      ['main small', 10],
    ]),
    { count: 1, by: 'flat' },
  );
  assert.deepEqual([lines.length, dropped, cutoff, found], [1, 1, 50, 2]);
});

test('what a base has and the other has not is negative', () => {
  const { lines, total } = topOf(differenceOf(setOf([['main a', 10]]), setOf([['main b', 40]])), {
    count: 0,
    by: 'flat',
  });
  assert.equal(total, 40);
  assert.deepEqual(
    lines.map(({ name, flat, cum }) => [name, flat, cum]),
    [
      ['b', -40, -40],
      ['a', 10, 10],
      ['main', 0, -30],
    ],
  );
});

test('an empty profile gives an empty table', () => {
  assert.deepEqual(topOf(setOf([]), { count: 20, by: 'flat' }).lines, []);
});

test('percentages are written as by C', () => {
  const of = (percent: number): string => percentage(percent / 100, 1);
  assert.deepEqual([0, 100, 99.96, 12.345, 1, 0.999, 0.53, 0.0053, 0.00001, 123.4].map(of), [
    '0%',
    '100%',
    '100%',
    '12.35%',
    '1.00%',
    '1%',
    '0.53%',
    '0.0053%',
    '1e-05%',
    '123.40%',
  ]);
});
