import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { gaussian } from '../../src/statistics/gaussian.ts';
import { groupInteractionTest } from '../../src/statistics/group-interaction.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { assertClose } from './close.ts';

interface Oracle {
  readonly cases: readonly {
    readonly blocks: readonly (readonly number[])[];
    readonly groups: readonly number[];
    readonly statistic: number;
    readonly p: number;
  }[];
}
const oracle = JSON.parse(
  readFileSync(new URL('../fixtures/statistics/oracle-interaction.json', import.meta.url), 'utf8'),
) as Oracle;
const stream = () => seededStream(3, 'group interaction');

test('F is that of the split plot, and p the share of all relabellings', () => {
  assert.equal(oracle.cases.length, 4);
  for (const { blocks, groups, statistic, p } of oracle.cases) {
    const found = groupInteractionTest(blocks, groups, stream());
    assert.equal(found?.method, 'exact permutation');
    assertClose(found.statistic ?? NaN, statistic, 1e-6, JSON.stringify(groups));
    assertClose(found.p ?? NaN, p, 1e-9, JSON.stringify(groups));
    assert.ok((found.p ?? 0) >= found.leastP - 1e-12);
  }
});

test('what a block or a node adds to every cell does not matter', () => {
  const { blocks, groups } = oracle.cases[1] as Oracle['cases'][number];
  const shifted = blocks.map((block, b) => block.map((value) => value + 100 * (groups[b] ?? 0) + b));
  const [one, other] = [
    groupInteractionTest(blocks, groups, stream()),
    groupInteractionTest(shifted, groups, stream()),
  ];
  assertClose(other?.statistic ?? NaN, one?.statistic ?? NaN, 1e-6);
  assert.equal(other?.p, one?.p);
});

test('the least p is the one of groups that lie apart, and where nothing can be asked there is no test', () => {
  const apart = [0, 0, 0, 1, 1, 1].map((group, b) => [10 * group, -10 * group + b * 1e-3, 0]);
  const found = groupInteractionTest(apart, [0, 0, 0, 1, 1, 1], stream());
  assert.equal(found?.leastP, 2 / 20);
  assert.equal(found.p, 2 / 20);
  assert.equal(groupInteractionTest(apart, [0, 0, 0, 0, 0, 0], stream()), undefined);
  assert.equal(groupInteractionTest(apart, [0, 1, 2, 3, 4, 5], stream()), undefined);
  const flat = groupInteractionTest(
    [
      [1, 2],
      [2, 3],
      [5, 6],
    ],
    [0, 0, 1],
    stream(),
  );
  assert.deepEqual([flat?.statistic, flat?.p], [null, null]);
});

test('beyond what can be counted it draws, near the exact p', () => {
  const draw = stream();
  const few = Array.from({ length: 12 }, (_, b) => [0, b % 2, 0].map((shift) => shift + gaussian(draw)));
  const groups = few.map((_, b) => b % 2);
  const exact = groupInteractionTest(few, groups, stream());
  assert.equal(exact?.method, 'exact permutation');
  const many = [...few, ...few];
  const found = groupInteractionTest(
    many,
    many.map((_, b) => b % 2),
    stream(),
    999,
  );
  assert.equal(found?.method, 'Monte Carlo permutation');
  assert.ok((found.p ?? 1) < (exact.p ?? 0) + 0.02);
  assert.deepEqual(
    groupInteractionTest(
      many,
      many.map((_, b) => b % 2),
      stream(),
      999,
    ),
    found,
  );
});

test('nodes of other speed and scatter alarm one in twenty times, and a setting that acts otherwise on one is found', () => {
  const draw = seededStream(5, 'nodes');
  const rounds = 400;
  const groups = Array.from({ length: 12 }, (_, b) => b % 3);
  let [alarms, found] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    // Log scale: the third node is 30 % slower in all cells, and noise is 3 %.
    const blocks = groups.map((group) =>
      [0, 0.1, 0.2, 0.4].map((effect) => effect + (group === 2 ? 0.3 : 0) + 0.03 * gaussian(draw)),
    );
    const other = blocks.map((block, b) =>
      block.map((value, cell) => (groups[b] === 2 && cell === 3 ? value + 0.1 : value)),
    );
    if ((groupInteractionTest(blocks, groups, draw, 199)?.p ?? 1) <= 0.05) alarms++;
    if ((groupInteractionTest(other, groups, draw, 199)?.p ?? 1) <= 0.05) found++;
  }
  assert.ok(alarms / rounds <= 0.08, `${alarms} of ${rounds} alarmed`);
  assert.ok(alarms / rounds >= 0.02, `${alarms} of ${rounds} alarmed`);
  assert.ok(found / rounds >= 0.85, `${found} of ${rounds} were found`);
});
