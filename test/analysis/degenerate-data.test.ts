import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { analyse } from '../../src/analysis/analyse.ts';
import type { Analysis, CellAnalysis, Contrast } from '../../src/analysis/analysis.ts';
import { evaluateAssertions } from '../../src/analysis/assert/evaluate-assertions.ts';
import { compareRuns } from '../../src/analysis/compare/compare-runs.ts';
import { infer } from '../../src/analysis/infer.ts';
import { recommend } from '../../src/analysis/recommend/recommend.ts';
import type { Limit, Wishes } from '../../src/analysis/recommend/wishes.ts';
import type { MetricId } from '../../src/experiment/metrics.ts';
import type { Warning } from '../../src/experiment/warning.ts';
import { comparisonCsv } from '../../src/report/compare/compare-csv.ts';
import { comparisonMarkdown } from '../../src/report/compare/compare-markdown.ts';
import { comparisonText } from '../../src/report/compare/compare-text.ts';
import { REPORT_FORMATS, renderReport } from '../../src/report/formats.ts';
import { answerSentences } from '../../src/report/recommend/recommend-words.ts';
import type { Reading, TrialRecord } from '../../src/results/format.ts';
import { sampleRun } from '../fixtures/analysis/sample-run.ts';
import type { SyntheticOptions } from '../fixtures/analysis/synthetic-run.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';
import { cellOf, experimentOf, inputOf } from './recommend/simulated-sweep.ts';
import { assertFinite } from './walk.ts';

type Values = Reading['v'];
const SMALL: SyntheticOptions = { gogc: [50, 100, 200], blocks: 7 };
const EVERY_WISH: readonly Wishes[] = [
  { limits: [], goal: { kind: 'money', perGibMonth: 1, perCoreMonth: 3 }, byDefault: false },
  {
    limits: (['cpu', 'p99', 'memory', 'rss'] as const).map((name) => ({ name, kind: 'change', most: 0.1 })),
    goal: { kind: 'exchange', bytesPerPercent: 5 * 2 ** 20 },
    byDefault: false,
  },
];

/** A run whose readings and records are altered before they are analysed. */
async function altered(
  options: SyntheticOptions,
  values: (reading: Reading, record: TrialRecord, index: number) => Values | undefined,
  change: (record: TrialRecord) => TrialRecord = (record) => record,
): Promise<Analysis> {
  const run = syntheticRun(options);
  const trials = run.trials().map(({ record, readings }) => ({
    record: change(record),
    readings: [...(readings as Iterable<Reading>)].map((one, i) => ({ ...one, v: values(one, record, i) ?? one.v })),
  }));
  return analyse({ manifest: run.manifest, trials });
}

const all = (v: Values, value: unknown): Values =>
  Object.fromEntries(Object.keys(v).map((key) => [key, value])) as Values;

const coded = ({ warnings }: Analysis, code: string): readonly Warning[] =>
  warnings.filter((warning) => warning.code === code);

const contrast = ({ workloads }: Analysis, metric: MetricId, cell = 'gogc=50'): Contrast =>
  workloads[0]?.contrasts.find((one) => one.cell === cell && one.metric === metric) as Contrast;

/** Every format has each of these warnings, none has a number that is none, and nothing that is asked of it breaks. */
async function assertSound(analysis: Analysis, codes: readonly string[]): Promise<void> {
  assertFinite(analysis);
  for (const wishes of EVERY_WISH) assertFinite(recommend(analysis, wishes));
  const comparison = compareRuns(analysis, analysis, { margin: 0 });
  assertFinite(comparison);
  const written: (readonly [string, string])[] = [];
  for (const format of REPORT_FORMATS) written.push([format, await renderReport(analysis, format)]);
  const forms: readonly (readonly [string, string])[] = [
    ...written,
    ['compare csv', comparisonCsv(comparison)],
    ['compare md', comparisonMarkdown(comparison, true)],
    ['compare text', comparisonText(comparison, { all: true })],
  ];
  for (const [format, text] of forms) {
    // JSON has null where there is nothing; the page has the script of its theme.
    if (format !== 'json') assert.doesNotMatch(text, /\bNaN\b|Infinity|∞|\bundefined\b/, format);
  }
  for (const code of codes) {
    const [message = ''] = coded(analysis, code).map((warning) => warning.message);
    const words = bare(message).slice(0, 40);
    assert.ok(words.length > 10, `there is a warning ${code}`);
    for (const [format, text] of written) assert.ok(bare(text).includes(words), `${format}: ${code}`);
  }
}

