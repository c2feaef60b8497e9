import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NightSummary } from '../../src/history/overview.ts';
import { drawnSeries } from '../../src/report/history/history-drawing.ts';
import { commonScale } from '../../src/units/format-units.ts';

const nights = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'].map((day): NightSummary => ({
  run: day,
  startedAt: `${day}T03:00:00.000Z`,
  toolVersion: '1',
  digests: [],
  goVersions: [],
}));

function drawn(values: readonly number[], changes: readonly number[] = []): string {
  const level = values.at(-1) ?? 0;
  const points = values.map((value, night) => ({ night, value, low: null, high: null, n: 6 }));
  const scale = commonScale([level], 'bytes');
  return drawnSeries({ points, level: { value: level } }, { changes, nights, name: 'x', scale }).toString();
}

test('a series has its first and last day below it, and the day of each change', () => {
  const page = drawn([100, 100, 150, 150], [2]);
  assert.match(page, /<p>\s*<span>2026-03-01<\/span> <span>4 nights, .*<\/span> <span>2026-03-04<\/span>\s*<\/p>/);
  assert.match(page, /Change: 2026-03-03/);
  assert.doesNotMatch(drawn([100, 100, 100, 100]), /Change/);
});

test('a series that hardly varies lies in the middle of its drawing, one that varies fills it', () => {
  const constant = drawn([1000, 1000, 1000, 1000]);
  assert.match(constant, /<path class="l" d="M3[ ,]36/);
  assert.match(drawn([0, 0, 0, 0]), /<path class="l" d="M3[ ,]36/);
  assert.match(drawn([1000, 2000, 2000, 2000]), /<path class="l" d="M3[ ,]6\d/);
});
