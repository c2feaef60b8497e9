import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Analysis } from '../../src/analysis/analysis.ts';
import { recommend } from '../../src/analysis/recommend/recommend.ts';
import type { GateReport } from '../../src/history/gate.ts';
import type { Night } from '../../src/history/night.ts';
import type { HistoryOverview } from '../../src/history/overview.ts';
import { program } from '../../src/program.ts';
import { pageData } from '../../src/report/first-screen/page-data.ts';
import { gaussian } from '../../src/statistics/gaussian.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { fakeIo } from './fake-io.ts';

const versions = (nightly: string, extra = ''): string => `name: nightly
target:
  versions:
    nightly: { simulated: { live: 20MiB, alloc_per_request: ${nightly}, cpu_per_request: 1ms, noise: { memory: 1%, cpu: 2% } } }
    released: { simulated: { live: 20MiB, alloc_per_request: 64KiB, cpu_per_request: 1ms, noise: { memory: 1%, cpu: 2% } } }
runner: simulated
matrix: { gogc: [100], version: [released, nightly] }
workloads: { steady: { http: { path: /work, rate: 200/s } } }
phases: { warmup: 2s, measure: 4s }
blocks: 6
${extra}`;
const folder = mkdtempSync(join(tmpdir(), 'gctune-gate-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const summary = join(folder, 'summary.md');
async function gctune(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const io = fakeIo({
    cwd: folder,
    env: { NO_COLOR: '1', GITHUB_STEP_SUMMARY: summary, GITHUB_SHA: 'f'.repeat(40), GITHUB_REF_NAME: 'main' },
  });
  return { code: await program(args, io), ...io.written };
}
const unwrapped = (text: string): string => text.replaceAll(/\s+/g, ' ');

async function run(name: string, text: string, seed: number): Promise<string> {
  writeFileSync(join(folder, `${name}.yaml`), text);
  const { code, stderr } = await gctune('run', `${name}.yaml`, '-q', '-o', name, '--seed', String(seed));
  assert.equal(code, 0, stderr);
  return `${name}/${readdirSync(join(folder, name))[0]}`;
}

/** Nights before a recorded one, each a little off it in every figure. */
function nightsBefore(last: Night, count: number): readonly Night[] {
  const stream = seededStream(1, 'nights before');
  return Array.from({ length: count }, (_, index) => {
    const off = (value: number): number => value * Math.exp(0.002 * gaussian(stream));
    const cells = last.cells.map((cell) => ({
      ...cell,
      metrics: Object.fromEntries(
        Object.entries(cell.metrics).map(([metric, figure]) => [
          metric,
          {
            ...figure,
            value: off(figure.value),
            ...(figure.toCanary && { toCanary: { ...figure.toCanary, value: off(figure.toCanary.value) } }),
          },
        ]),
      ),
    }));
    return {
      ...last,
      cells,
      run: `before-${index}`,
      startedAt: new Date(Date.parse(last.startedAt) - (count - index) * 86_400_000).toISOString(),
    };
  });
}

let same = '';
let worse = '';
before(async () => {
  same = await run('same', versions('64KiB', 'canary: released\n'), 1);
  worse = await run('worse', versions('67KiB', 'canary: released\n'), 2);
  const recorded = await gctune('record', same, '--history', 'begun');
  assert.equal(recorded.code, 0, recorded.stderr);
  assert.match(recorded.stdout, /2 cells, commit ffffffffffff\) is recorded in begun\/history\.ndjson/);
  const line = readFileSync(join(folder, 'begun/history.ndjson'), 'utf8');
  mkdirSync(join(folder, 'history'));
  const before = nightsBefore(JSON.parse(line) as Night, 9);
  writeFileSync(
    join(folder, 'history/history.ndjson'),
    `${before.map((one) => JSON.stringify(one)).join('\n')}\n${line}`,
  );
});

test('a night like those before it passes; one that allocates more is run again, its cells alone, and fails', async () => {
  const passed = await gctune('gate', same, '--history', 'history', '--strict');
  assert.equal(passed.code, 0, passed.stdout);
  assert.match(
    unwrapped(passed.stdout),
    /^No regression: nothing is shown to be worse than 9 usable nights before\. warning: simulated: .* from a real daemon Held to: 9 usable nights \(3 series\) Suspects from: anonymous memory 2\.0 %, CPU per request \d\.\d %, allocated per request 1\.\d % Next: gctune history history $/,
  );
  assert.ok(passed.stdout.trimEnd().split('\n').length <= 12);
  const unconfirmed = await gctune('gate', worse, '--history', 'history', '--confirm', 'never');
  assert.equal(unconfirmed.code, 0);
  assert.match(
    unwrapped(unconfirmed.stdout),
    /^Suspicious: allocated per request 4\.\d % more in 1 cell; fails nothing .* allocated per request \+4\.\d % \(4\.\d–[45]\.\d\), n = 10 nights none/,
  );
  assert.equal((await gctune('gate', worse, '--confirm', 'never', '--strict')).code, 6);
  const failed = await gctune('gate', worse, '--history', 'history', '--json', '-q');
  assert.equal(failed.code, 6, failed.stderr);
  const report = JSON.parse(failed.stdout) as GateReport;
  assert.deepEqual(
    [report.outcome, report.worse.map(({ metric, against, confirmed }) => [metric, against, confirmed])],
    ['confirmed', [['alloc.per_request', 'history', true]]],
  );
  assert.ok(Math.abs((report.worse[0]?.change ?? 0) - 3 / 64) < 0.01);
  assert.match(report.confirmation ?? '', /^nightly-gate-/);
  const junit = await gctune('gate', worse, '--history', 'history', '--confirm', 'never', '-f', 'junit');
  assert.match(junit.stdout, /<skipped [^>]*suspicious/);
});

test('nobody is told how the canary should be set, in a page as on a terminal', () => {
  const analysis = JSON.parse(readFileSync(join(folder, same, 'analysis.json'), 'utf8')) as Analysis;
  const [page, terminal] = [recommend(pageData(analysis).input), recommend(analysis)];
  assert.deepEqual(page.answers, terminal.answers);
  assert.deepEqual([page.strata, terminal.strata], [undefined, undefined]);
});

test('what cannot be written is said before a second run, and a part of a plan is no night', async () => {
  const { code, stderr } = await gctune('gate', worse, '--junit', 'nowhere/gctune.xml');
  assert.equal(code, 3);
  assert.match(stderr, /nowhere\/gctune\.xml cannot be written/);
  assert.doesNotMatch(stderr, /nightly-gate/);
  const fine = await gctune('gate', same, '--junit', 'gctune.xml', '-q');
  assert.equal(fine.code, 0, fine.stderr);

  writeFileSync(join(folder, 'part.yaml'), versions('64KiB', 'canary: released\n'));
  const part = await gctune('run', 'part.yaml', '-q', '-o', 'part', '--seed', '1', '--shard', '1/3');
  assert.equal(part.code, 0, part.stderr);
  for (const command of ['record', 'gate']) {
    const refused = await gctune(command, `part/${readdirSync(join(folder, 'part'))[0]}`, '--history', 'parts');
    assert.equal(refused.code, 2);
    assert.match(
      unwrapped(refused.stderr),
      /is part 1 of 3 of a plan \[part-of-a-run\].* gctune merge joins the parts/,
    );
  }

  symlinkSync('somewhere', join(folder, 'link.parquet'));
  const link = await gctune('history', 'history', '--format', 'parquet', '-o', 'link.parquet');
  assert.equal(link.code, 3);
  assert.match(link.stderr, /link\.parquet cannot be written: it is a symbolic link/);
});

test('a summary that cannot be written is said before a second run, which is no confirmation of a recommendation', async () => {
  mkdirSync(join(folder, 'summaries'));
  const io = (summaryFile: string) => fakeIo({ cwd: folder, env: { NO_COLOR: '1', GITHUB_STEP_SUMMARY: summaryFile } });
  const early = io(join(folder, 'summaries'));
  assert.equal(await program(['gate', worse, '-q', '-f', 'github'], early), 3);
  assert.match(early.written.stderr, /GITHUB_STEP_SUMMARY/);
  assert.equal(early.written.stdout, '');
  const other = await run('other', versions('67KiB', 'canary: released\n'), Number.MAX_SAFE_INTEGER);
  const failed = await gctune('gate', other, '--verbose');
  assert.equal(failed.code, 6, failed.stdout);
  const second = /nightly-gate-[^\s,]+/.exec(failed.stdout)?.[0] ?? assert.fail(failed.stdout);
  assert.equal('confirms' in JSON.parse(readFileSync(join(folder, 'other', second, 'run.json'), 'utf8')), false);
});

test('a part of a plan is no result of its own', async () => {
  for (const shard of ['1/2', '2/2'])
    assert.equal((await gctune('run', 'part.yaml', '-q', '-o', 'halves', '--seed', '1', '--shard', shard)).code, 0);
  const parts = readdirSync(join(folder, 'halves')).map((name) => `halves/${name}`);
  const alone = await gctune('export', 'halves');
  assert.equal(alone.code, 2);
  assert.match(unwrapped(alone.stderr), /is part \d of 2 of a plan \[part-of-a-run\]/);
  assert.equal((await gctune('merge', ...parts, '-o', 'halves')).code, 0);
  const whole = await gctune('export', 'halves');
  assert.equal(whole.code, 0, whole.stderr);
  assert.equal(whole.stderr.match(/is a part of a plan and left out/g)?.length, 2);
  assert.deepEqual(
    new Set(Array.from(whole.stdout.matchAll(/^gctune_result_trials.* (\d+) /gm), ([, n]) => n)),
    new Set(['6']),
  );
});

test('a second run that was cut short refutes nothing', async () => {
  const { code, stdout } = await gctune('gate', worse, '-q', '--timeout', '1ms');
  assert.equal(code, 0);
  assert.match(unwrapped(stdout), /^Suspicious: allocated per request .* n = 10 nights none/);
  // How far it comes in so short a time is the machine's to say.
  assert.match(
    stdout,
    /warning: (?:the second run has too few trials to tell \(\d+ of 1\d\): nightly-gate-|no trial of the second run has a usable result)/,
  );
  assert.equal((await gctune('gate', worse, '-q', '--timeout', '1ms', '--strict')).code, 6);
});

test('GitHub shows whether to worry: an annotation of the night, and a summary', async () => {
  const shown = async (...args: readonly string[]) => {
    rmSync(summary, { force: true });
    const { code, stdout } = await gctune('gate', ...args, '--confirm', 'never', '-f', 'github');
    return { code, stdout, summary: readFileSync(summary, 'utf8') };
  };
  const fine = await shown(same);
  assert.match(fine.stdout, /^::notice title=gctune gate::No regression: nothing is shown to be worse than 9 usable/);
  assert.match(fine.summary, /^\*\*No regression:\*\* nothing is shown to be worse/);
  assert.match(
    fine.summary,
    /Against the nights before it a worsening is suspected from, in the cell that scatters most: anonymous memory 2\.0 %, /,
  );
  const odd = await shown(worse);
  assert.match(
    odd.stdout,
    /^::warning title=gctune gate::nightly-\S+: Suspicious: allocated per request 4\.\d %25 more[^\n]*\n$/,
  );
  assert.match(odd.summary, /\n\| gogc=100 \| allocated per request \| \+4\.\d % \(4\.\d–[45]\.\d\), n = 10 nights \|/);
  const strict = await shown(worse, '--strict');
  assert.equal(strict.code, 6);
  assert.match(strict.stdout, /^::error title=gctune gate::/);
});

test('without enough nights it says how many it takes and fails nothing, unless it is to be strict', async () => {
  const { code, stdout } = await gctune('gate', worse, '--history', 'nowhere');
  assert.equal(code, 0);
  assert.match(unwrapped(stdout), /^Not judged: it takes 7 usable nights before this one, and there are 0\./);
  assert.equal((await gctune('gate', worse, '--history', 'nowhere', '--strict')).code, 6);
});

test('a baseline version of the same run needs no history', async () => {
  const pull = await run('pull', versions('67KiB', 'baseline: { version: released }\n'), 3);
  const { code, stdout } = await gctune('gate', pull, '--history', 'nowhere', '-q', '-f', 'md');
  assert.equal(code, 6, stdout);
  assert.match(stdout, /Regression: allocated per request 4\.\d % more in 1 cell, and so again in a second run\./);
  assert.match(stdout, /only the baseline version was held against/);
  assert.match(stdout, /Its own intervals leave room for worse than version=released by: .*allocated per request \d/);
});

test('a run that can compare nothing has shown nothing', async () => {
  const few = await run(
    'few',
    versions('80KiB', 'baseline: { version: released }\n').replace('blocks: 6', 'blocks: 1'),
    3,
  );
  const { code, stdout } = await gctune('gate', few, '--history', 'nowhere');
  assert.equal(code, 0);
  assert.match(
    unwrapped(stdout),
    /^Not judged: too few trials count to compare it with version=released, and there is no night before it\. .*3 of 3 comparisons with version=released could not be made: too few trials count .* Held to: nothing/,
  );
  const strict = await gctune('gate', few, '--history', 'nowhere', '--strict', '-f', 'junit');
  assert.equal(strict.code, 6);
  assert.match(strict.stdout, /failures="3"/);
});

test('the history is shown as text, page, JSON, CSV and Parquet', async () => {
  const brief = await gctune('history', 'history');
  assert.equal(brief.code, 0, brief.stderr);
  assert.ok(brief.stdout.trimEnd().split('\n').length <= 12, brief.stdout);
  assert.match(
    unwrapped(brief.stdout),
    /^No lasting change in .*; the machine did not change\. n ≥ 10 nights .* History: nightly: 10 nights, .* on simulated; canary version=released Next: gctune history history -o history\.html/,
  );
  const overview = JSON.parse((await gctune('history', 'history', '--json')).stdout) as HistoryOverview;
  assert.equal(overview.nights.length, 10);
  assert.deepEqual([...new Set(overview.nights.map(({ commit }) => commit))], ['f'.repeat(40)]);
  const page = (await gctune('history', 'history', '-f', 'html')).stdout;
  assert.equal(
    page.match(/<svg viewBox/g)?.length,
    overview.series.length + overview.canaries.filter(({ metric }) => overview.metrics.includes(metric)).length,
  );
  assert.doesNotMatch(page, /https?:|<script/);
  const days = [overview.nights[0], overview.nights.at(-1)].map((night) => night?.startedAt.slice(0, 10));
  const foot = page.match(
    /<span>\d{4}-\d\d-\d\d<\/span>\s*<span>10 nights, [^<]+<\/span>\s*<span>\d{4}-\d\d-\d\d<\/span>/g,
  );
  assert.equal(foot?.length, page.match(/<svg viewBox/g)?.length);
  for (const one of foot ?? []) assert.deepEqual(one.match(/\d{4}-\d\d-\d\d/g), days);
  // On a telephone each row is a card: there is no room for the columns.
  assert.equal(page.match(/class="scroll cards"/g)?.length, page.match(/<table/g)?.length);
  const rows = (await gctune('history', 'history', '-f', 'csv')).stdout.split('\r\n');
  assert.match(rows[0] ?? '', /^run,started_at,experiment,/);
  assert.equal((await gctune('history', 'history', '-f', 'parquet')).code, 2);
  assert.equal((await gctune('history', 'history', '-f', 'parquet', '-o', 'nights.parquet')).code, 0);
  assert.equal(readFileSync(join(folder, 'nights.parquet')).subarray(0, 4).toString(), 'PAR1');
  const unknown = await gctune('history', 'history', '--experiment', 'nightl');
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /did you mean nightly\?/);
  assert.match((await gctune('history', 'nowhere')).stderr, /holds no history/);
  assert.match(
    (await gctune('report', 'history/history.ndjson')).stderr,
    /is a history of nights[^]*gctune history history/,
  );
});

