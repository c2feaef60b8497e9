import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { analyse } from '../../src/analysis/analyse.ts';
import type { RunComparison } from '../../src/analysis/compare/run-comparison.ts';
import { program } from '../../src/program.ts';
import { textWidth } from '../../src/text/text-width.ts';
import { renderReport } from '../../src/report/formats.ts';
import type { RunManifest } from '../../src/results/format.ts';
import { SMALL_SERVICE } from '../fixtures/analysis/heap-model.ts';
import { syntheticRun, type SyntheticOptions } from '../fixtures/analysis/synthetic-run.ts';
import { fakeIo, type FakeIo } from './fake-io.ts';
import { matchesGolden } from '../golden.ts';

const KUBO = fileURLToPath(new URL('../../test/fixtures/kubo-0.42.0', import.meta.url));
const SHAPE: SyntheticOptions = { gogc: [50, 100, 200], blocks: 10, noise: 0.01 };
const dearer = (): typeof SMALL_SERVICE => ({ ...SMALL_SERVICE, requestSeconds: SMALL_SERVICE.requestSeconds * 1.1 });
const RUNS: Readonly<Record<string, readonly [SyntheticOptions, ((manifest: RunManifest) => RunManifest)?]>> = {
  base: [{ ...SHAPE, name: 'night', seed: 1 }],
  worse: [{ ...SHAPE, name: 'night', seed: 2, model: dearer }],
  few: [{ ...SHAPE, name: 'short', seed: 3, blocks: 3 }],
  fewer: [{ ...SHAPE, name: 'short', seed: 4, blocks: 3 }],
  foreign: [
    { ...SHAPE, name: 'other', seed: 4 },
    (manifest) => ({
      ...manifest,
      gomaxprocs: 64,
      environment: { ...manifest.environment, kernel: '9.9-\u001b[31mred' },
    }),
  ],
};

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gctune-cli-'));
  for (const [name, [options, change]] of Object.entries(RUNS)) {
    const run = syntheticRun(options);
    const manifest = change?.(run.manifest) ?? run.manifest;
    await mkdir(join(folder, 'results', name), { recursive: true });
    await writeFile(join(folder, 'results', name, 'run.json'), JSON.stringify(manifest));
    const analysis = await analyse({ manifest, trials: run.trials() });
    await writeFile(join(folder, 'results', name, 'analysis.json'), await renderReport(analysis, 'json'));
  }
});
after(() => rm(folder, { recursive: true, force: true }));

async function compare(...argv: readonly string[]): Promise<FakeIo & { code: number }> {
  const io = fakeIo({ cwd: folder, env: { LANG: 'C.UTF-8' }, terminal: { columns: 100, rows: 40 } });
  return Object.assign(io, { code: await program(['compare', ...argv, '--verbose'], io) });
}

test('what became worse stands first, and every table has intervals and p', async () => {
  const { code, written } = await compare('results/base', 'results/worse');
  assert.equal(code, 0, written.stderr);
  matchesGolden('cli/compare.txt', written.stdout);
  for (const line of written.stdout.split('\n')) assert.ok(textWidth(line) <= 100, line);
});

test('--fail-on regression ends with 6 where a primary metric is worse, else with 0', async () => {
  assert.equal((await compare('results/base', 'results/worse', '--fail-on', 'regression')).code, 6);
  assert.equal((await compare('results/worse', 'results/base', '--fail-on', 'regression')).code, 0);
  assert.equal((await compare('results/base', 'results/worse', '--fail-on', 'regression', '--margin', '20%')).code, 0);
});

test('every format says what is worse and what to doubt', async () => {
  for (const format of ['text', 'md', 'html', 'csv', 'json', 'junit']) {
    const { code, written } = await compare('results/base', 'results/worse', '--format', format);
    assert.equal(code, 0, written.stderr);
    assert.match(written.stdout, /worse/, format);
    assert.match(written.stdout, /not interleaved/, format);
  }
  const { written } = await compare('results/base', 'results/worse', '--json');
  const document = JSON.parse(written.stdout) as RunComparison;
  assert.equal(document.formatVersion, 2);
  assert.equal(document.cells.length, 3);
});

