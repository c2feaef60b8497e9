import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { analyse } from '../../src/analysis/analyse.ts';
import type { Recommendation } from '../../src/analysis/recommend/recommendation.ts';
import { program } from '../../src/program.ts';
import { textWidth } from '../../src/text/text-width.ts';
import { renderReport } from '../../src/report/formats.ts';
import { syntheticRun, type SyntheticOptions } from '../fixtures/analysis/synthetic-run.ts';
import { fakeIo, type FakeIo } from './fake-io.ts';
import { matchesGolden } from '../golden.ts';

const KUBO = fileURLToPath(new URL('../../test/fixtures/kubo-0.42.0', import.meta.url));
const RUNS: Readonly<Record<string, SyntheticOptions>> = {
  clear: { name: 'clear', blocks: 10, noise: 0.01 },
  loud: { name: 'loud', blocks: 6, noise: 0.08 },
  few: { name: 'few', blocks: 3 },
  idle: { name: 'idle', workloads: { steady: 'http', quiet: 'idle' }, blocks: 6, noise: 0.01 },
  batch: { name: 'batch', workloads: { compile: 'batch' }, blocks: 6, noise: 0.01 },
  void: {
    name: 'void',
    blocks: 2,
    outcomes: () => [{ kind: 'invalid', reason: 'rate-missed', message: 'slow', apparatus: false }],
  },
  empty: { name: 'empty', blocks: 2, outcomes: () => [] },
};

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gctune-cli-'));
  const { mkdir } = await import('node:fs/promises');
  for (const [name, options] of Object.entries(RUNS)) {
    const run = syntheticRun(options);
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'run.json'), JSON.stringify(run.manifest));
    const analysis = await analyse({ manifest: run.manifest, trials: run.trials() });
    await writeFile(join(folder, name, 'analysis.json'), await renderReport(analysis, 'json'));
  }
});
after(() => rm(folder, { recursive: true, force: true }));

async function run(
  argv: readonly string[],
  options: Parameters<typeof fakeIo>[0] = {},
): Promise<FakeIo & { code: number }> {
  const io = fakeIo({ cwd: folder, ...options });
  return Object.assign(io, { code: await program(['recommend', ...argv, '--verbose'], io) });
}

test('the answer is one sentence with its price, and a setting to paste', async () => {
  const { code, written } = await run(['clear', '--max-cpu', '+30%', '--max-p99', '+50%']);
  assert.equal(written.stderr, '');
  assert.equal(code, 0);
  matchesGolden('cli/recommend.txt', written.stdout);
});

