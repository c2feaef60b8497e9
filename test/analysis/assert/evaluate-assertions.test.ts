import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { analyse } from '../../../src/analysis/analyse.ts';
import type { Analysis, CellAnalysis } from '../../../src/analysis/analysis.ts';
import { hasErrors, type AssertionResult } from '../../../src/analysis/assert/assertion-report.ts';
import { evaluateAssertions } from '../../../src/analysis/assert/evaluate-assertions.ts';
import type { Assertion } from '../../../src/experiment/assert/assertion.ts';
import type { Outcome } from '../../../src/results/format.ts';
import { syntheticRun, type SyntheticOptions } from '../../fixtures/analysis/synthetic-run.ts';

const OOM: Outcome = { kind: 'oom-killed', phase: 'measure', limitBytes: 160 * 2 ** 20 };

async function analysed(options: SyntheticOptions): Promise<Analysis> {
  const run = syntheticRun({ gogc: [50, 100, 200], blocks: 8, noise: 0.02, ...options });
  return analyse({ manifest: run.manifest, trials: run.trials() });
}

function asserting(more: Partial<Assertion> & { least?: number; most?: number }): Assertion {
  const { least, most, ...rest } = more;
  const bound = (value: number | undefined): Assertion['max'] =>
    value === undefined ? undefined : { value, written: String(value) };
  return {
    metric: 'memory.anon',
    cell: undefined,
    kind: 'level',
    level: 'error',
    min: bound(least),
    max: bound(most),
    ...rest,
  };
}

function only(analysis: Analysis, assertion: Assertion): AssertionResult {
  const { results } = evaluateAssertions([assertion], analysis.workloads);
  assert.equal(results.length, 1);
  return results[0] as AssertionResult;
}

function cellOf(analysis: Analysis, id: string): CellAnalysis {
  const cell = analysis.workloads[0]?.cells.find((one) => one.id === id);
  assert.ok(cell !== undefined);
  return cell;
}

test('the ends of the interval decide, ends included, never the value', async () => {
  const analysis = await analysed({});
  const { low, high, value } = cellOf(analysis, 'gogc=50').estimates['memory.anon']!;
  assert.ok(low !== null && high !== null && low < value && value < high);
  const state = (bounds: { least?: number; most?: number }): string =>
    only(analysis, asserting({ cell: 'gogc=50', ...bounds })).state;
  assert.equal(state({ most: high }), 'passed');
  assert.equal(state({ most: high - 1 }), 'undecided');
  assert.equal(state({ most: value }), 'undecided');
  assert.equal(state({ most: low }), 'undecided');
  assert.equal(state({ most: low - 1 }), 'failed');
  assert.equal(state({ least: low }), 'passed');
  assert.equal(state({ least: low + 1 }), 'undecided');
  assert.equal(state({ least: high }), 'undecided');
  assert.equal(state({ least: high + 1 }), 'failed');
  assert.equal(state({ least: low, most: high }), 'passed');
  assert.equal(state({ least: low + 1, most: high }), 'undecided');
  assert.equal(state({ least: high + 1, most: high + 2 }), 'failed');
});

test('against the baseline the paired contrast is held to the bounds, in its unit or in per cent', async () => {
  const analysis = await analysed({});
  const contrast = analysis.workloads[0]?.contrasts.find(
    ({ cell, metric }) => cell === 'gogc=50' && metric === 'memory.anon',
  );
  assert.ok(contrast?.ratio !== undefined);
  const { difference, ratio } = contrast;
  const of = (kind: 'difference' | 'change', most: number): AssertionResult =>
    only(analysis, asserting({ cell: 'gogc=50', kind, most }));
  assert.deepEqual(of('difference', difference.high!).estimate, difference);
  assert.equal(of('difference', difference.high!).state, 'passed');
  assert.equal(of('difference', difference.low! - 1).state, 'failed');
  assert.equal(of('change', ratio.high! - 1).state, 'passed');
  assert.equal(of('change', ratio.low! - 1 - 1e-6).state, 'failed');
  const undecided = of('change', ratio.high! - 1 - 1e-6);
  assert.equal(undecided.state, 'undecided');
  assert.ok((undecided.blocksNeeded ?? 0) > 8, String(undecided.blocksNeeded));
});

test('without a selector every level is meant, against the baseline every other one; the A/A cell never', async () => {
  const { workloads } = await analysed({ workloads: { steady: 'http', quiet: 'idle' } });
  const cells = (assertion: Assertion): readonly (string | undefined)[] =>
    evaluateAssertions([assertion], workloads).results.map(({ cell }) => cell);
  assert.deepEqual(cells(asserting({ most: 1 })), [
    'gogc=50 workload=steady',
    'gogc=100 workload=steady',
    'gogc=200 workload=steady',
    'gogc=50 workload=quiet',
    'gogc=100 workload=quiet',
    'gogc=200 workload=quiet',
  ]);
  assert.deepEqual(cells(asserting({ most: 1, kind: 'change', cell: 'workload=quiet' })), [
    'gogc=50 workload=quiet',
    'gogc=200 workload=quiet',
  ]);
});

