import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { analyse } from '../../../src/analysis/analyse.ts';
import type { CellAnalysis } from '../../../src/analysis/analysis.ts';
import { blocksNeeded } from '../../../src/analysis/recommend/blocks-needed.ts';
import { recommend } from '../../../src/analysis/recommend/recommend.ts';
import type { Answer, Recommendation } from '../../../src/analysis/recommend/recommendation.ts';
import { NO_WISHES, type Limit, type Wishes } from '../../../src/analysis/recommend/wishes.ts';
import type { MetricId } from '../../../src/metrics/metrics.ts';
import { syntheticRun } from '../../fixtures/analysis/synthetic-run.ts';
import { cellOf, inputOf } from './simulated-sweep.ts';

const MIB = 2 ** 20;
const WAVE = [0.4, -0.7, 1, -0.3, 0.6, -1, 0.2, -0.2, 0.9, -0.9];

interface CellOptions {
  readonly noise?: number;
  readonly blocks?: number;
  readonly role?: CellAnalysis['role'];
  readonly extra?: Readonly<Partial<Record<MetricId, readonly number[]>>>;
  readonly more?: Partial<CellAnalysis>;
}

/** A cell with known levels whose trials scatter by so much about them, each metric and cell in its own order. */
function cell(
  gogc: number,
  [mebibytes, milliseconds, p99 = 20]: readonly [number, number, number?],
  { noise = 0.005, blocks = 10, role = 'level', extra = {}, more = {} }: CellOptions = {},
): CellAnalysis {
  const series = (level: number, shift: number): number[] =>
    WAVE.slice(0, blocks).map((_, i) => level * (1 + noise * (WAVE[(i * 3 + shift + gogc) % WAVE.length] as number)));
  const values = {
    'memory.anon': series(mebibytes * MIB, 0),
    'cpu.per_request': series(milliseconds / 1000, 1),
    'cpu.used': series(milliseconds / 10, 2),
    'latency.p99': series(p99 / 1000, 4),
    'memory.rss': series((mebibytes + 40) * MIB, 5),
    ...extra,
  };
  return cellOf(gogc, role, values, more);
}

function asked(cells: readonly CellAnalysis[], limits: readonly Limit[] = [], price?: Wishes['price']): Recommendation {
  return recommend(inputOf(cells), { limits, price });
}

/** What each answer aims at and comes to: a GOGC, or why there is none. */
function told({ answers }: Recommendation): readonly (readonly [string, unknown])[] {
  return answers.map(({ goal, chosen, refusal }) => [goal.kind, chosen?.gogc ?? refusal?.code]);
}

/** The only answer. */
function only({ answers }: Recommendation): Answer {
  const [answer, other] = answers;
  assert.ok(answer !== undefined && other === undefined);
  return answer;
}

const change = (name: Limit['name'], most: number): Limit => ({ name, kind: 'change', most });
const level = (name: Limit['name'], most: number): Limit => ({ name, kind: 'level', most });

const PLAIN = [
  cell(25, [60, 13, 30]),
  cell(50, [75, 11, 21]),
  cell(100, [100, 10, 20]),
  cell(200, [150, 9.5, 19]),
  cell(100, [100, 10, 20], { role: 'a-a', noise: 0.006 }),
];

test('limits on CPU or latency ask for the least memory that keeps them, by the ends of intervals', () => {
  assert.deepEqual(told(asked(PLAIN, [change('cpu', 0.15)])), [['memory', 50]]);
  assert.deepEqual(told(asked(PLAIN, [change('cpu', 0.4)])), [['memory', 25]]);
  assert.equal(asked(PLAIN, [change('cpu', 0.4), level('p99', 0.025)]).chosen?.gogc, 50);
  assert.equal(asked(PLAIN, [change('cpu', 0.4), change('p99', 0.1)]).chosen?.gogc, 50);
  // Where the baseline breaks a limit, another setting need not save anything.
  assert.equal(asked(PLAIN, [change('cpu', -0.03)]).chosen?.gogc, 200);
});

