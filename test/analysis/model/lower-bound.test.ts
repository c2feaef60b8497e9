import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { CellAnalysis } from '../../../src/analysis/analysis.ts';
import { lowerBoundOf } from '../../../src/analysis/model/lower-bound.ts';
import { gaussian } from '../../../src/statistics/gaussian.ts';
import { seededStream, type RandomStream } from '../../../src/statistics/random.ts';
import { cellOf } from '../recommend/simulated-sweep.ts';

const EXPERIMENT = { confidence: 0.95 };
const LEVELS = [25, 50, 100, 200, 400];
const WORK = 0.002;
/** GC CPU of a level as a fraction of the work. */
const collected = (gogc: number): number => 10 / gogc;

/** A sweep in which every level does the same work, with trials that scatter by so much. */
function sweep(blocks: number, spread: number, stream: RandomStream): readonly CellAnalysis[] {
  return LEVELS.map((gogc) => {
    const noise = Array.from({ length: blocks }, () => Math.exp(spread * gaussian(stream)));
    return cellOf(gogc, 'level', {
      'cpu.per_request': noise.map((factor) => WORK * (1 + collected(gogc)) * factor),
      'gc.cpu_per_request': noise.map((factor) => WORK * collected(gogc) * factor),
    });
  });
}

test('what is printed as the lower bound is one as often as it is stated, although the base is the least of noisy cells', () => {
  const sweeps = 1000;
  for (const blocks of [6, 10, 20]) {
    const stream = seededStream(7, 'lower bound', blocks);
    let [held, tried, below, stated] = [0, 0, 0, 0];
    for (let round = 0; round < sweeps; round++) {
      for (const { cell, ratio } of lowerBoundOf(EXPERIMENT, sweep(blocks, 0.05, stream))?.cells ?? []) {
        const truth = 1 + collected(Number(cell.slice('gogc='.length)));
        tried++;
        stated += 1 - (1 - (ratio.confidence as number)) / 2;
        if ((ratio.low as number) <= truth + 1e-12) held++;
        if (ratio.value <= truth + 1e-12) below++;
      }
    }
    assert.equal(tried, sweeps * LEVELS.length);
    const said = `${blocks} blocks: a bound in ${held / tried}, stated ${stated / tried}; the estimate is one in ${below / tried}`;
    assert.ok(held / tried >= stated / tried - 0.008, said);
    // The estimate itself is near the middle too: of a base that the same blocks chose it was over the truth in 7 of 10.
    assert.ok(below / tried > 0.4, said);
  }
});

test('a level whose GC CPU is over-counted does not stand for the work, and is named', () => {
  const stream = seededStream(8, 'lower bound');
  // GOGC=25 is throttled: more is counted for its collector than it used, and nearly nothing seems left for the work.
  const cells = sweep(8, 0.01, stream).map((cell) => {
    if (cell.levels.gogc !== 25) return cell;
    const doubled = (cell.values['gc.cpu_per_request'] ?? []).map((one) => ({ ...one, value: one.value * 2 }));
    return { ...cell, values: { ...cell.values, 'gc.cpu_per_request': doubled } };
  });
  const warned = (code: string): readonly CellAnalysis[] =>
    cells.map((cell) =>
      cell.levels.gogc === 25 ? { ...cell, warnings: [{ code, message: '', cell: cell.id }] } : cell,
    );
  assert.deepEqual(lowerBoundOf(EXPERIMENT, cells)?.distilledFrom, ['gogc=25']);
  for (const code of ['throttled', 'gctrace-over-counts']) {
    const bound = lowerBoundOf(EXPERIMENT, warned(code));
    assert.ok(bound !== undefined && !bound.distilledFrom.includes('gogc=25'));
    assert.deepEqual(bound.refused, ['gogc=25']);
    const [own] = bound.cells;
    assert.ok(Math.abs((own?.ratio.value ?? NaN) / (1 + collected(25)) - 1) < 0.02, `${own?.ratio.value}`);
  }
  const all = cells.map((cell) => ({ ...cell, warnings: [{ code: 'throttled', message: '', cell: cell.id }] }));
  assert.equal(lowerBoundOf(EXPERIMENT, all), undefined);
});

test('one half of the blocks chooses for the other: a cell that is cheap in every second block is measured in those between', () => {
  const flat = (gogc: number, costs: readonly number[]): CellAnalysis =>
    cellOf(gogc, 'level', { 'cpu.per_request': costs, 'gc.cpu_per_request': costs.map(() => 0) });
  const bound = lowerBoundOf(EXPERIMENT, [flat(50, [1, 9, 1, 9, 1, 9]), flat(100, [5, 5, 5, 5, 5, 5])]);
  assert.deepEqual(bound?.distilledFrom, ['gogc=50', 'gogc=100']);
  assert.equal(bound?.distilled.value, 7);
  assert.equal(lowerBoundOf(EXPERIMENT, [flat(50, [1]), flat(100, [2])]), undefined);
});
