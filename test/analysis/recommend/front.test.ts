import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { frontOf, membersOf } from '../../../src/analysis/inference/front.ts';
import { cellOf, drawCells, experimentOf } from './simulated-sweep.ts';

const MIB = 2 ** 20;

test('no member of a front is dominated, and whatever is no member is dominated by one', () => {
  const points = fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 3, maxLength: 3 }), { maxLength: 12 });
  fc.assert(
    fc.property(points, (all) => {
      const members = membersOf(all);
      const beats = (a: readonly number[], b: readonly number[]): boolean =>
        a.every((value, i) => value <= (b[i] ?? NaN)) && a.some((value, i) => value < (b[i] ?? NaN));
      all.forEach((point, i) => {
        const dominators = all.filter((_, j) => members[j]).filter((other) => beats(other, point));
        assert.equal(dominators.length === 0, members[i]);
      });
      if (all.length > 0) assert.ok(members.includes(true));
    }),
  );
});

test('the front of a workload has no dominated member, its probabilities are shares, and the same seed gives the same', () => {
  const positive = fc.integer({ min: 1, max: 50 });
  const table = fc.array(fc.tuple(positive, positive, positive), { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(table, { minLength: 2, maxLength: 4 }), (tables) => {
      const cells = tables.map((blocks, i) =>
        cellOf(50 * (i + 1), 'level', {
          'memory.anon': blocks.map(([memory]) => memory),
          'cpu.per_request': blocks.map(([, cpu]) => cpu),
          'latency.p99': blocks.map(([, , p99]) => p99),
        }),
      );
      const front = frontOf(experimentOf(), cells, 7);
      assert.ok(front !== undefined);
      assert.equal(front.blocks, 6);
      assert.deepEqual(
        front.cells.map(({ member }) => member),
        membersOf(front.cells.map(({ medians }) => medians)),
      );
      for (const { probability } of front.cells)
        assert.ok(probability !== null && probability >= 0 && probability <= 1);
      assert.deepEqual(frontOf(experimentOf(), cells, 7), front);
    }),
    { numRuns: 15 },
  );
});

test('a cell that is beaten in every block is never on the front, one that wins a metric in every block always', () => {
  const six = (value: number): number[] => [1, 2, 3, 4, 5, 6].map((i) => value + i / 100);
  const cells = [
    cellOf(50, 'level', { 'memory.anon': six(10), 'cpu.per_request': six(30) }),
    cellOf(100, 'level', { 'memory.anon': six(20), 'cpu.per_request': six(20) }),
    cellOf(200, 'level', { 'memory.anon': six(40), 'cpu.per_request': six(21) }),
  ];
  const front = frontOf(experimentOf(), cells, 1);
  assert.deepEqual(
    front?.cells.map(({ member, probability }) => [member, probability]),
    [
      [true, 1],
      [true, 1],
      [false, 0],
    ],
  );
  // 10 bytes for half again as much CPU: 10 ÷ 50 % a percent.
  const [exchange] = front?.exchanges ?? [];
  assert.deepEqual([exchange?.leaner, exchange?.richer], ['gogc=50', 'gogc=100']);
  assert.ok(Math.abs((exchange?.bytesPerPercent.value ?? 0) - 0.2) < 0.001);
});

test('only blocks with all cells count; cells that ran out of memory or hardly count are left out by name', () => {
  const values = { 'memory.anon': [3, 3, 3, 3, 3, 3], 'cpu.per_request': [1, 1, 1, 1, 1, 1] };
  const five = { 'memory.anon': [4, 4, 4, 4, 4], 'cpu.per_request': [1, 1, 1, 1, 1] };
  const killed = {
    outcomes: { completed: 6, 'oom-killed': 1 },
    attempted: 7,
    shortfall: '1 of 7 trials was OOM-killed',
  };
  const front = frontOf(
    experimentOf(),
    [
      cellOf(10, 'level', values, killed),
      cellOf(25, 'level', { 'memory.anon': [1, 1], 'cpu.per_request': [2, 2] }, { attempted: 6 }),
      cellOf(50, 'level', five),
      cellOf(100, 'level', values),
      cellOf(100, 'a-a', values),
    ],
    1,
  );
  assert.deepEqual(
    front?.cells.map(({ cell }) => cell),
    ['gogc=50', 'gogc=100'],
  );
  assert.equal(front?.blocks, 5);
  assert.deepEqual(front?.excluded, [
    { cell: 'gogc=10', label: 'GOGC=10', reason: '1 of 7 trials was OOM-killed' },
    { cell: 'gogc=25', label: 'GOGC=25', reason: 'only 2 of its 6 trials count' },
  ]);
});

test('the interval of an exchange rate covers the true one', () => {
  const sweep = {
    levels: [50, 100],
    blocks: 20,
    truth: (gogc: number) => [(50 + gogc) * MIB, 0.01 * (1 + 10 / gogc), 0.1] as const,
    noise: [0.01, 0.01, 0.1] as const,
    drift: 0.05,
  };
  const truth = 50 / ((100 * 0.1) / 1.1);
  const hits = Array.from({ length: 40 }, (_, seed) => {
    const { low = null, high = null } =
      frontOf(experimentOf(), drawCells({ ...sweep, seed }), seed)?.exchanges[0]?.bytesPerPercent ?? {};
    return low !== null && high !== null && low <= truth * MIB && truth * MIB <= high;
  }).filter(Boolean).length;
  assert.ok(hits >= 35, `${hits} of 40`);
});
