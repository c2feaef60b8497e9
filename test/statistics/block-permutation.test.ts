import assert from 'node:assert/strict';
import { test } from 'node:test';

import { blockPermutationTest } from '../../src/statistics/block-permutation.ts';
import { gaussian } from '../../src/statistics/gaussian.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { assertClose } from './close.ts';
import { readEffectOracle } from './effect-oracle.ts';

const stream = () => seededStream(3, 'block permutation');

test('p is the share of all arrangements, and the statistic that of scipy.stats.friedmanchisquare', () => {
  for (const { blocks, p, statistic } of readEffectOracle().friedman) {
    const found = blockPermutationTest(blocks, stream());
    assert.equal(found.method, 'Friedman, exact permutation');
    assertClose(found.p ?? NaN, p, 1e-9, JSON.stringify(blocks));
    if (typeof statistic === 'number') assertClose(found.statistic ?? NaN, statistic, 1e-9);
  }
});

test('beyond what can be counted it draws, near the exact p, the same for the same seed, and never gives zero', () => {
  const draw = stream();
  const blocks = Array.from({ length: 7 }, () => [0, 0.6, 1.2].map((level) => level + gaussian(draw)));
  const exact = blockPermutationTest(blocks, stream());
  assert.equal(exact.method, 'Friedman, exact permutation');
  // A block in which all are equal adds nothing to any rank sum.
  const more = [...blocks, [1, 1, 1]];
  const drawn = blockPermutationTest(more, stream(), 20_000);
  assert.equal(drawn.method, 'Friedman, Monte Carlo permutation');
  assert.ok(Math.abs((drawn.p ?? NaN) - (exact.p ?? NaN)) < 0.015, `${drawn.p} and ${exact.p}`);
  assert.deepEqual(blockPermutationTest(more, stream(), 20_000), drawn);
  const clear = Array.from({ length: 20 }, (_, b) => [b, b + 1, b + 2, b + 3]);
  assert.equal(blockPermutationTest(clear, stream(), 99).p, 1 / 100);
});

test('what is shared by a block does not matter, and equal values have no p', () => {
  const blocks = [
    [1, 4, 2],
    [3, 5, 4],
    [2, 9, 1],
  ];
  const shifted = blocks.map((block, b) => block.map((value) => 1000 * b + value));
  assert.deepEqual(blockPermutationTest(shifted, stream()), blockPermutationTest(blocks, stream()));
  const flat = blockPermutationTest(
    Array.from({ length: 4 }, () => [7, 7, 7]),
    stream(),
  );
  assert.deepEqual([flat.statistic, flat.p], [null, null]);
  assert.throws(() => blockPermutationTest([[1]], stream()), /at least two cells/);
  assert.throws(() => blockPermutationTest([[1, 2], [1]], stream()), /a block has 1 cells, the first 2/);
});

test('without a difference it claims one in twenty times, at most', () => {
  const draw = seededStream(5, 'null blocks');
  const rounds = 400;
  let claims = 0;
  for (let round = 0; round < rounds; round++) {
    const blocks = Array.from({ length: 10 }, () => [0, 0, 0, 0, 0].map(() => gaussian(draw)));
    if ((blockPermutationTest(blocks, draw, 199).p ?? 1) <= 0.05) claims++;
  }
  assert.ok(claims / rounds <= 0.05 + 3.5 * Math.sqrt((0.05 * 0.95) / rounds), String(claims));
  assert.ok(claims > 0);
});