/** Without line breaks, tags and escapes, which differ between the formats. */
function bare(text: string): string {
  return text.replace(/<[^>]*>/g, '').replace(/[\\\s\u00A0]+/g, '');
}

for (const value of [NaN, Infinity, -Infinity, null, 1e308]) {
  test(`readings of ${value} are left out, and named with their trial`, async () => {
    const broken = (record: TrialRecord, i: number): boolean =>
      record.cell === 'gogc=50' && record.block === 2 && i % 3 === 1;
    for (const more of [{}, { inside: 'prometheus', gctrace: true }, { inside: 'none', gctrace: true }] as const) {
      const options = { ...SMALL, ...more };
      const analysis = await altered(options, ({ v }, record, i) => (broken(record, i) ? all(v, value) : undefined));
      const without = await altered(options, (_, record, i) => (broken(record, i) ? {} : undefined));
      assert.deepEqual(
        analysis.workloads.map(({ cells, contrasts }) => [cells.map(({ values }) => values), contrasts]),
        without.workloads.map(({ cells, contrasts }) => [cells.map(({ values }) => values), contrasts]),
      );
      const [warning, ...others] = coded(analysis, 'not-a-number');
      assert.deepEqual(others, []);
      assert.equal(warning?.cell, 'gogc=50');
      assert.match(warning?.trial ?? '', /^002-\d\d-gogc-50$/);
      assert.match(
        warning?.message ?? '',
        /^no finite number, and left out: \w+ of (proc|cgroup) \(\d+ times\), .* and \d+ further figures$/,
      );
      assert.ok(!analysis.warnings.some(({ code }) => code === 'counter-went-back' || code === 'swapped'));
      await assertSound(analysis, ['not-a-number']);
    }
  });
}

test('whatever readings are no numbers, the document holds none', async () => {
  const odd = fc.constantFrom(NaN, Infinity, -Infinity, null);
  await fc.assert(
    fc.asyncProperty(
      fc.array(odd, { minLength: 1, maxLength: 7 }),
      fc.integer({ min: 1, max: 40 }),
      async (values, every) => {
        let n = 0;
        const replaced = ({ v }: Reading): Values =>
          Object.fromEntries(
            Object.entries(v).map(([key, own]) => [key, n++ % every === 0 ? values[n % values.length] : own]),
          ) as Values;
        const options: SyntheticOptions = {
          gogc: [50, 100],
          blocks: 2,
          measureSeconds: 4,
          inside: 'prometheus',
          gctrace: true,
        };
        const analysis = await altered(options, replaced);
        assertFinite(analysis);
        assert.ok(coded(analysis, 'not-a-number').length > 0);
      },
    ),
    { numRuns: 10 },
  );
});

test('a record’s own figures that are no numbers make no figure, and are named', async () => {
  const analysis = await altered(
    SMALL,
    () => undefined,
    (record) => {
      const { work } = record;
      if (record.cell !== 'gogc=50' || work?.latency === undefined) return record;
      return {
        ...record,
        work: { ...work, completed: Infinity, latency: { ...work.latency, p99Seconds: NaN, hdr: '' } },
      };
    },
  );
  assert.equal(
    coded(analysis, 'not-a-number')[0]?.message,
    'no finite number, and left out: work.completed and latency.p99Seconds (in 7 trials)',
  );
  const cell = analysis.workloads[0]?.cells.find(({ id }) => id === 'gogc=50');
  assert.equal(cell?.estimates['cpu.per_request'], undefined);
  assert.equal(cell?.estimates['latency.p99'], undefined);
  assert.equal(cell?.estimates['cpu.used']?.n, 7);
  await assertSound(analysis, ['not-a-number']);
});

test('a window without a finite length does not count, and a reading without a time is left out', async () => {
  for (const endSeconds of [NaN, Infinity, null]) {
    const analysis = await altered(
      { ...SMALL, blocks: 2 },
      () => undefined,
      (record) =>
        record.block === 1 ? { ...record, window: { startSeconds: 4.1, endSeconds: endSeconds as number } } : record,
    );
    assert.match(
      coded(analysis, 'no-window')[0]?.message ?? coded(analysis, 'too-few-trials')[0]?.message ?? '',
      /count/,
    );
    assert.ok(
      analysis.trials.filter(({ block }) => block === 1).every(({ warnings }) => warnings[0]?.code === 'no-window'),
    );
    assert.equal(analysis.workloads[0]?.cells[0]?.valid, 1);
    await assertSound(analysis, ['too-few-trials']);
  }
  const run = syntheticRun({ gogc: [50, 100], blocks: 1 });
  const trials = run.trials().map(({ record, readings }) => ({
    record,
    readings: [...(readings as Iterable<Reading>), { at: NaN, probe: 'proc', v: { rssBytes: 1 } } as const],
  }));
  const analysis = await analyse({ manifest: run.manifest, trials });
  assert.equal(coded(analysis, 'not-a-number')[0]?.message, 'no finite number, and left out: the time of proc');
  assertFinite(analysis);
});

