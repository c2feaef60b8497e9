import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import { program } from '../../src/program.ts';
import { textWidth } from '../../src/text/text-width.ts';
import type { Assertion } from '../../src/experiment/assert/assertion.ts';
import { parseAssertions } from '../../src/experiment/assert/parse-assertions.ts';
import { scopeOf } from '../../src/experiment/assert/read-assertion.ts';
import { renderReport } from '../../src/report/formats.ts';
import { syntheticRun, type SyntheticOptions } from '../fixtures/analysis/synthetic-run.ts';
import { fakeIo, type FakeIo } from './fake-io.ts';
import { matchesGolden } from '../golden.ts';

const LIST = `assert:
  - { metric: memory.anon, cell: gogc=50, max: 60MiB }
  - { metric: memory.anon, cell: gogc=200, against: baseline, max: +5% }
  - { metric: cpu.per_request, against: baseline, max: +16%, min: -20% }
  - { metric: gc.cpu_window, cell: gogc=50, max: 1%, level: warn }
  - { metric: latency.p99, max: 1s, level: off }
`;
const KEPT = 'assert: [{ metric: memory.anon, cell: gogc=50, max: 1GiB }]\n';
const RUNS: Readonly<Record<string, readonly [SyntheticOptions, list?: string]>> = {
  broken: [{ name: 'night', gogc: [50, 100, 200], blocks: 8, noise: 0.02 }, LIST],
  kept: [{ name: 'kept', gogc: [50, 100], blocks: 8, noise: 0.02 }, KEPT],
  few: [{ name: 'few', gogc: [50, 100], blocks: 3 }, KEPT],
  plain: [{ name: 'plain', gogc: [50, 100], blocks: 8, noise: 0.02 }],
};

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gctune-cli-'));
  for (const [name, [options, list]] of Object.entries(RUNS)) {
    const run = syntheticRun(options);
    const { experiment } = run.manifest;
    const asserted = list === undefined ? {} : { assert: listOf(list, scopeOf(experiment)) };
    const manifest = { ...run.manifest, experiment: { ...experiment, ...asserted } };
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'run.json'), JSON.stringify(manifest));
    const analysis = await analyse({ manifest, trials: run.trials() });
    await writeFile(join(folder, name, 'analysis.json'), await renderReport(analysis, 'json'));
  }
  await writeFile(join(folder, 'limits.yaml'), LIST);
});
after(() => rm(folder, { recursive: true, force: true }));

function listOf(text: string, scope: ReturnType<typeof scopeOf>): readonly Assertion[] {
  const parsed = parseAssertions(text, 'f.yaml', scope);
  assert.ok('assertions' in parsed, JSON.stringify(parsed));
  return parsed.assertions;
}

async function run(...argv: readonly string[]): Promise<FakeIo & { code: number }> {
  const io = fakeIo({ cwd: folder });
  return Object.assign(io, { code: await program(argv, io) });
}

test('what failed stands first, with its interval, and ends with 6', async () => {
  const { code, written } = await run('assert', 'broken', '--verbose');
  assert.equal(written.stderr, '');
  assert.equal(code, 6);
  matchesGolden('cli/assert.txt', written.stdout);
  for (const line of written.stdout.split('\n')) assert.ok(textWidth(line) <= 80, line);
});

test('Markdown is a table for a job’s summary', async () => {
  const { code, written } = await run('assert', 'broken', '--format', 'md');
  assert.equal(code, 6);
  matchesGolden('cli/assert.md', written.stdout);
});

test('every format has what failed, and --format json is --json', async () => {
  for (const format of ['html', 'junit']) {
    const { code, written } = await run('assert', 'broken', '--format', format);
    assert.equal(code, 6);
    assert.match(written.stdout, /failed[^]*memory\.anon max \+5%/, format);
  }
  const [json, flag] = [await run('assert', 'broken', '--format', 'json'), await run('assert', 'broken', '--json')];
  assert.equal(json.written.stdout, flag.written.stdout);
});

test('--json is one document that has every key and the severity of each result', async () => {
  const { code, written } = await run('assert', 'broken', '--json');
  assert.equal(code, 6);
  const document = JSON.parse(written.stdout) as {
    formatVersion: number;
    holds: boolean;
    off: number;
    results: readonly { assertion: object; state: string; severity: string }[];
  };
  assert.deepEqual([document.formatVersion, document.holds, document.off], [1, false, 1]);
  for (const result of document.results) {
    assert.deepEqual(Object.keys(result.assertion), ['metric', 'cell', 'kind', 'min', 'max', 'level']);
    assert.equal(Object.keys(result).length, 9, Object.keys(result).join());
  }
  assert.ok(document.results.some(({ state, severity }) => state === 'failed' && severity === 'error'));
});

test('what is kept ends with 0; what is undecided does too, unless --strict', async () => {
  assert.equal((await run('assert', 'kept')).code, 0);
  assert.equal((await run('assert', 'kept', '--strict')).code, 0);
  const undecided = await run('assert', 'few', '--verbose');
  assert.equal(undecided.code, 0);
  assert.match(
    undecided.written.stdout,
    /undecided: cell steady: GOGC=50; [^]*interval\s+not\s+attainable\s+with\s+n\s+=\s+3,\s+needs\s+6/,
  );
  const strict = await run('assert', 'few', '--strict', '--verbose');
  assert.equal(strict.code, 6);
  assert.match(strict.written.stdout, /^- undecided \(error\): /m);
});

