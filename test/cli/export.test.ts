import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Analysis } from '../../src/analysis/analysis.ts';
import { Interruption } from '../../src/cli/io.ts';
import { program } from '../../src/program.ts';
import { fakeIo } from './fake-io.ts';

const folder = mkdtempSync(join(tmpdir(), 'gctune-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const EXPERIMENT = `name: nightly
target: { simulated: { live: 20MiB } }
matrix: { gogc: [50, 100] }
workloads: { steady: { http: { path: /, rate: 200/s } } }
phases: { warmup: 1s, measure: 3s }
blocks: 2
seed: 1
`;
const reference = join(import.meta.dirname, '../../results/reference/kubo-0.42.0');
let run = '';

async function gctune(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const io = fakeIo({ cwd: folder, env: { NO_COLOR: '1' } });
  return { code: await program(args, io), ...io.written };
}

before(async () => {
  writeFileSync(join(folder, 'nightly.yaml'), EXPERIMENT);
  const { code, stderr } = await gctune('run', 'nightly.yaml', '-q');
  assert.equal(code, 0, stderr);
  run = join('results', readdirSync(join(folder, 'results'))[0] ?? '');
});

/** Samples by name and labels. */
function samplesOf(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [/^\w+(?:\{.*\})?(?= )/.exec(line)?.[0] ?? '', line.replace(/^\w+(?:\{.*\})? /, '')]),
  );
}

test('results are what the analysis has, each with its interval and n, at the time the run began', async () => {
  const { code, stdout } = await gctune('export', reference);
  assert.equal(code, 0);
  assert.ok(stdout.endsWith('# EOF\n'));
  const samples = samplesOf(stdout);
  const analysis = JSON.parse(readFileSync(join(reference, 'analysis.json'), 'utf8')) as Analysis;
  const began = (Date.parse(analysis.run.startedAt) / 1000).toFixed(3);
  let checked = 0;
  for (const cell of analysis.workloads.flatMap(({ cells }) => cells).filter(({ role }) => role === 'level')) {
    const estimate = cell.estimates['memory.anon'];
    assert.ok(estimate !== undefined);
    const find = (name: string, bound: string): string | undefined =>
      [...samples].find(
        ([key]) =>
          key.startsWith(`${name}{`) &&
          key.includes(`gogc="${cell.levels.gogc}"`) &&
          key.includes(`workload="${cell.levels.workload}"`) &&
          key.includes(bound),
      )?.[1];
    const name = 'gctune_result_memory_anon_bytes';
    const close = (text: string | undefined, value: number | null): void => {
      const [number, at] = (text ?? '').split(' ');
      assert.ok(Math.abs(Number(number) / (value ?? NaN) - 1) < 1e-8, `${text} for ${value}`);
      assert.equal(at, began);
    };
    close(find(name, 'bound="estimate"'), estimate.value);
    close(find(name, 'bound="low"'), estimate.low);
    close(find(name, 'bound="high"'), estimate.high);
    assert.equal(find('gctune_result_trials', 'metric="memory.anon"'), `${estimate.n} ${began}`);
    checked++;
  }
  assert.ok(checked > 5);
  assert.equal([...samples.keys()].filter((key) => key.startsWith('gctune_warning_info')).length > 0, true, 'warnings');
});

test('each family stands in one piece, and each series in one and in the order of time', async () => {
  for (const what of ['results', 'readings']) {
    const { code, stdout } = await gctune('export', run, '--what', what);
    assert.equal(code, 0);
    const seen = new Set<string>();
    let family = '';
    let series = '';
    let last = -Infinity;
    for (const line of stdout.split('\n').slice(0, -2)) {
      const type = /^# TYPE (\w+)/.exec(line)?.[1];
      if (type !== undefined) {
        assert.ok(!seen.has(type), type);
        seen.add((family = type));
      }
      if (line.startsWith('#')) continue;
      const [, name = '', labels = '', at = ''] = /^(\w+)(\{.*\})? \S+ (\d+\.\d{3})$/.exec(line) ?? [];
      assert.ok(name.startsWith(family), line);
      if (name + labels !== series) {
        assert.ok(!seen.has(name + labels), line);
        seen.add((series = name + labels));
        last = -Infinity;
      }
      assert.ok(Number(at) > last, line);
      last = Number(at);
    }
    assert.ok(seen.size > 30);
  }
});

test('a folder of runs is exported as one, and a damaged one among them is named', async () => {
  cpSync(join(folder, run), join(folder, 'several/one'), { recursive: true });
  mkdirSync(join(folder, 'several/broken'));
  writeFileSync(join(folder, 'several/broken/run.json'), '{');
  const { code, stdout, stderr } = await gctune('export', 'several');
  assert.equal(code, 0);
  assert.match(stdout, /^gctune_run_info\{/m);
  assert.match(stderr, /^warning: .*broken.*is not JSON/m);
});

test('the text format has the newest results only, without times', async () => {
  const recorded = await gctune('record', run, '--history', 'history');
  assert.equal(recorded.code, 0, recorded.stderr);
  const file = join(folder, 'history/history.ndjson');
  const older = readFileSync(file, 'utf8')
    .replace(/"run":"[^"]+"/, '"run":"older"')
    .replace(/"startedAt":"\d{4}/, '"startedAt":"1999');
  writeFileSync(file, `${readFileSync(file, 'utf8')}${older}`);
  const timed = await gctune('export', 'history');
  assert.equal(timed.stdout.match(/^gctune_run_info\{/gm)?.length, 2);
  const { stdout } = await gctune('export', 'history', '--format', 'prometheus');
  assert.equal(stdout.match(/^gctune_run_info\{/gm)?.length, 1);
  assert.doesNotMatch(stdout, /run="older"|# EOF|# UNIT/);
  for (const line of stdout.split('\n').filter((one) => one !== '' && !one.startsWith('#')))
    assert.match(line, /^\w+\{.*\} [\d.e+-]+$/);
});

test('a run is one series, by itself and in a history, where its commit and branch are told beside it', async () => {
  const said = ['--commit', 'c'.repeat(40), '--branch', 'main'];
  const recorded = await gctune('record', run, '--history', 'both', ...said);
  assert.equal(recorded.code, 0, recorded.stderr);
  const info = ({ stdout }: { stdout: string }, name: string): readonly string[] =>
    [...samplesOf(stdout).keys()].filter((series) => series.startsWith(`${name}{`));
  const alone = await gctune('export', run);
  const nights = await gctune('export', 'both');
  assert.equal(info(alone, 'gctune_run_info').length, 1);
  assert.deepEqual(info(alone, 'gctune_run_info'), info(nights, 'gctune_run_info'));
  assert.deepEqual(info(alone, 'gctune_night_info'), []);
  assert.match(info(nights, 'gctune_night_info').join('\n'), /^gctune_night_info\{.*commit="c{40}",branch="main"\}$/);
});

test('a warning of a cell has the labels of the cell that its figures have', async () => {
  const { stdout } = await gctune('export', run);
  const cellsOf = (name: string): ReadonlySet<string> =>
    new Set(
      [...samplesOf(stdout).keys()].flatMap((series) =>
        series.startsWith(`${name}{`) ? (/cell="[^"]*",gogc="[^"]*",gomemlimit="[^"]*"/.exec(series) ?? []) : [],
      ),
    );
  const warned = cellsOf('gctune_warning_info');
  assert.ok(warned.size > 0);
  assert.deepEqual(
    [...warned].filter((cell) => !cell.includes('(A/A)')),
    [...cellsOf('gctune_result_trials')],
  );
  assert.doesNotMatch(stdout, /^gctune_warning_info\{.*cell="gogc=50"/m);
});

test('the file is replaced whole, says what is in it and how it is loaded; nothing lies beside it', async () => {
  writeFileSync(join(folder, 'out.om'), 'old');
  const { code, stdout, stderr } = await gctune('export', run, '--what', 'readings', '-o', 'out.om');
  assert.equal(code, 0);
  assert.equal(stdout, '');
  assert.match(
    stderr,
    /^Exported: \d+ samples of readings, \S+Z to \S+Z, to out\.om\nLoad: {5}promtool tsdb create-blocks-from openmetrics out\.om /,
  );
  assert.match(readFileSync(join(folder, 'out.om'), 'utf8'), /# EOF\n$/);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('what cannot be exported is one error that says what to do', async () => {
  writeFileSync(join(folder, 'file'), 'x');
  mkdirSync(join(folder, 'empty'));
  symlinkSync(join(folder, 'file'), join(folder, 'link'));
  mkdirSync(join(folder, 'newer'));
  writeFileSync(join(folder, 'newer/history.ndjson'), '{"historyVersion":99,"run":"x","cells":[]}\n');
  const cases: readonly (readonly [code: number, args: readonly string[], said: RegExp])[] = [
    [2, ['none'], /none is not there \[nothing-to-export\]|none is not there/],
    [2, ['empty'], /empty holds neither a run nor a history/],
    [2, ['file'], /file is a file, not the folder of a run/],
    [7, ['newer'], /written by a newer version of gctune \(history version 99/],
    [5, [reference, '--what', 'readings'], /has no readings/],
    [2, ['history', '--what', 'readings'], /a history, which keeps results and no readings/],
    [2, [run, '--what', 'readings', '--format', 'prometheus'], /no place for readings of the past/],
    [3, [run, '-o', 'link'], /link cannot be written: it is a symbolic link/],
    [3, [run, '-o', 'nowhere/out.om'], /cannot be written/],
  ];
  for (const [code, args, said] of cases) {
    const ended = await gctune('export', ...args);
    assert.equal(ended.code, code, `${args.join(' ')}: ${ended.stderr}`);
    assert.equal(ended.stdout, '');
    assert.match(ended.stderr.replaceAll(/\s+/g, ' '), said);
    assert.doesNotMatch(ended.stderr, /\n {4}at /, 'no stack');
  }
  assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'x');
});

test('an export that is interrupted leaves the file as it was, and nothing beside it', async () => {
  writeFileSync(join(folder, 'kept.om'), 'old');
  for (const what of ['results', 'readings']) {
    const signal = AbortSignal.abort(new Interruption('SIGINT'));
    const io = fakeIo({ cwd: folder, env: { NO_COLOR: '1' }, signal });
    assert.equal(await program(['export', run, '--what', what, '-o', 'kept.om'], io), 130);
  }
  assert.equal(readFileSync(join(folder, 'kept.om'), 'utf8'), 'old');
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('a port that is in use ends the run before anything has started', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const [given, said, code] of [
    [String(port), /is already in use/, 3],
    ['70000', /70000 is not a port/, 2],
  ] as const) {
    const ended = await gctune('run', 'nightly.yaml', '-o', 'refused', '--metrics-port', given);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, said);
    assert.ok(!readdirSync(folder).includes('refused'));
  }
});
