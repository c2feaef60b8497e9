import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainSeries, type SeriesLook } from '../../src/analysis/explain/series.ts';
import { memoryCourseChart } from '../../src/report/charts/memory-course.ts';
import { loadRenderer } from '../../src/report/render.ts';
import { pageTheme } from '../../src/report/theme.ts';
import { answerText, sparkline, trendUnit } from '../../src/report/explain/series-words.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { simulatedLooks } from '../analysis/simulated-series.ts';

const MIB = 2 ** 20;
const looks = simulatedLooks({ looks: 30, memory: 0.5, cycle: 0.4, leak: 40 }, seededStream(1, 'chart'));
const withRss = looks.map((look): SeriesLook => ({
  ...look,
  figures: { ...look.figures, rssBytes: 420 * MIB, rssFileBytes: 20 * MIB, lazyFreeBytes: 60 * MIB },
}));

test('Vega complains of no course, and none has a number that is none', async () => {
  const draw = await loadRenderer();
  for (const [series, watched] of [
    [looks, true],
    [withRss, true],
    [looks.slice(0, 3), false],
    [looks.map(({ name }) => ({ name, atSeconds: undefined, figures: { counters: {} } })), false],
  ] as const) {
    const chart = memoryCourseChart(explainSeries(series, watched), pageTheme, 'course');
    assert.ok(chart !== undefined);
    const { svg, complaints } = await draw(chart);
    assert.deepEqual(complaints, []);
    assert.doesNotMatch(svg, /="[^"]*(?:NaN|Infinity|undefined|null)/);
  }
  assert.equal(memoryCourseChart(explainSeries(looks.slice(0, 2), true), pageTheme, 'course'), undefined);
});

test('trends are told in a unit that fits the time that was watched', () => {
  const of = (every: number) =>
    trendUnit(
      explainSeries(
        looks.map((look, i) => ({ ...look, atSeconds: i * every })),
        true,
      ),
    ).name;
  assert.deepEqual([of(1), of(600), of(36_000)], ['min', 'h', 'day']);
  assert.equal(trendUnit(explainSeries(looks, false)).name, 'dump');
});

test('each answer is one that can be acted on, and has its interval', () => {
  assert.match(answerText(explainSeries(looks, true)), /^The live heap grows: .* by \+\d+\.\d+ MiB per min \(\+\d/);
  const lazy = withRss.map((look) => ({ ...look, figures: { ...look.figures, lazyFreeBytes: 300 * MIB } }));
  const flat = lazy.map((look) => ({
    ...look,
    figures: { ...looks[0]?.figures, ...look.figures, counters: looks[0]?.figures.counters ?? {} },
  }));
  assert.match(answerText(explainSeries(flat, true)), /300\.0 MiB was returned to the system and is still resident/);
});

test('a course is flat where it hardly moves, and as long as it has values, at most twelve', () => {
  assert.equal(sparkline([1, 2, 3], 0.1), '▁▅█');
  assert.equal(sparkline([100, 101, 100], 5), '▁▁▁');
  assert.equal(
    sparkline(
      Array.from({ length: 500 }, (_, i) => i),
      1,
    ).length,
    12,
  );
});