test('limits on memory alone ask for the least CPU that fits', () => {
  // All four fit into 300 MiB, and GOGC=200 needs the least CPU.
  assert.deepEqual(told(asked(PLAIN, [level('rss', 300 * MIB)])), [['cpu', 200]]);
  assert.deepEqual(told(asked(PLAIN, [change('memory', 0.1)])), [['cpu', 100]]);
  // GOGC=25 and 50 fit, and the baseline does not.
  const tight = asked(PLAIN, [level('rss', 120 * MIB)]);
  assert.deepEqual(told(tight), [['cpu', 50]]);
  assert.deepEqual(
    only(tight).waived.map(({ name, most }) => [name, most]),
    [['cpu', 0.1]],
  );
  assert.deepEqual(told(asked(PLAIN, [level('rss', 105 * MIB)])), [['cpu', 25]]);
});

test('limits on both ask for both ends of what keeps all of them', () => {
  const both = asked(PLAIN, [change('cpu', 0.15), level('rss', 200 * MIB)]);
  assert.deepEqual(told(both), [
    ['memory', 50],
    ['cpu', 200],
  ]);
  assert.ok(both.answers.every(({ limits, waived }) => limits.length === 2 && waived.length === 0));
  assert.equal(both.chosen?.gogc, 50);
});

test('where nothing is asked for both directions are answered, each within the guard of the other', () => {
  const { answers, chosen } = recommend(inputOf(PLAIN), NO_WISHES);
  assert.deepEqual(
    answers.map(({ goal, limits, chosen: own }) => [goal.kind, limits, own?.gogc]),
    [
      ['memory', [{ name: 'cpu', kind: 'change', most: 0.1, guard: true }], 50],
      ['cpu', [{ name: 'memory', kind: 'change', most: 1, guard: true }], 200],
    ],
  );
  assert.equal(chosen?.gogc, 50);
});

test('a daemon that spends much of its CPU on collecting a small heap is told to raise GOGC', () => {
  // GC takes 18 % of the CPU at GOGC=100: CPU = 0.82 + 0.18 ÷ g; a heap of 12 MiB.
  const heapd = [25, 50, 100, 200, 400].map((gogc) => {
    const g = gogc / 100;
    return cell(gogc, [7 + 5 * g, 0.82 + 0.18 / g], { noise: 0.02 });
  });
  assert.deepEqual(told(recommend(inputOf(heapd), NO_WISHES)), [
    ['memory', 100],
    ['cpu', 200],
  ]);
  // All five fit into 40 MiB: once GOGC=25 with 54 % more CPU was the answer.
  assert.deepEqual(told(asked(heapd, [level('memory', 40 * MIB)])), [['cpu', 400]]);
});

test('a guard on CPU stays where only latency is limited', () => {
  const { limits, chosen } = only(asked(PLAIN, [change('p99', 0.6)]));
  assert.deepEqual(
    limits.map(({ name, guard }) => [name, guard]),
    [
      ['p99', undefined],
      ['cpu', true],
    ],
  );
  // By p99 alone it would be GOGC=25, with 30 % more CPU.
  assert.equal(chosen?.gogc, 50);
});

test('the baseline is kept where it fits and no other setting that fits is shown to need less CPU', () => {
  const wide = [cell(100, [100, 10], { noise: 0.005 }), cell(200, [150, 9.6], { noise: 0.3 })];
  const { chosen, kept } = only(asked(wide, [level('memory', 300 * MIB)]));
  assert.deepEqual([chosen?.gogc, kept], [100, 'fits']);
});

test('what can be saved at most and is little is let go; what may be much is not', () => {
  const withNoise = (noise: number): Answer | undefined =>
    recommend(inputOf([cell(100, [100, 10], { noise: 0.005 }), cell(200, [150, 9.95], { noise })]), NO_WISHES)
      .answers[1];
  const little = withNoise(0.04);
  assert.deepEqual([little?.chosen?.gogc, little?.kept], [100, 'little']);
  assert.equal(withNoise(0.4)?.refusal?.code, 'not-shown');
});

test('at prices at which GOGC hardly matters the baseline is kept instead of asking for blocks', () => {
  const near = [cell(50, [75, 10], { noise: 0.1 }), cell(100, [100, 10], { noise: 0.05 })];
  const { chosen, kept, settings } = only(asked(near, [], { kind: 'money', perGibMonth: 0.4, perCoreMonth: 25 }));
  assert.deepEqual([chosen?.gogc, kept], [100, 'little']);
  // 1 core × 25 and 100 MiB × 0.4 a month.
  assert.ok(Math.abs((settings[0]?.gains[0]?.of ?? NaN) - 25) < 0.5);
});