test('--format github prints annotations, and appends the summary to what GitHub names', async () => {
  const summary = join(folder, 'summary.md');
  await writeFile(summary, 'before\n');
  const argv = ['compare', 'results/base', 'results/worse', '--fail-on', 'regression', '--format', 'github'];
  const io = fakeIo({ cwd: folder, env: { GITHUB_STEP_SUMMARY: summary } });
  assert.equal(await program(argv, io), 6, io.written.stderr);
  assert.match(io.written.stdout, /^(::error title=gctune compare::[^\n]*\n){3}$/);
  assert.match(await readFile(summary, 'utf8'), /^before\n\*\*Regression:\*\* /);

  const elsewhere = fakeIo({ cwd: folder });
  assert.equal(await program(argv, elsewhere), 6);
  assert.equal(elsewhere.written.stdout, io.written.stdout);

  const folderInstead = fakeIo({ cwd: folder, env: { GITHUB_STEP_SUMMARY: folder } });
  assert.equal(await program(argv, folderInstead), 3);
  assert.match(
    folderInstead.written.stderr,
    /summary cannot be written to GITHUB_STEP_SUMMARY.*\n.*unset the variable/,
  );
});

test('--baseline takes a run’s folder, or the newest other run of an experiment', async () => {
  const byFolder = await compare('results/worse', '--baseline', 'base', '--json');
  const direct = await compare('results/base', 'results/worse', '--json');
  assert.equal(byFolder.written.stdout, direct.written.stdout);
  const byName = await compare('results/worse', '--baseline', 'night', '--json');
  assert.equal(byName.written.stdout, direct.written.stdout);
  const wrong = await compare('results/worse', '--baseline', 'nigth');
  assert.equal(wrong.code, 2);
  assert.match(wrong.written.stderr, /no other run or experiment is named "nigth"[\s\S]*did you mean night\?/);
});

test('runs that differ in more than the daemon are refused, each difference named; --accept-drift makes them warnings', async () => {
  const refused = await compare('results/base', 'results/foreign');
  assert.equal(refused.code, 2);
  assert.equal(refused.written.stdout, '');
  assert.match(refused.written.stderr, /GOMAXPROCS is "\d+" in the base and "64" in the new run/);
  assert.match(refused.written.stderr, /host: kernel/);
  assert.match(refused.written.stderr, /--accept-drift/);
  assert.ok(!refused.written.stderr.includes('\u001b[31mred'));
  for (const format of ['text', 'md', 'html', 'csv', 'json', 'junit']) {
    const accepted = await compare('results/base', 'results/foreign', '--accept-drift', '--format', format);
    assert.equal(accepted.code, 0, accepted.written.stderr);
    assert.match(accepted.written.stdout, /GOMAXPROCS differs/, format);
    if (format === 'text') assert.ok(!accepted.written.stdout.includes('\u001b'));
  }
});

test('too few trials end with 5 and say how many are needed', async () => {
  const { code, written } = await compare('results/few', 'results/fewer');
  assert.equal(code, 5);
  assert.match(written.stdout, /interval not attainable with n = 3 and 3, needs 4 and 4/);
});

for (const [argv, says] of [
  [['results/base', 'results/base'], /cannot be compared with itself/],
  [['results/base'], /1 folder was given[\s\S]*--baseline NAME/],
  [['results/base', 'results/worse', '--baseline', 'base'], /2 folders were given[\s\S]*only the new run/],
  [['results/base', 'results/worse', '--margin', '5'], /--margin[\s\S]*5%/],
] as const) {
  test(`compare ${argv.join(' ')} is a bad question`, async () => {
    const { code, written } = await compare(...argv);
    assert.equal(code, 2, written.stdout);
    assert.match(written.stderr, says);
    assert.doesNotMatch(written.stderr, /\n\s+at /);
  });
}

test('a folder that is no run is exit 7; a published run without trials can be compared', async () => {
  assert.equal((await compare('results/base', 'nowhere')).code, 7);
  const { code, written } = await compare('results/base', KUBO, '--accept-drift');
  assert.equal(code, 5);
  assert.match(written.stdout, /no cell in common/);
});
