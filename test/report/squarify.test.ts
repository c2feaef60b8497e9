import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { squarify, type Tile } from '../../src/report/heapdump/squarify.ts';

const area: Tile = { x: 10, y: 20, width: 300, height: 200 };
const end = ({ x, y, width, height }: Tile): readonly [number, number] => [x + width, y + height];

test('tiles have areas as their values, lie in the area and do not overlap', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.001, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 40 }),
      (values) => {
        const sorted = values.toSorted((a, b) => b - a);
        const tiles = squarify(sorted, area);
        const sum = sorted.reduce((all, value) => all + value, 0);
        assert.equal(tiles.length, sorted.length);
        tiles.forEach((tile, i) => {
          const wanted = ((sorted[i] ?? 0) / sum) * 60_000;
          assert.ok(Math.abs(tile.width * tile.height - wanted) <= 1e-6 * 60_000, `${i}: ${JSON.stringify(tile)}`);
          const [right, bottom] = end(tile);
          assert.ok(tile.x >= 10 - 1e-6 && tile.y >= 20 - 1e-6 && right <= 310 + 1e-6 && bottom <= 220 + 1e-6);
          for (const other of tiles.slice(i + 1)) {
            const [otherRight, otherBottom] = end(other);
            const width = Math.min(right, otherRight) - Math.max(tile.x, other.x);
            const height = Math.min(bottom, otherBottom) - Math.max(tile.y, other.y);
            assert.ok(Math.min(width, height) <= 1e-6, 'no two overlap');
          }
        });
      },
    ),
  );
});

test('the example of the paper: 6, 6, 4, 3, 2, 2, 1 in 6 × 4', () => {
  const tiles = squarify([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
  const shapes = tiles.map(({ width, height }) => `${width.toFixed(2)}x${height.toFixed(2)}`);
  assert.deepEqual(shapes.slice(0, 4), ['3.00x2.00', '3.00x2.00', '1.71x2.33', '1.29x2.33']);
});

test('nothing, zeros and no area do no harm', () => {
  assert.deepEqual(squarify([], area), []);
  for (const tile of [...squarify([0, 0], area), ...squarify([1, 2], { ...area, width: 0 })])
    assert.ok(Object.values(tile).every(Number.isFinite));
});