test('prices and exchange rates choose the least dear end', () => {
  const money = (perGibMonth: number, perCoreMonth: number): unknown =>
    asked(PLAIN, [], { kind: 'money', perGibMonth, perCoreMonth }).chosen?.gogc;
  // 25 MiB and 0.1 cores lie between GOGC=50 and 100: 0.0244 GiB.
  assert.equal(money(100, 1), 25);
  assert.equal(money(5, 1), 50);
  assert.equal(money(1, 10), 200);
  const exchange = (mebibytes: number): unknown =>
    asked(PLAIN, [], { kind: 'exchange', bytesPerPercent: mebibytes * MIB }).chosen?.gogc;
  assert.equal(exchange(0.1), 25);
  assert.equal(exchange(1.5), 50);
  assert.equal(exchange(5), 100);
  assert.equal(exchange(20), 200);
});

test('each reason to refuse has its code, and the blocks in all that are forecast to settle it', () => {
  const wide = [cell(50, [75, 10.3], { noise: 0.04 }), ...PLAIN.slice(2)];
  const { refusal: overlap } = only(asked(wide, [change('cpu', 0.05)]));
  assert.equal(overlap?.code, 'overlap');
  assert.ok((overlap?.blocksNeeded ?? 0) > 10);
  assert.deepEqual(
    overlap?.obstacles.map(({ setting, kind, metric }) => [setting, kind, metric]),
    [['GOGC=50', 'limit', 'cpu.per_request']],
  );

  const few = PLAIN.map(({ levels, role }) => cell(Number(levels.gogc), [100, 10], { blocks: 4, role }));
  assert.deepEqual(
    [asked(few, [change('cpu', 0.05)]).refusal].map((refusal) => [refusal?.code, refusal?.blocksNeeded]),
    [['too-few-blocks', 6]],
  );

  const noisy = [cell(50, [99.5, 10]), cell(100, [100, 10], { noise: 0.02 })];
  assert.equal(only(asked(noisy, [change('cpu', 0.05)])).refusal?.code, 'not-shown');

  assert.equal(asked([cell(50, [75, 10]), cellOf(100, 'level', {})]).refusal?.code, 'baseline-invalid');
  const killed = { more: { outcomes: { completed: 10, 'oom-killed': 1 } } };
  assert.equal(asked([cell(50, [75, 10], killed), cell(100, [100, 10])]).refusal?.code, 'cells-invalid');
  assert.equal(asked(PLAIN, [level('rss', 50 * MIB)]).refusal?.code, 'limits-unmet');
  assert.equal(asked(PLAIN, [level('rss', 120 * MIB), level('p99', 0.02005)]).refusal?.code, 'limits-contradict');
  assert.equal(recommend({ ...inputOf(PLAIN), workloads: [] }).refusal?.code, 'baseline-invalid');
});

test('what a further run would take is told from the time that the blocks took', () => {
  const trials = Array.from({ length: 12 }, (_, i) => ({
    block: 1 + Math.floor(i / 4),
    startedAt: new Date(Date.UTC(2026, 0, 1) + i * 5000).toISOString(),
  }));
  const { blockSeconds, blocks } = recommend({ ...inputOf(PLAIN), trials }, NO_WISHES);
  assert.deepEqual([blockSeconds, blocks], [20, 10]);
  assert.equal(recommend(inputOf(PLAIN), NO_WISHES).blockSeconds, null);
});

test('a setting that once ran out of memory is never chosen', () => {
  const killed = { more: { outcomes: { completed: 10, 'oom-killed': 1 } } };
  const { chosen, settings } = only(asked([cell(25, [60, 10], killed), ...PLAIN.slice(1)], [change('cpu', 0.4)]));
  assert.equal(chosen?.gogc, 50);
  assert.match(settings[0]?.excluded ?? '', /1 of 10 trials was OOM-killed/);
});

