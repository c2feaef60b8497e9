import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { CellAnalysis, WorkloadAnalysis } from '../../../src/analysis/analysis.ts';
import { compareBy } from '../../../src/analysis/compare/compare-by.ts';
import type { ComparedMetric } from '../../../src/analysis/compare/run-comparison.ts';
import type { RunManifest } from '../../../src/results/format.ts';
import { mannWhitneyTest } from '../../../src/statistics/mann-whitney.ts';
import { medianEstimate } from '../../../src/statistics/median.ts';
import { seededStream } from '../../../src/statistics/random.ts';
import { SMALL_SERVICE } from '../../fixtures/analysis/heap-model.ts';
import { syntheticRun } from '../../fixtures/analysis/synthetic-run.ts';
import { assertClose } from '../../statistics/close.ts';

const METRIC = 'cpu.per_request';
const FACTOR = { name: 'version', levels: ['old', 'new'], baseline: 'old' };

/** What is compared, made of the values of each cell: `50 old`. */
function strata(cells: Readonly<Record<string, readonly number[]>>): readonly WorkloadAnalysis[] {
  return FACTOR.levels.map((version) => ({
    workload: `steady version=${version}`,
    stratum: { workload: 'steady', factors: { version }, label: `version=${version}` },
    cells: Object.entries(cells).flatMap(([name, values]) => {
      const [gogc = '', own] = name.split(' ');
      if (own !== version) return [];
      const points = values.map((value, i) => ({ trial: `${name} ${i}`, block: i + 1, value }));
      return [
        {
          label: `GOGC=${gogc}`,
          role: 'level',
          levels: { gogc: Number(gogc), gomemlimit: 'off', workload: 'steady', factors: { version } },
          estimates: { [METRIC]: medianEstimate(values, 0.95) },
          values: { [METRIC]: points },
        } as unknown as CellAnalysis,
      ];
    }),
  })) as unknown as readonly WorkloadAnalysis[];
}

function run(seed = 1): RunManifest {
  const { manifest } = syntheticRun({ blocks: 10, gogc: [50, 100], model: () => SMALL_SERVICE });
  return { ...manifest, plan: { ...manifest.plan, seed } };
}

function metrics(cells: Readonly<Record<string, readonly number[]>>, seed?: number): readonly ComparedMetric[] {
  const { comparisons } = compareBy({ run: run(seed), workloads: strata(cells) }, FACTOR, 0);
  return comparisons.flatMap((one) => one.cells.flatMap((cell) => cell.metrics));
}

test('ratio, interval, p and adjusted p of two versions are those of NumPy and SciPy', () => {
  const oracle = JSON.parse(readFileSync(`${import.meta.dirname}/../../fixtures/factors/oracle.json`, 'utf8')) as {
    readonly cells: Readonly<Record<string, readonly number[]>>;
    readonly found: readonly Readonly<Record<'p' | 'ratio' | 'low' | 'high' | 'adjustedP', number>>[];
  };
  const found = metrics(oracle.cells);
  assert.equal(found.length, 2);
  oracle.found.forEach((wanted, i) => {
    const one = found[i] as ComparedMetric;
    assertClose(one.p as number, wanted.p, 1e-12, 'p');
    assertClose(one.ratio?.value as number, wanted.ratio, 1e-12, 'ratio');
    assertClose(one.ratio?.low as number, wanted.low, 1e-12, 'low');
    assertClose(one.ratio?.high as number, wanted.high, 1e-12, 'high');
    assertClose(one.adjustedP as number, wanted.adjustedP, 1e-12, 'adjusted p');
  });
});

test('over simulated runs the intervals hold the planted ratio as often as they state, and no version is claimed too often', () => {
  const RUNS = 1_000;
  const RATIO = 1.03;
  const stream = seededStream(14, 'factors');
  const normal = (): number => {
    const [u, v] = [1 - stream.next(), stream.next()];
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  };
  let [held, made, alarms, paired, unpaired] = [0, 0, 0, 0, 0];
  for (let i = 0; i < RUNS; i++) {
    // A block moves all of its trials alike by 5 %, a trial by 1 % more.
    const blocks = Array.from({ length: 8 }, () => Math.exp(0.05 * normal()));
    const trials = (ratio: number): readonly number[] =>
      blocks.map((block) => ratio * block * Math.exp(0.01 * normal()));
    const [old, dearer] = [trials(1), trials(RATIO)];
    if ((mannWhitneyTest(dearer, old).p ?? 1) <= 0.05) unpaired++;
    for (const { ratio, verdict } of metrics({ '50 old': old, '50 new': dearer }, i)) {
      made++;
      if ((ratio?.low as number) <= RATIO && RATIO <= (ratio?.high as number)) held++;
      if (verdict === 'worse') paired++;
    }
    const equal = { '50 old': trials(1), '50 new': trials(1), '100 old': trials(1), '100 new': trials(1) };
    if (metrics(equal, i).some(({ verdict }) => verdict === 'better' || verdict === 'worse')) alarms++;
  }
  // Three standard errors of a share of 1,000 runs.
  const slack = (share: number): number => 3 * Math.sqrt((share * (1 - share)) / RUNS);
  assert.equal(made, RUNS);
  assert.ok(held / made >= 0.95 - slack(0.95), `${held} of ${made} intervals hold the ratio`);
  assert.ok(alarms / RUNS <= 0.05 + slack(0.05), `${alarms} of ${RUNS} runs without a difference claim one`);
  // What the pairs are for: under the blocks' 5 % two samples of eight hardly ever tell 3 %.
  assert.ok(unpaired / RUNS < 0.3, `${unpaired} of ${RUNS} pairs of samples find 3 %`);
  assert.ok(paired / RUNS > 0.9, `${paired} of ${RUNS} runs find 3 %`);
});

test('a cell that only one version has is named and not compared', () => {
  const values = [1, 2, 3, 4, 5, 6];
  const { comparisons } = compareBy(
    { run: run(), workloads: strata({ '50 old': values, '100 old': values, '50 new': values }) },
    FACTOR,
    0,
  );
  const [only] = comparisons;
  assert.deepEqual(only?.missing, [{ workload: 'steady', cell: 'GOGC=100', in: 'base' }]);
  assert.match(only?.warnings.map(({ message }) => message).join('\n') ?? '', /GOGC=100 is only at version=old/);
  assert.deepEqual(
    only?.warnings.map(({ code }) => code),
    ['cell-missing'],
  );
});
