import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { CellAnalysis, WorkloadAnalysis } from '../../src/analysis/analysis.ts';
import { METRICS } from '../../src/metrics/metrics.ts';
import { againstGogcChart } from '../../src/report/charts/against-gogc.ts';
import { ticksOf } from '../../src/report/charts/axis-ticks.ts';
import { compositionChart } from '../../src/report/charts/composition.ts';
import type { Line } from '../../src/report/charts/drawn-courses.ts';
import { drawnCourses, simplified } from '../../src/report/charts/drawn-courses.ts';
import { latencyChart } from '../../src/report/charts/latency.ts';
import { latencyRowsChart } from '../../src/report/charts/latency-rows.ts';
import { gogcAxis } from '../../src/report/charts/levels.ts';
import { PLOT } from '../../src/report/charts/over-time-plot.ts';
import { overTimePanels } from '../../src/report/charts/over-time.ts';
import { around, placeLabels, spread } from '../../src/report/charts/place-labels.ts';
import type { Chart } from '../../src/report/charts/spec.ts';
import { TRADE_OFF_FRAMES, tradeOffChart } from '../../src/report/charts/trade-off.ts';
import { tradeOffOf } from '../../src/report/charts/trade-off-points.ts';
import { loadRenderer } from '../../src/report/render.ts';
import { textWidth } from '../../src/report/text-metrics.ts';
import { pageTheme } from '../../src/report/theme.ts';
import { SAMPLES } from './samples.ts';

function chartsOf(workload: WorkloadAnalysis): readonly (readonly [string, Chart | undefined])[] {
  const tradeOff = tradeOffOf([workload]);
  return [
    ['trade-off', tradeOff && tradeOffChart(tradeOff, TRADE_OFF_FRAMES.wide, pageTheme, 'a')],
    ['trade-off, narrow', tradeOff && tradeOffChart(tradeOff, TRADE_OFF_FRAMES.narrow, pageTheme, 'f')],
    ['composition', compositionChart(workload, pageTheme, 'c')],
    ['latency', latencyChart(workload, pageTheme, 'd')],
    ['latency, rows', latencyRowsChart(workload, pageTheme, 'g')],
    ['against GOGC', againstGogcChart(workload, METRICS['memory.anon'], pageTheme, 'e')],
  ];
}

test('Vega complains of no chart of any run, and none has a number that is none', async () => {
  const draw = await loadRenderer();
  for (const [name, sample] of Object.entries(SAMPLES)) {
    for (const workload of (await sample()).workloads) {
      for (const [kind, chart] of chartsOf(workload)) {
        if (chart === undefined) continue;
        const { svg, complaints } = await draw(chart);
        assert.deepEqual(complaints, [], `${name}: ${kind}`);
        assert.doesNotMatch(svg, /="[^"]*(?:NaN|Infinity|undefined|null)/, `${name}: ${kind}`);
        assert.match(
          svg,
          /^<svg [^>]*role="img" aria-labelledby="(\w)-title \1-description" viewBox="0 0 [\d.]+ [\d.]+"/,
        );
        assert.match(svg, /<title id="\w-title">[^<]+<\/title><desc id="\w-description">[^<]+<\/desc>/);
        assert.doesNotMatch(svg, /\d\.\d{3}/, `${name}: ${kind} has two decimals at most`);
      }
    }
  }
});

test('a run has the charts that its figures allow', async () => {
  const kinds = async (name: string): Promise<readonly string[]> => {
    const analysis = await SAMPLES[name]?.();
    const workload = analysis?.workloads[0];
    assert.ok(workload);
    return chartsOf(workload).flatMap(([kind, chart]) => (chart === undefined ? [] : [kind]));
  };
  const all = ['trade-off', 'trade-off, narrow', 'composition', 'latency', 'latency, rows', 'against GOGC'];
  assert.deepEqual(await kinds('plain'), all);
  assert.deepEqual(await kinds('few-blocks'), all, 'points are drawn without their intervals');
  assert.deepEqual(
    await kinds('batch'),
    all.filter((kind) => !kind.startsWith('latency')),
  );
  assert.deepEqual(
    await kinds('no-memstats'),
    all.filter((kind) => kind !== 'composition'),
  );
  assert.deepEqual(await kinds('void'), []);
  assert.deepEqual(await kinds('empty'), []);
});

test('the colours of a chart come from the page, with the light one to fall back on', async () => {
  const draw = await loadRenderer();
  const workload = (await SAMPLES['one-workload']?.())?.workloads[0];
  assert.ok(workload);
  for (const [kind, chart] of chartsOf(workload)) {
    assert.ok(chart);
    const { svg } = await draw(chart);
    const paints = new Set([...svg.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, paint = '']) => paint));
    for (const paint of paints)
      assert.match(paint, /^var\(--[\w-]+, #[\da-f]{6}\)$|^none$|^transparent$|^url\(#c-hatch\)$/, kind);
  }
});

