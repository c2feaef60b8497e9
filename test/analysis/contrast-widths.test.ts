import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import { halfWidthOf, watchWidths } from '../../src/analysis/inference/contrast-widths.ts';
import type { RunEnd } from '../../src/results/format.ts';
import { gaussian } from '../../src/statistics/gaussian.ts';
import { hodgesLehmann, hodgesLehmannRatio } from '../../src/statistics/hodges-lehmann.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { assertClose } from '../statistics/close.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';

test('the widths of a run that goes on come from the scatter of the A/A trial around the two that are compared', async () => {
  const run = syntheticRun({ blocks: 7, noise: 0.05, workloads: { steady: 'http', bursty: 'http' } });
  const { confidence, primaries } = run.manifest.experiment;
  const { workloads } = await analyse({ manifest: run.manifest, trials: run.trials() });
  const watch = watchWidths(run.manifest);
  for (const trial of run.trials()) await watch.add(trial);
  const expected = primaries.flatMap((metric) =>
    workloads.flatMap(({ cells }) => {
      const valuesOf = (cell: (typeof cells)[number] | undefined): readonly number[] =>
        (cell?.values[metric] ?? []).map(({ value }) => value);
      const base = valuesOf(cells.find((cell) => cell.baseline));
      const again = valuesOf(cells.find(({ role }) => role === 'a-a'));
      return cells
        .filter((cell) => cell.role === 'level' && !cell.baseline)
        .map((cell) => {
          const blocks = valuesOf(cell).map((value, b) => ({ value, base: base[b] as number, again: again[b] }));
          return { cell: cell.id, metric, halfWidth: halfWidthOf(blocks, confidence) };
        });
    }),
  );
  assert.ok(expected.length > 8 && expected.every(({ halfWidth }) => halfWidth !== null));
  assert.deepEqual(watch.widths(), expected);
});

test('the width that is expected does not change with the difference between the two, only with the scatter', () => {
  const draw = seededStream(4, 'widths');
  const blocks = Array.from({ length: 9 }, () => {
    const [value, base, again] = [0, 1, 2].map(() => Math.exp(gaussian(draw) / 20)) as [number, number, number];
    return { value, base, again };
  });
  const width = halfWidthOf(blocks, 0.95) as number;
  // The same rest with the two compared drawn together, block by block: the contrast itself becomes certain.
  const certain = blocks.map(({ value, base, again }) => {
    const middle = Math.sqrt(value * base);
    return { value: middle, base: middle, again };
  });
  assertClose(halfWidthOf(certain, 0.95) as number, width / ratioOf(blocks), 1e-9);
  // Or pulled apart until its own interval is more than twice as wide.
  const apart = blocks.map(({ value, base, again }, block) => {
    const [middle, pull] = [Math.sqrt(value * base), Math.exp((block % 2 === 0 ? 1 : -1) / 2)];
    return { value: middle * pull, base: middle / pull, again };
  });
  const { value, low, high } = hodgesLehmannRatio(
    apart.map((one) => [one.value, one.base] as const),
    0.95,
  );
  const own = (value * Math.sinh(Math.log((high as number) / (low as number)) / 2)) / 2;
  assertClose(halfWidthOf(apart, 0.95) as number, own, 1e-9);
  assert.ok(own > width);
  const twice = blocks.map((one) => ({ ...one, value: 2 * one.value }));
  assertClose(halfWidthOf(twice, 0.95) as number, 2 * width, 1e-9, 'relative to the baseline');
});

test('without positive values the widths are those of differences, relative to the baseline', () => {
  const rows = [1, 2, 3, 4, 5, 6, 7].map((i) => ({ value: i % 3, base: 100 + i, again: 100 + ((i * 5) % 4) }));
  const [value, base, again] = (['value', 'base', 'again'] as const).map((key) => rows.map((row) => row[key])) as [
    number[],
    number[],
    number[],
  ];
  const rest = hodgesLehmann(
    again.map((x, i) => Math.sqrt(4 / 3) * (x - ((value[i] as number) + (base[i] as number)) / 2)),
    0.95,
  );
  assertClose(halfWidthOf(rows, 0.95) as number, ((rest.high as number) - (rest.low as number)) / 2 / 104, 1e-9);
});

test('without the A/A trial of a block, or a baseline above zero, no width is told', () => {
  const block = { value: 1, base: 1, again: 1 };
  const blocks = Array.from({ length: 6 }, () => block);
  assert.equal(halfWidthOf(blocks, 0.95), 0);
  assert.equal(halfWidthOf([...blocks.slice(1), { ...block, again: undefined }], 0.95), null);
  assert.equal(
    halfWidthOf(
      blocks.map((one) => ({ ...one, base: 0 })),
      0.95,
    ),
    null,
  );
  assert.equal(halfWidthOf([], 0.95), null);
});

test('a trial is read once, and an interval that cannot be had is null', async () => {
  const run = syntheticRun({ blocks: 3, gogc: [50, 100], noise: 0.05 });
  const watch = watchWidths(run.manifest);
  let reads = 0;
  for (let round = 0; round < 2; round++) {
    for (const { record, readings } of run.trials()) {
      const counted = {
        [Symbol.iterator]: () => {
          reads++;
          return (readings as Iterable<never>)[Symbol.iterator]();
        },
      };
      await watch.add({ record, readings: counted });
    }
  }
  assert.equal(reads, run.trials().length);
  assert.deepEqual(
    watch.widths().map(({ cell, halfWidth }) => [cell, halfWidth]),
    [
      ['gogc=50', null],
      ['gogc=50', null],
    ],
  );
});

function ratioOf(blocks: readonly { readonly value: number; readonly base: number }[]): number {
  return hodgesLehmannRatio(
    blocks.map(({ value, base }) => [value, base] as const),
    0.95,
  ).value;
}

test('an adaptive run says which contrasts are less sure than was asked, and why it ended', async () => {
  const run = syntheticRun({ blocks: 7, noise: 0.05 });
  const warningOf = async (precision: number, why: RunEnd): Promise<string | undefined> => {
    const adaptive = { min: 6, precision, budgetSeconds: 600 };
    const manifest = { ...run.manifest, experiment: { ...run.manifest.experiment, adaptive } };
    const { warnings } = await analyse({ manifest, trials: run.trials(), ended: { why, blocks: undefined } });
    return warnings.find(({ code }) => code === 'precision-missed')?.message;
  };
  assert.match(
    (await warningOf(0.02, 'plan-done')) ?? '',
    /^the asked precision of ±2\.0 % was not reached: .* at GOGC=\d+ is expected within ±\d.*; it ended with the last of its 7 blocks$/,
  );
  assert.match((await warningOf(0.02, 'budget-spent')) ?? '', /; its budget of 600 s was spent after 7 blocks$/);
  // A run that got there with its last block is not asked any more whether it did.
  assert.equal(await warningOf(0.9, 'plan-done'), undefined);
  assert.equal(await warningOf(0.02, 'precision-reached'), undefined);
});