test('constant data: intervals of no width, no p, no noise, nothing divided by zero, and it is said', async () => {
  const analysis = await altered({ ...SMALL, inside: 'prometheus' }, ({ at, v, probe }) => {
    const late = at < 8 ? 0 : 1;
    if (probe === 'proc')
      return { rssBytes: 1e8, rssAnonBytes: 9e7, rssFileBytes: 1e7, peakRssBytes: 1.1e8, swapBytes: 0 };
    if (probe === 'cgroup')
      return { cgroupAnonBytes: 9e7, cgroupCpuSeconds: 1 + 2 * late, periods: 1, throttledPeriods: 0 };
    const cpu = { numGc: 1 + 40 * late, gcCpuSeconds: 1 + late, classesTotalCpuSeconds: 10 + 10 * late };
    return { ...v, ...cpu, heapAllocBytes: 5e7, heapInuseBytes: 5e7, totalAllocBytes: 1e6 * (1 + late) };
  });
  for (const metric of ['memory.anon', 'cpu.per_request', 'gc.cpu_window'] as const) {
    const { difference, ratio, p, adjustedP, rankBiserial } = contrast(analysis, metric);
    assert.deepEqual([difference.value, difference.low, difference.high], [0, 0, 0], metric);
    assert.deepEqual([ratio?.value, ratio?.low, ratio?.high], [1, 1, 1], metric);
    assert.deepEqual([p, adjustedP, rankBiserial], [null, null, null], metric);
  }
  const [workload] = analysis.workloads;
  const noise = workload?.noise.find(({ metric }) => metric === 'memory.anon');
  assert.deepEqual([noise?.floor, noise?.relativeFloor, noise?.detectable, noise?.relativeDetectable], [0, 0, 0, 0]);
  assert.deepEqual(
    workload?.omnibus?.map(({ statistic, p }) => [statistic, p]),
    [
      [null, null],
      [null, null],
    ],
  );
  assert.ok(workload?.model?.laws.every(({ slope }) => Math.abs(slope.value) < 1e-6));
  assert.equal(analysis.recommendation?.chosen?.label, 'GOGC=100');
  assert.deepEqual(
    coded(analysis, 'constant-values').map(({ metric, cell, message }) => [
      metric,
      cell,
      /^\S+ is the same in all 28 trials of all cells/.test(message),
    ]),
    [
      ['memory.anon', 'gogc=100', true],
      ['cpu.per_request', 'gogc=100', true],
    ],
  );
  assert.ok(
    compareRuns(analysis, analysis, { margin: 0 }).cells.every(
      ({ metrics }) => metrics[0]?.reason === 'all values of both runs are equal',
    ),
  );
  await assertSound(analysis, ['constant-values']);
});

test('cells that are constant but not alike have the p of their blocks, and a law without scatter', () => {
  const values = (memory: number, cpu: number): CellAnalysis['values'] & Readonly<Partial<Record<MetricId, never>>> =>
    ({ 'memory.anon': Array<number>(6).fill(memory), 'cpu.per_request': Array<number>(6).fill(cpu) }) as never;
  const cells = [
    cellOf(50, 'level', values(150, 3) as never),
    cellOf(100, 'level', values(200, 2) as never),
    cellOf(200, 'level', values(300, 1.5) as never),
    cellOf(100, 'a-a', values(200, 2) as never),
  ];
  const { manifest } = sampleRun();
  const [found] = infer(manifest, [{ workload: 'steady', description: '', unit: 'request', cells }]);
  assertFinite(found);
  const memory = found?.contrasts.find(({ cell, metric }) => cell === 'gogc=50' && metric === 'memory.anon');
  assert.deepEqual([memory?.difference.low, memory?.difference.high, memory?.p], [-50, -50, 2 / 64]);
  assert.equal(found?.front?.cells.filter(({ member }) => member).length, 3);
  const law = found?.model?.laws.find(({ kind }) => kind === 'memory');
  assert.ok(Math.abs((law?.intercept.value ?? 0) - 100) < 1e-9 && Math.abs((law?.slope.value ?? 0) - 100) < 1e-9);
  for (const wishes of EVERY_WISH) assertFinite(recommend({ run: manifest, workloads: found ? [found] : [] }, wishes));
});

