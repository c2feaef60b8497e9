import assert from 'node:assert/strict';
import test from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import type { Analysis } from '../../src/analysis/analysis.ts';
import { evaluateAssertions } from '../../src/analysis/assert/evaluate-assertions.ts';
import { compareRuns } from '../../src/analysis/compare/compare-runs.ts';
import type { RunComparison } from '../../src/analysis/compare/run-comparison.ts';
import { assertionGithub } from '../../src/report/assert/assert-github.ts';
import { changeChart } from '../../src/report/compare/change-chart.ts';
import { comparisonGithub } from '../../src/report/compare/compare-github.ts';
import { renderReport } from '../../src/report/formats.ts';
import { githubAnnotations, githubSummary } from '../../src/report/github/github-answer.ts';
import type { JunitCase } from '../../src/report/junit.ts';
import { SMALL_SERVICE } from '../fixtures/analysis/heap-model.ts';
import { syntheticRun, type SyntheticOptions } from '../fixtures/analysis/synthetic-run.ts';
import type { Assertion } from '../../src/experiment/assert/assertion.ts';
import { matchesGolden } from '../golden.ts';
import { HOSTILE } from './samples.ts';

/** What a comment on a pull request may hold. */
const COMMENT = 65_536;

async function analysisOf(options: SyntheticOptions): Promise<Analysis> {
  const run = syntheticRun({ gogc: [50, 100, 200], noise: 0.01, name: 'night', blocks: 10, ...options });
  return analyse({ manifest: run.manifest, trials: run.trials() });
}

/** A run against one whose requests take so many times the CPU. */
async function compared(times: number, options: SyntheticOptions = {}): Promise<RunComparison> {
  const model = (): typeof SMALL_SERVICE => ({
    ...SMALL_SERVICE,
    requestSeconds: SMALL_SERVICE.requestSeconds * times,
  });
  const base = await analysisOf({ seed: 1, ...options });
  return compareRuns(base, await analysisOf({ seed: 2, model, ...options }), { margin: 0 });
}

function complaint(kind: 'failure' | 'skipped', name = 'steady: GOGC=50', message = 'worse'): JunitCase {
  return { name, className: 'c', complaint: { kind, type: kind, message }, found: [] };
}

test('a regression is an error each, and the summary says so first', async () => {
  const answer = comparisonGithub([await compared(1.1)]);
  matchesGolden('report/compare-github.md', githubSummary(answer));
  matchesGolden('report/compare-github.txt', githubAnnotations(answer));
});

test('what would decide an assertion names the file of the experiment in the annotation and in the summary', async () => {
  const { run, workloads } = await analysisOf({ seed: 1 });
  const max = { value: 2 ** 25, written: '32MiB' };
  const asserted: Assertion = {
    metric: 'memory.anon',
    kind: 'level',
    cell: undefined,
    min: undefined,
    max,
    level: 'error',
  };
  const report = evaluateAssertions([asserted], workloads, { confidence: run.experiment.confidence });
  const [first] = report.results;
  assert.ok(first !== undefined);
  const undecided = { ...first, state: 'undecided', severity: 'warning', blocksNeeded: 30 } as const;
  const answer = assertionGithub({ ...run, experimentFile: 'nightly.yaml' }, { ...report, results: [undecided] });
  assert.match(githubAnnotations(answer), /^::warning title=gctune assert::[^\n]*gctune run nightly\.yaml --blocks 30/);
  assert.match(githubSummary(answer), /gctune run nightly\.yaml --blocks 30/);
});

test('without a regression the first sentence says how much could be hidden, and there is one notice', async () => {
  const answer = comparisonGithub([await compared(1)]);
  assert.match(
    githubSummary(answer),
    /^\*\*No regression:\*\* \S+ is not shown to be worse than \S+ in any of 6 comparisons of primary metrics\. The widest of the 95\u00a0% intervals leaves room for \d\.\d % worse \(.+ at GOGC=\d+\)\./,
  );
  assert.match(githubAnnotations(answer), /^::notice title=gctune compare::No regression: [^\n]*\n$/);
});