test('every cell of every run has its panels over time, whose lines lie within them', async () => {
  for (const [name, sample] of Object.entries(SAMPLES)) {
    for (const workload of (await sample()).workloads) {
      const cells = workload.cells.filter(({ courses }) => courses.length > 0);
      const panels = overTimePanels(workload, pageTheme)?.text ?? '';
      assert.equal(panels === '', cells.length === 0, name);
      const rows = [...panels.matchAll(/data-name="([^"]*)"/g)].map(([, quantity]) => quantity);
      assert.equal([...panels.matchAll(/<svg/g)].length, rows.length * cells.length, `${name}: ${rows.join()}`);
      for (const [, path = ''] of panels.matchAll(/class="(?:trials|median|between)" d="([^"]*)"/g)) {
        assert.match(path, /^(?:[MLl](?:-?\d+[ -]?)+z?)*$/, name);
        for (const line of path.split(/(?=[ML])/)) {
          const steps = (line.match(/-?\d+/g) ?? []).map(Number);
          for (const [axis, most] of [PLOT.width, PLOT.height].entries()) {
            let at = 0;
            for (let i = axis; i < steps.length; i += 2) {
              at += steps[i] ?? 0;
              assert.ok(at >= 0 && at <= most, `${name}: ${at} of ${most}`);
            }
          }
        }
      }
    }
  }
});

test('the axes have round numbers, few of them', () => {
  assert.deepEqual(ticksOf(83), [0, 25, 50, 75]);
  assert.deepEqual(ticksOf(1.98, 2), [0, 1]);
  assert.deepEqual(ticksOf(0), [0]);
});

test('off stands at the end of the axis of GOGC, apart from the numbers', () => {
  const cells = ([10, 100, 'off'] as const).map((gogc) => ({ levels: { gogc } }) as CellAnalysis);
  const axis = gogcAxis(cells, 400);
  assert.ok(axis.at('off') > 100 * 2);
  assert.ok(axis.domain[0] < 10 && axis.domain[1] > axis.at('off'));
  const units = (at: number): number =>
    (Math.log(at / axis.domain[0]) / Math.log(axis.domain[1] / axis.domain[0])) * 400;
  assert.ok(Math.abs(units(axis.shifted(axis.at(100), 12)) - units(100) - 12) < 1e-9);
});

test('labels cover neither each other nor the points, where there is room', () => {
  const point = fc.record({ x: fc.integer({ min: 60, max: 340 }), y: fc.integer({ min: 40, max: 260 }) });
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 5 }), (points) => {
      const anchors = points.map((one) => ({ ...one, width: 50, height: 14 }));
      const dots = points.map(({ x, y }) => around(x, y, 8, 8));
      const places = placeLabels(anchors, dots, { left: 0, top: 0, right: 400, bottom: 300 });
      const boxes = places.map(({ x, y }) => around(x, y, 50, 14));
      for (const [i, box] of boxes.entries()) {
        assert.ok(box.left >= 0 && box.right <= 400 && box.top >= 0 && box.bottom <= 300);
        for (const other of [...boxes.slice(i + 1), ...dots]) {
          const apart =
            box.right <= other.left || other.right <= box.left || box.bottom <= other.top || other.bottom <= box.top;
          assert.ok(apart, JSON.stringify([points, box, other]));
        }
      }
    }),
  );
});

test('spread labels keep their order and their distance, and stay in the frame', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { minLength: 1, maxLength: 12 }), (wanted) => {
      const placed = spread(wanted, 14, 0, 200);
      const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] as number) - (wanted[b] as number));
      const sorted = order.map((i) => placed[i] as number);
      for (const [i, at] of sorted.entries()) {
        assert.ok(at >= 7 - 1e-9 && at <= 193 + 1e-9);
        if (i > 0) assert.ok(at - (sorted[i - 1] as number) >= 14 - 1e-9);
      }
    }),
  );
});

test('a simplified line keeps its ends and strays from no point by more than the tolerance', () => {
  const value = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 2, maxLength: 60 }), (values) => {
      const line: Line = values.map((v, i) => [i, v] as const);
      const short = simplified(line, 3, 2, 0.5);
      assert.deepEqual([short[0], short.at(-1)], [line[0], line.at(-1)]);
      for (const [x, y] of line) {
        const after = short.findIndex(([at]) => at >= x);
        const [a, b] = [short[Math.max(0, after - 1)], short[after]] as [Line[number], Line[number]];
        const [dx, dy] = [(b[0] - a[0]) * 3, (b[1] - a[1]) * 2];
        const off = Math.abs((x - a[0]) * 3 * dy - (y - a[1]) * 2 * dx) / (Math.hypot(dx, dy) || 1);
        assert.ok(off <= 0.5 + 1e-9);
      }
    }),
  );
  const straight: Line = [0, 1, 2, 3].map((x) => [x, 5] as const);
  assert.equal(simplified(straight, 1, 1, 0.1).length, 2);
});

test('the median course is the middle trial, and is not drawn where most trials have no reading', () => {
  const course = (trial: string, values: (number | null)[]) => ({
    trial,
    seconds: [0, 1, 2, 3],
    series: { rss: values },
  });
  const { trials, median } = drawnCourses(
    [course('a', [1, 2, 3, 4]), course('b', [3, 4, 5, null]), course('c', [9, 9, 9, null])],
    'rss',
  );
  assert.deepEqual(
    trials.map((line) => line.map(([, value]) => value)),
    [
      [1, 2, 3, 4],
      [3, 4, 5],
      [9, 9, 9],
    ],
  );
  assert.deepEqual(
    median.map(([, value]) => value),
    [3, 4, 5],
  );
  assert.deepEqual(drawnCourses([], 'rss'), { trials: [], median: [] });
});

test('widths of text are those of Helvetica with room', () => {
  // From the AFM file: G 778, O 778, G 778, C 722, = 584, 2 556, 5 556.
  assert.equal(textWidth('GOGC=25', 10), ((778 * 3 + 722 + 584 + 556 * 2) * 1.05) / 100);
  assert.ok(textWidth('漢字', 10) >= 20);
});