test('too few trials decide nothing, and how many are needed is said', async () => {
  const few = await analysed({ blocks: 4 });
  const result = only(few, asserting({ cell: 'gogc=50', most: 1 }));
  assert.equal(result.state, 'undecided');
  assert.equal(result.reason, 'interval not attainable with n = 4, needs 6');
});

test('a cell without figures has failed, with what became of its trials', async () => {
  const killed = await analysed({ outcomes: ({ cell }) => [cell === 'gogc=200' ? OOM : { kind: 'completed' }] });
  const result = only(killed, asserting({ cell: 'gogc=200', most: 1e12 }));
  assert.equal(result.state, 'failed');
  assert.equal(result.reason, '8 of 8 trials were OOM-killed (limit 160 MiB)');
  const none = await analysed({ outcomes: () => [] });
  assert.equal(only(none, asserting({ cell: 'gogc=50', most: 1e12 })).reason, 'no trial of it counts');
  const blind = await analysed({ inside: 'none' });
  const unseen = only(blind, asserting({ metric: 'heap.live', cell: 'gogc=50', most: 1e12 }));
  assert.deepEqual([unseen.state, unseen.reason], ['failed', 'no trial has a value for heap.live']);
});

test('one trial that ran out of memory fails its cell, since those that are left needed least', async () => {
  const once = await analysed({
    blocks: 10,
    outcomes: ({ cell, block }) => [cell === 'gogc=200' && block === 3 ? OOM : { kind: 'completed' }],
  });
  assert.equal(cellOf(once, 'gogc=200').valid, 9);
  const result = only(once, asserting({ cell: 'gogc=200', most: 1e12 }));
  assert.deepEqual([result.state, result.reason], ['failed', '1 of 10 trials was OOM-killed (limit 160 MiB)']);
  assert.equal(only(once, asserting({ cell: 'gogc=50', most: 1e12 })).state, 'passed');
});

test('a baseline that was killed fails what is against it, and names it', async () => {
  const killed = await analysed({
    outcomes: ({ cell }) => [cell === 'gogc=100' ? OOM : { kind: 'completed' }],
  });
  const against = only(killed, asserting({ cell: 'gogc=50', kind: 'change', most: 1 }));
  assert.deepEqual(
    [against.state, against.reason],
    ['failed', 'the baseline: 8 of 8 trials were OOM-killed (limit 160 MiB)'],
  );
  assert.equal(only(killed, asserting({ cell: 'gogc=50', most: 1e12 })).state, 'passed');
});

test('off is counted and not looked at; warn never is an error; what the run left out is said', async () => {
  const { workloads } = await analysed({});
  const list = [
    asserting({ cell: 'gogc=50', most: 1, level: 'off' }),
    asserting({ cell: 'gogc=50', most: 1, level: 'warn' }),
    asserting({ cell: 'gogc=75', most: 1 }),
  ];
  const [usual, strict] = [false, true].map((each) => evaluateAssertions(list, workloads, { strict: each }));
  assert.ok(usual !== undefined && strict !== undefined);
  assert.deepEqual([usual.off, strict.off], [1, 1]);
  const severities = (report: typeof usual): unknown => report.results.map(({ state, severity }) => [state, severity]);
  assert.deepEqual(severities(usual), [
    ['failed', 'warning'],
    ['not-run', 'warning'],
  ]);
  assert.deepEqual(severities(strict), [
    ['failed', 'warning'],
    ['not-run', 'error'],
  ]);
  assert.deepEqual([usual, strict].map(hasErrors), [false, true]);
});

test('a wider bound is never judged worse', async () => {
  const analysis = await analysed({});
  const { value } = cellOf(analysis, 'gogc=50').estimates['memory.anon']!;
  const rank = (most: number): number =>
    ['failed', 'undecided', 'passed'].indexOf(only(analysis, asserting({ cell: 'gogc=50', most })).state);
  const near = fc.double({ min: 0.9, max: 1.1, noNaN: true });
  fc.assert(fc.property(near, near, (a, b) => rank(Math.min(a, b) * value) <= rank(Math.max(a, b) * value)));
});

test('the analysis of a run holds what became of the assertions of its experiment', async () => {
  const run = syntheticRun({ gogc: [50, 100], blocks: 8 });
  const manifest = { ...run.manifest, experiment: { ...run.manifest.experiment, assert: [asserting({ most: 1 })] } };
  const analysis = await analyse({ manifest, trials: run.trials() });
  assert.deepEqual(
    analysis.assertions?.results.map(({ state, cell }) => [state, cell]),
    [
      ['failed', 'gogc=50'],
      ['failed', 'gogc=100'],
    ],
  );
  assert.equal((await analysed({})).assertions, undefined);
});