test('what cannot be compared is no good news', async () => {
  const answer = comparisonGithub([await compared(1.5, { blocks: 3 })]);
  assert.match(
    githubSummary(answer),
    /^\*\*Nothing compared:\*\* no primary metric of .* interval not attainable with n = 3 and 3/,
  );
  assert.match(githubAnnotations(answer), /^(::warning title=gctune compare::[^\n]*not comparable[^\n]*\n)+$/);
});

test('an annotation is one line whatever it is made of, escaped as GitHub’s toolkit does', () => {
  const text = githubAnnotations({
    title: 'a:b,c%\n::error::d',
    sentence: '',
    cases: [complaint('failure', '100 %\r\n::set-output name=x::y', 'e\n::error::f')],
    summary: [],
  });
  assert.equal(text, '::error title=a%3Ab%2Cc%25 %3A%3Aerror%3A%3Ad::100 %25 ::set-output name=x::y: e ::error::f\n');
});

test('there are no more annotations of a kind than GitHub shows, and the last says how many are left out', () => {
  const cases = Array.from({ length: 25 }, (_, i) => complaint(i < 12 ? 'failure' : 'skipped', `case ${i}`));
  const lines = githubAnnotations({ title: 't', sentence: '', cases, summary: [] }).trim().split('\n');
  assert.equal(lines.length, 20);
  assert.equal(lines[9], '::error title=t::3 more; see the summary of the job');
  assert.equal(lines[19], '::warning title=t::4 more; see the summary of the job');
});

test('the summary of however many cells fits into a comment, opens what it closes and keeps the answer', async () => {
  const one = await compared(1.1);
  const cells = Array.from({ length: 400 }, (_, i) =>
    one.cells.map((cell) => ({ ...cell, label: `GOGC=${i} ${HOSTILE}`, workload: `w${i} ${HOSTILE}` })),
  ).flat();
  const warnings = Array.from({ length: 90 }, (_, i) => ({ code: 'w', message: `warning ${i} ${HOSTILE}` }));
  const text = githubSummary(comparisonGithub([{ ...one, cells, warnings }]));
  assert.ok(text.length <= COMMENT, `${text.length} characters`);
  assert.match(text, /^\*\*Regression:\*\* /);
  assert.match(text, /\n- 1181 more\n/);
  assert.match(text, /What did not fit into a comment on GitHub is left out/);
  assert.equal(text.match(/<details>/g)?.length, text.match(/<\/details>/g)?.length);
  assert.doesNotMatch(text, /(^|[^\w])@\w/);
});

test('the chart has zero and both ends on its scale, and one point for an exact value', () => {
  const change = (value: number, low: number, high: number): Parameters<typeof changeChart>[0][number]['change'] => ({
    value,
    low,
    high,
    n: 8,
    confidence: 0.95,
    method: '',
    warnings: [],
  });
  matchesGolden(
    'report/change-chart.txt',
    `${changeChart([
      { label: 'CPU per request, GOGC=50', change: change(0.19, 0.17, 0.2), verdict: 'worse' },
      { label: 'anonymous memory, GOGC=50', change: change(-0.1, -0.12, -0.08), verdict: 'better' },
      { label: 'allocated per request', change: change(0, 0, 0), verdict: 'not shown' },
      {
        label: 'a level whose name is much longer than there is room beside a chart',
        change: change(0.01, -0.02, 0.05),
        verdict: 'not shown',
      },
    ])}\n\n${changeChart([{ label: 'RSS', change: change(-0.001, -0.002, 0.001), verdict: 'not shown' }])}\n`,
  );
});

test('github-action-benchmark gets the primary metrics of which less is better, in units that never change', async () => {
  const text = await renderReport(await analysisOf({ seed: 1 }), 'github-action-benchmark');
  matchesGolden('report/github-action-benchmark.json', text);
  const entries = JSON.parse(text) as readonly {
    readonly name: string;
    readonly value: unknown;
    readonly unit: unknown;
  }[];
  assert.equal(new Set(entries.map(({ name }) => name)).size, entries.length, 'the action tells results apart by name');
  for (const { value, unit } of entries) {
    assert.equal(typeof value, 'number');
    assert.equal(typeof unit, 'string');
  }
});