test('--that and --file stand in the place of what the experiment asserts', async () => {
  const kept = await run('assert', 'broken', '--that', 'memory.anon[gogc=50] <= 1GiB', '--that', 'gc.cycles >= 5');
  assert.equal(kept.code, 0, kept.written.stdout);
  assert.match(kept.written.stdout, /^4 assertions: 4 passed\.$/m);
  const change = await run('assert', 'plain', '--that', 'memory.anon <= -1%', '--verbose');
  assert.equal(change.code, 0);
  assert.match(
    change.written.stdout,
    /^- passed: cell steady: GOGC=50; asserted memory\.anon max -1% against the\s+baseline;/m,
  );
  const [file, own] = [await run('assert', 'broken', '--file', 'limits.yaml'), await run('assert', 'broken')];
  assert.equal(file.written.stdout, own.written.stdout);
  const both = await run('assert', 'broken', '--file', 'limits.yaml', '--that', 'gc.cycles[gogc=50] >= 5');
  assert.match(both.written.stdout, /memory\.anon max 60MiB[^]*gc\.cycles min 5/);
});

test('what the flags say is checked against the run, every problem at once', async () => {
  const bad = ['memory.anno <= 1MiB', 'memory.anon[gogc=75] <= 1s', 'nothing', 'memory.anon <= 5%'];
  const { code, written } = await run('assert', 'plain', ...bad.flatMap((that) => ['--that', that]));
  assert.equal(code, 2);
  assert.equal(written.stdout, '');
  assert.deepEqual(written.stderr.trimEnd().split('\n'), [
    '--that: "memory.anno" is not a known metric [unknown-metric]',
    '  did you mean memory.anon?',
    '--that: "1s" is a duration, and memory.anon is a size [bad-bound]',
    '  write a size such as 40MiB',
    '--that: there is no cell with "gogc=75" [no-such-cell]',
    '  matrix.gogc has 50, 100',
    '--that: "nothing" is not a valid assertion [bad-value]',
    '  write e.g. "memory.anon[gogc=50] <= 40MiB" or "cpu.used <= +5%"',
    '--that: memory.anon is measured in bytes: "5%" does not fit [bad-bound]',
    '  write a size such as 40MiB; for a change, add against: baseline (in --that: put a sign before it)',
  ]);
});

test('a file is refused with the place in it', async () => {
  const refused = async (text: string): Promise<string> => {
    await writeFile(join(folder, 'bad.yaml'), text);
    const { code, written } = await run('assert', 'plain', '--file', 'bad.yaml');
    assert.equal(code, 2);
    return written.stderr;
  };
  assert.match(
    await refused('# limits\nassert:\n  - { metric: memory.anon, cell: gogc=75, max: 1MiB }\n'),
    /^bad\.yaml:3:34: assert\[0\]\.cell: there is no cell with "gogc=75" \[no-such-cell\]/,
  );
  assert.match(
    await refused('asserts: []\n'),
    /^bad\.yaml:1:1: the key "assert" is missing[^]*write assert instead of asserts/,
  );
  assert.match(
    await refused('assert: [{ metric: memory.anon, mx: 1MiB }]\n'),
    /assert\[0\]\.mx: unknown key[^]*did you mean max\?/,
  );
});

test('a run whose experiment asserts nothing says how to', async () => {
  const { code, written } = await run('assert', 'plain');
  assert.equal(code, 2);
  assert.match(written.stderr, /the experiment of plain asserts nothing[^]*--that/);
});

test('every format of the report has the assertions, and none where there are none', async () => {
  for (const format of ['md', 'text', 'csv', 'json', 'html']) {
    const broken = await run('report', 'broken', '--format', format);
    assert.equal(broken.code, 0);
    assert.match(broken.written.stdout.replace(/\s+/g, ' '), /memory\.anon max 60MiB|"written":"60MiB"/, format);
    assert.match(broken.written.stdout, /undecided/, format);
    const plain = await run('report', 'plain', '--format', format);
    // The page's script knows the word, whatever the run has.
    assert.doesNotMatch(plain.written.stdout.replace(/<script>[^]*?<\/script>/g, ''), /assertion/i, format);
  }
});

test('without --verbose the answer fits on a screen, with what would decide it', async () => {
  const { code, written } = await run('assert', 'broken');
  assert.equal(code, 6);
  assert.match(written.stdout, /^6 assertions: 2 failed, .*\n\ncell +asserted +result +found\n\* steady: GOGC=200 /);
  assert.match(written.stdout, /\nTo decide: gctune run <experiment file> --blocks 124\nNext: gctune report broken\n$/);
  const few = await run('assert', 'few');
  assert.match(few.written.stdout, /^warning: interval not attainable with n = 3, needs 6$/m);
  const [whole, text] = [await run('assert', 'broken', '-v'), await run('assert', 'broken', '--format', 'text')];
  assert.equal(whole.written.stdout, text.written.stdout);
});
