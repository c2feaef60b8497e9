import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gctune, leftovers, root, scratch } from './gctune.ts';

const heapd = join(root, 'experiments/targets/heapd');
const good = `name: bad-input
target:
  package: ${heapd}
  args: [--listen, "{host}:{port}"]
  port: auto
  ready: { http: /healthz, within: 20s }
runner: process
matrix:
  gogc: [50, 100]
workloads:
  steady: { http: { path: /work, rate: 100/s } }
phases: { warmup: 1s, measure: 2s }
blocks: 6
`;

/** name → [the file, what the message must say]. The place is always `file:line:col`. */
const cases: Readonly<Record<string, readonly [text: string, ...says: RegExp[]]>> = {
  'an empty file': ['', /empty/],
  'what is not YAML': ['name: [unclosed\nmatrix: }', /bad\.yaml:\d+:\d+/],
  'an unknown key, with the nearest known one': [
    good.replace('blocks:', 'bloks:'),
    /bad\.yaml:13:1/,
    /bloks/,
    /blocks/,
  ],
  'GOGC ten': [good.replace('[50, 100]', '[ten, 100]'), /bad\.yaml:9:10/, /ten/, /100/],
  'GOGC -5': [good.replace('[50, 100]', '[-5, 100]'), /bad\.yaml:9:10/, /-5/],
  'GOGC 1e2': [good.replace('[50, 100]', '[1e2, 50]'), /bad\.yaml:9:10/, /1e2/],
  'GOGC OFF': [good.replace('[50, 100]', '[OFF, 100]'), /bad\.yaml:9:10/, /OFF/, /off/],
  'GOMEMLIMIT 64MB': [
    good.replace('gogc: [50, 100]', 'gogc: [50, 100]\n  gomemlimit: [64MB]'),
    /bad\.yaml:10:16/,
    /64MB/,
    /MiB/,
  ],
  'a duration of zero': [good.replace('measure: 2s', 'measure: 0s'), /bad\.yaml:12:/, /0s/],
  'a negative duration': [good.replace('measure: 2s', 'measure: -2s'), /bad\.yaml:12:/, /-2s/],
  'a rate of zero': [good.replace('100/s', '0/s'), /bad\.yaml:11:/, /0\/s/],
  'a negative rate': [good.replace('100/s', '-5/s'), /bad\.yaml:11:/, /-5\/s/],
  'a baseline that is no cell': [good.replace('blocks:', 'baseline: { gogc: 75 }\nblocks:'), /bad\.yaml:13:/, /75/],
  'an empty axis': [good.replace('[50, 100]', '[]'), /bad\.yaml:9:9/, /gogc/],
  'a level twice': [good.replace('[50, 100]', '[50, 100, 50]'), /bad\.yaml:9:/, /50/],
  'a workload name twice': [good.replace('phases:', '  steady: { idle: {} }\nphases:'), /bad\.yaml:12:/, /steady/],
};

for (const [name, [text, ...says]] of Object.entries(cases)) {
  test(`run refuses ${name} with exit 2 and its place, and leaves nothing`, async (t) => {
    const folder = await scratch(t);
    const file = join(folder, 'bad.yaml');
    await writeFile(file, text);
    const ended = await gctune(['run', file, '--output', join(folder, 'results')]);
    assert.equal(ended.code, 2, ended.stderr);
    assert.equal(ended.stdout, '');
    for (const pattern of says) assert.match(ended.stderr, pattern);
    assert.doesNotMatch(ended.stderr, /\n\s+at /, 'no stack for a mistake of the user');
    assert.deepEqual(await leftovers(), []);
    const validated = await gctune(['validate', file]);
    assert.equal(validated.code, 2);
    for (const pattern of says) assert.match(validated.stdout + validated.stderr, pattern);
  });
}

test('every problem of a file is reported at once', async (t) => {
  const folder = await scratch(t);
  const file = join(folder, 'bad.yaml');
  await writeFile(
    file,
    good.replace('[50, 100]', '[ten, -5]').replace('0/s', '00/s').replace('blocks: 6', 'blocks: 0'),
  );
  const ended = await gctune(['validate', file]);
  assert.equal(ended.code, 2);
  for (const pattern of [/9:10/, /9:15/, /13:9/]) assert.match(ended.stdout + ended.stderr, pattern);
});

test('a file that does not exist is named', async (t) => {
  const folder = await scratch(t);
  const ended = await gctune(['run', join(folder, 'absent.yaml')]);
  assert.equal(ended.code, 2);
  assert.match(ended.stderr, /absent\.yaml/);
});