test('a baseline of zero has no ratio, and each output says why', async () => {
  const idle = await altered(SMALL, ({ v }, record) =>
    record.cell.startsWith('gogc=100') && v.cgroupCpuSeconds !== undefined ? { ...v, cgroupCpuSeconds: 1 } : undefined,
  );
  assert.equal(contrast(idle, 'cpu.per_request').ratio, undefined);
  assert.match(
    coded(idle, 'no-ratio').find(({ cell }) => cell === 'gogc=100')?.message ?? '',
    /^no ratio and no change in per cent can be made of .*cpu\.per_request: not above zero in every trial$/,
  );
  const said = answerSentences(recommend(idle)).join(' ');
  assert.match(said, /GOGC=50 \(steady: no change in per cent of CPU per request: not all values are above zero\)/);
  const { results } = evaluateAssertions(
    [
      {
        metric: 'cpu.per_request',
        cell: 'gogc=50',
        kind: 'change',
        min: undefined,
        max: { value: 0.05, written: '+5%' },
        level: 'error',
      },
    ],
    idle.workloads,
  );
  assert.deepEqual(
    results.map(({ state, reason }) => [state, reason]),
    [['failed', 'there is no change in per cent: not all values are above zero']],
  );
  const compared = compareRuns(idle, idle, { margin: 0 }).warnings.filter(({ code }) => code === 'no-ratio');
  assert.deepEqual(
    compared.map(({ message }) => message.split(':').slice(0, 2).join(':')),
    ['steady: GOGC=100'],
  );
  await assertSound(idle, ['no-ratio', 'constant-values']);

  // The collector of the baseline never ran.
  const still = await altered(SMALL, ({ v }, { cell }) =>
    v.gcCpuFraction !== undefined && cell.startsWith('gogc=100') ? { ...v, gcCpuFraction: 0 } : undefined,
  );
  assert.equal(contrast(still, 'gc.cpu_window').ratio, undefined);
  assert.match(coded(still, 'no-ratio')[0]?.message ?? '', /of gc\.cpu_window, .*not above zero/);
  await assertSound(still, ['no-ratio']);
});

test('a workload that is missing at one level is named, and the level is not recommended', async () => {
  const analysis = await altered(
    {
      gogc: [50, 100],
      blocks: 6,
      workloads: { steady: 'http', other: 'http' },
      outcomes: ({ cell }) => (cell === 'gogc=50 workload=other' ? [] : [{ kind: 'completed' }]),
    },
    () => undefined,
  );
  assert.deepEqual(
    coded(analysis, 'no-trials').map(({ cell }) => cell),
    ['gogc=50 workload=other'],
  );
  assert.equal(analysis.recommendation?.refusal?.code, 'cells-invalid');
  assert.match(answerSentences(recommend(analysis)).join(' '), /GOGC=50 is left out: other: /);
  await assertSound(analysis, ['no-trials']);
});

test('limits that no setting meets together are refused by name', () => {
  const spread = (value: number): number[] => Array.from({ length: 8 }, (_, i) => value * (1 + i / 1000));
  const cells = (
    [
      [50, 0.8, 1.2],
      [100, 1, 1],
      [200, 1.5, 0.9],
    ] as const
  ).map(([gogc, memory, cpu]) =>
    cellOf(gogc, 'level', { 'memory.anon': spread(memory * 2 ** 27), 'cpu.per_request': spread(cpu / 1000) }),
  );
  const limits: readonly Limit[] = [
    { name: 'cpu', kind: 'change', most: -0.05 },
    { name: 'memory', kind: 'change', most: -0.1 },
  ];
  assert.deepEqual(experimentOf().primaries, ['memory.anon', 'cpu.per_request']);
  const answer = recommend(inputOf(cells), { limits, goal: { kind: 'memory' }, byDefault: false });
  assert.equal(answer.refusal?.code, 'limits-contradict');
  assert.deepEqual(
    [...new Set(answer.refusal?.obstacles.map(({ setting }) => setting))],
    ['GOGC=100', 'GOGC=50', 'GOGC=200'],
  );
  assert.match(answerSentences(answer).join(' '), /none meets all of them/);
  assertFinite(answer.refusal);
});