test('a setting has to meet the limits under every workload', () => {
  const [steady] = inputOf(PLAIN).workloads;
  const [other] = inputOf([cell(25, [60, 13]), cell(50, [75, 14]), ...PLAIN.slice(2)], 'bursty').workloads;
  assert.ok(steady !== undefined && other !== undefined);
  const wishes = { limits: [change('cpu', 0.15)], price: undefined };
  const { chosen, workloads } = recommend({ ...inputOf(PLAIN), workloads: [steady, other] }, wishes);
  assert.equal(chosen?.gogc, 100);
  assert.deepEqual(
    workloads.map(({ workload }) => workload),
    ['steady', 'bursty'],
  );
});

test('whatever is chosen, no limit’s interval reaches beyond the limit', () => {
  const point = fc.tuple(fc.integer({ min: 50, max: 150 }), fc.integer({ min: 8, max: 14 }));
  fc.assert(
    fc.property(
      point,
      point,
      fc.double({ min: 0.001, max: 0.1, noNaN: true }),
      fc.integer({ min: 0, max: 40 }),
      (a, b, noise, most) => {
        const cells = [cell(25, a, { noise }), cell(50, b, { noise }), cell(100, [100, 10], { noise })];
        const { chosen, refusal, settings } = only(asked(cells, [change('cpu', most / 100)]));
        assert.equal(chosen === undefined, refusal !== undefined);
        const own = settings.find(({ gogc }) => gogc === chosen?.gogc);
        for (const { estimate } of own?.judgements ?? [])
          if (estimate !== undefined) assert.ok((estimate.high ?? Infinity) <= 1 + most / 100);
      },
    ),
    { numRuns: 40 },
  );
});

test('the forecast of blocks is the number with which 4 of 5 sweeps clear the limit', () => {
  const estimate = { value: 1, low: 0.5, high: 1.5, confidence: 0.95, method: '', n: 10, warnings: [] };
  // For large n an interval that is to clear a limit in 4 of 5 sweeps has to be (1.96 + 0.84) ÷ 1.96 times as narrow
  // again as one that does so in every other: 10 · (0.5 ÷ 0.25 · 1.43)² = 82, less what t is wider at n = 10.
  const needed = blocksNeeded(estimate, 1.25, 'linear') ?? NaN;
  assert.ok(needed > 64 && needed < 84, String(needed));
  assert.equal(blocksNeeded(estimate, 0.75, 'linear'), needed);
  assert.equal(blocksNeeded(estimate, 2, 'linear'), 10);
  assert.equal(blocksNeeded(estimate, 1, 'linear'), null);
  // A value at the limit: the truth may lie on either side, and 678 blocks or more would be no forecast.
  assert.equal(blocksNeeded(estimate, 1.001, 'linear'), null);
  assert.equal(blocksNeeded(estimate, 1.12, 'linear'), null);
  assert.ok((blocksNeeded(estimate, 1.13, 'linear') ?? NaN) < 330);
  assert.equal(blocksNeeded({ ...estimate, low: null, high: null }, 2, 'linear'), null);
  // Six blocks have 96.9 % where 95 % is asked for, which a longer run will have: it needs fewer than for 96.9 %.
  const six = { ...estimate, confidence: 0.96875, n: 6 };
  const [asked, attained] = [blocksNeeded(six, 1.25, 'linear', 0.95), blocksNeeded(six, 1.25, 'linear')];
  assert.ok(asked !== null && attained !== null && asked < 0.95 * attained, `${asked} and ${attained}`);
  const ratio = { ...estimate, low: Math.exp(-0.5), high: Math.exp(0.5) };
  assert.equal(blocksNeeded(ratio, Math.exp(0.25), 'log'), needed);
});

test('a document of an analysis gives the same answer again once it was written and read', async () => {
  const run = syntheticRun({ blocks: 8, noise: 0.01 });
  const analysis = await analyse({ manifest: run.manifest, trials: run.trials() });
  // A document of an older version has no front: it is made of the cells' values.
  const text = JSON.stringify(analysis, (key, value: unknown) => (key === 'front' ? undefined : value));
  const stripped = JSON.parse(text) as typeof analysis;
  assert.equal(JSON.stringify(recommend(stripped)), JSON.stringify(recommend(analysis)));
  assert.ok(analysis.workloads[0]?.front !== undefined);
});