test('every form for people has the answer, and --format json is --json', async () => {
  const wishes = ['clear', '--max-cpu', '+30%', '--max-p99', '+50%'];
  const page = (await run([...wishes, '--format', 'html'])).written.stdout;
  assert.match(
    page,
    /<h1>Recommendation from [^<]+<\/h1>[^]*<p class="lead">GOGC=50 saves 6\.44[^]*<pre>GOGC=50<\/pre>/,
  );
  const markdown = (await run([...wishes, '--format', 'md'])).written.stdout;
  assert.match(markdown, /^GOGC=50 saves 6\.44[^]*\n### Docker\n\n```text\ndocker run -e GOGC=50 …\n```\n/);
  assert.match(markdown, /^\| setting \| saved, MiB \| CPU per request, change, % \|/m);
  const [json, flag] = [await run([...wishes, '--format', 'json']), await run([...wishes, '--json'])];
  assert.equal(json.written.stdout, flag.written.stdout);
});

test('a published run without trials is refused or answered as its intervals allow', async () => {
  const refused = await run([KUBO]);
  assert.equal(refused.code, 5);
  const flat = refused.written.stdout.replace(/\s+/g, ' ');
  // What to do now comes first, then the estimate beside its interval, and what would decide it.
  assert.match(
    flat,
    /^For memory: stay at GOGC=100 for now: .* GOGC=50 \(add: CPU per request \+12\.2 % \(−1\.0 to \+28\.6\), limit \+10 %/,
  );
  assert.match(flat, /Or accept more: GOGC=50 is shown to keep --max-cpu \+29%\./);
  assert.match(
    flat,
    /For CPU: stay at GOGC=100 for now: .* GOGC=200 \(add: CPU −3\.7 %, not certain \(−15\.6 to \+8\.3\)/,
  );
  matchesGolden('cli/recommend-refused.txt', refused.written.stdout);
  // 10 blocks took 53 minutes.
  const forecast = await run([KUBO, '--max-cpu', '+5%']);
  assert.match(
    forecast.written.stdout.replace(/\s+/g, ' '),
    /60 blocks are expected to decide it with 80 % probability \(this run has 10\), about 5 h 1\d min: gctune run <experiment file> --blocks 60\./,
  );
  const answered = await run([KUBO, '--max-cpu', '+30%']);
  assert.equal(answered.code, 0);
  assert.match(
    answered.written.stdout.replace(/\s+/g, ' '),
    /Caution: GOGC=\d+, add: latency p99 may have doubled: \+17\.6 %, not certain \(−24\.4 to \+99\.8\)\./,
  );
  assert.doesNotMatch(answered.written.stdout, /no worse than/);
  assert.match(answered.written.stdout, /^add: GOGC=50 saves 42\.1 MiB \(40\.2–44\.3\) of 169 MiB anonymous memory at/);
});

test('with prices the answer says what it changes in money, with its interval', async () => {
  const { code, written } = await run([KUBO, '--price-gib-month', '40', '--price-core-month', '2.5']);
  assert.equal(code, 0);
  const flat = written.stdout.replace(/\s+/g, ' ');
  assert.match(flat, /In money: add −\d\.\d+ \(−\d\.\d+ to −\d\.\d+\) of 7\.62 a month \(n = 10 blocks\)/);
  assert.match(flat, /A GiB costs 40 and a core 2\.5 a month, assuming the measured load all month/);
});

test('a budget of memory is answered with the least CPU that fits, and says that the guard on CPU is set aside', async () => {
  // Once this was GOGC=10, at up to 116 % more CPU.
  const fits = (await run([KUBO, '--max-rss', '300MiB'])).written.stdout.replace(/\s+/g, ' ');
  assert.match(fits, /^Keep GOGC=100: it has RSS at most 300 MiB \(add: RSS 214 MiB \(209–216\)/);
  assert.match(fits, /GOGC=200 \(add: CPU −3\.7 %, not certain \(−15\.6 to \+8\.3\)/);
  assert.match(fits, /The guard of the default rule \(CPU at most \+10 %\) does not apply/);
  const { code, written } = await run(['clear', '--max-memory', '100MiB']);
  assert.equal(code, 0);
  assert.match(written.stdout, /^GOGC=400 saves 12\.4 %/);
});

test('at prices at which GOGC hardly matters it says so, with the amounts', async () => {
  const { code, written } = await run([KUBO, '--price-gib-month', '4', '--price-core-month', '25']);
  assert.equal(code, 0);
  const flat = written.stdout.replace(/\s+/g, ' ');
  assert.match(flat, /^Keep GOGC=100: at these prices GOGC hardly matters/);
  assert.match(flat, /GOGC=200 \(add: −0\.14, not certain \(−1\.36 to \+1\.07\) of 11\.0 a month/);
});

test('without a wish both directions are answered, and each guard is named', async () => {
  const flat = (await run(['clear'])).written.stdout.replace(/\s+/g, ' ');
  assert.match(
    flat,
    /^For memory: keep GOGC=100: .*For CPU: GOGC=200 saves 8\.6 % \(7\.6–9\.1\) of CPU per request and takes/,
  );
  assert.match(flat, /CPU at most \+10 % is a default guard.*Memory at most \+100 % is a default guard/);
});

test('no run makes a line wider than its terminal', async () => {
  for (const name of [...Object.keys(RUNS), KUBO]) {
    for (const columns of [60, 80, 120]) {
      const { written } = await run([name], { terminal: { columns, rows: 40 }, env: { LANG: 'C.UTF-8' } });
      for (const line of written.stdout.split('\n')) assert.ok(textWidth(line) <= columns, `${name}: ${line}`);
      assert.doesNotMatch(written.stdout, /\bNaN\b|\bundefined\b|Infinity/);
    }
  }
});

test('--json prints one document whose keys are always the same', async () => {
  const documents = [];
  for (const argv of [['clear', '--max-cpu', '+30%'], ['loud'], ['empty'], [KUBO]]) {
    const { written } = await run([...argv, '--json']);
    documents.push(JSON.parse(written.stdout) as Recommendation & Readonly<Record<string, unknown>>);
  }
  const [first, ...others] = documents;
  assert.ok(first !== undefined);
  assert.equal(first.formatVersion, 2);
  for (const other of others) assert.deepEqual(Object.keys(other), Object.keys(first));
  assert.equal(first.refusal, null);
  assert.equal((first['paste'] as Record<string, string>)['environment']?.startsWith('GOGC='), true);
  assert.equal(others[0]?.chosen, null);
});

for (const [argv, code, says] of [
  [['few'], 'too-few-blocks', /^Stay at GOGC=100 for now: 3 blocks are too few[\s\S]*--blocks 6\./],
  [['void'], 'baseline-invalid', /^Change nothing for now: no trial of the baseline counts/],
  [['empty'], 'baseline-invalid', /^Change nothing for now: no trial of the baseline counts/],
  [
    ['clear', '--max-rss', '1MiB'],
    'limits-unmet',
    /^No measured setting has RSS at most 1\.00 MiB\. The nearest is GOGC=25/,
  ],
] as const) {
  test(`recommend ${argv.join(' ')} is refused as ${code} with exit code 5, and says what to do`, async () => {
    const ran = await run([...argv, '--json']);
    assert.equal(ran.code, 5, ran.written.stderr);
    assert.equal((JSON.parse(ran.written.stdout) as Recommendation).refusal?.code, code);
    assert.match((await run(argv)).written.stdout, says);
  });
}

for (const [argv, says] of [
  [['clear', '--max-cpu', '5'], /--max-cpu.*"5" is not a percentage change[\s\S]*write it as \+5%$/m],
  [['clear', '--max-cpu=-100%'], /"-100%" leaves nothing/],
  [['clear', '--max-p99', '20'], /"20" is not a duration[\s\S]*20ms/],
  [['clear', '--max-p99', '+20ms'], /"\+20ms" is not a change/],
  [['clear', '--max-rss', '300MB'], /"300MB" is not a size[\s\S]*write 300MiB/],
  [['clear', '--max-memory', 'NaN%'], /"NaN%" is not a percentage change/],
  [['clear', '--price-gib-month', '3'], /--price-core-month.*both prices/],
  [['clear', '--price-gib-month', '$3', '--price-core-month', '4'], /"\$3" is not a price/],
  [['clear', '--price-gib-month', '0', '--price-core-month', '0'], /both prices are 0/],
  [
    ['clear', '--price-gib-month', '3', '--price-core-month', '4', '--exchange', '5MiB/%'],
    /cannot be combined[\s\S]*give one of them/,
  ],
  [['clear', '--exchange', '5MiB'], /"5MiB" is not a marginal rate[\s\S]*5MiB\/%/],
  [['clear', '--workload', 'stedy'], /no workload "stedy"[\s\S]*did you mean steady\?/],
  [['idle', '--max-p99', '20ms'], /under the workload quiet no trial has a value for p99[\s\S]*--workload: steady/],
  [['batch', '--max-p99', '+5%'], /under the workload compile no trial has a value for p99/],
  [['batch', '--price-gib-month', '3', '--price-core-month', '4'], /compile is a batch/],
] as const) {
  test(`recommend ${argv.join(' ')} is a bad question`, async () => {
    const { code, written } = await run(argv);
    assert.equal(code, 2, written.stdout);
    assert.equal(written.stdout, '');
    assert.match(written.stderr, says);
    assert.doesNotMatch(written.stderr, /\n\s+at /);
  });
}

test('without --verbose the answer fits on a screen: what to set, the settings, what to paste and what to do next', async () => {
  const brief = async (...argv: readonly string[]): Promise<string> => {
    const io = fakeIo({ cwd: folder, terminal: { columns: 80, rows: 24 }, env: { LANG: 'C.UTF-8', NO_COLOR: '1' } });
    await program(['recommend', ...argv], io);
    const lines = io.written.stdout.trimEnd().split('\n');
    assert.ok(lines.length <= 12, io.written.stdout);
    assert.ok(lines.every((line) => textWidth(line) <= 80));
    return io.written.stdout;
  };
  const set = await brief('clear', '--max-cpu', '+30%', '--max-p99', '+50%');
  assert.match(set, /^Set GOGC=50: 2\d % \(.*\) less memory at \+1\d % \(.*\) CPU\.\n\nn = 10 blocks/);
  assert.match(
    set,
    /\n\* GOGC=50 .*%[^]*\nPaste: GOGC=50\nGOMEMLIMIT: .* in none of 10 trials \(advice, not measured\)\nNext: gctune recommend clear --confirm\n$/,
  );
  const few = await brief('few');
  assert.match(few, /^Stay at GOGC=100: 3 blocks are too few[^]*\nTo decide: gctune run <experiment file> --blocks \d/);
  const undecided = await brief('loud');
  assert.match(undecided, /\nOr accept: gctune recommend loud --max-cpu \+\d+%\n$/);
  const sized = await brief('clear', '--max-rss', '60MiB', '--gomemlimit', '30MiB');
  assert.match(sized, /RSS ≤ 60\.0 MiB/);
  assert.match(sized, /^GOMEMLIMIT: do not set 30MiB: it would have bound in \d+ of \d+ trials$/m);
});