test('a canary that no cell runs is refused', async () => {
  writeFileSync(
    join(folder, 'bad.yaml'),
    versions('64KiB', 'canary: relased\ngate: { memory.anon: 2%, memory.anom: 1% }\n'),
  );
  const { code, stdout, stderr: other } = await gctune('validate', 'bad.yaml');
  const stderr = `${stdout}${other}`;
  assert.equal(code, 2);
  assert.match(stderr, /no cell runs a version "relased"[^]*did you mean released\?/);
  assert.match(stderr, /memory\.anom[^]*unknown key/);
});

test('what is no history, or one of a newer version, is told by record as by the others, and left as it is', async () => {
  const lines = readFileSync(join(folder, 'history/history.ndjson'), 'utf8').trimEnd().split('\n');
  const cases = [
    ['a-file', undefined, 2, /a-file is a file, not a folder with a history/],
    ['notes', 'no night\n', 7, /notes holds no history: history\.ndjson, line 1 is damaged/],
    [
      'newer',
      `${lines[0]?.replace('"historyVersion":1', '"historyVersion":2')}\n`,
      7,
      /history version 2, this one reads 1/,
    ],
  ] as const;
  for (const [name, text, code, message] of cases) {
    const file = text === undefined ? name : join(name, 'history.ndjson');
    if (text !== undefined) mkdirSync(join(folder, name));
    writeFileSync(join(folder, file), text ?? '');
    for (const command of [['record', same], ['gate', same], ['history']]) {
      const flags = command[0] === 'history' ? [name] : ['--history', name];
      const told = await gctune(...command, ...flags);
      assert.deepEqual([told.code, message.test(told.stderr)], [code, true], `${command[0]} ${told.stderr}`);
    }
    assert.equal(readFileSync(join(folder, file), 'utf8'), text ?? '');
  }
});

test('nights that cannot be held against are named: damaged ones, and those of other experiments', async () => {
  const lines = readFileSync(join(folder, 'history/history.ndjson'), 'utf8').trimEnd().split('\n');
  mkdirSync(join(folder, 'damaged'));
  // Of the first one the cells; the second is cut.
  const [first = '', second = '', ...rest] = lines.slice(0, 8);
  const broken = [first.replace('"cells":[{', '"cells":[{{'), second.slice(0, 400), ...rest];
  writeFileSync(join(folder, 'damaged/history.ndjson'), `${broken.join('\n')}\n`);
  const lost = await gctune('gate', worse, '--history', 'damaged');
  assert.equal(lost.code, 0, lost.stderr);
  assert.match(unwrapped(lost.stdout), /^Not judged: it takes 7 usable nights before this one, and there are 6\./);
  assert.match(lost.stdout, /history\.ndjson, line 1 is damaged \(the night before-0\)/);
  assert.match(lost.stdout, /history\.ndjson, line 2 is damaged \(the night before-1\)/);
  mkdirSync(join(folder, 'others'));
  writeFileSync(
    join(folder, 'others/history.ndjson'),
    `${lines.join('\n').replaceAll('"experiment":"nightly"', '"experiment":"other"')}\n`,
  );
  const other = await gctune('gate', worse, '--history', 'others');
  assert.match(other.stdout, /warning: 10 nights of the history not looked at: of other experiments \(other\)/);
});
