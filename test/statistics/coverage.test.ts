import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bootstrapEstimate } from '../../src/statistics/bootstrap.ts';
import type { Estimate } from '../../src/statistics/estimate.ts';
import { hodgesLehmann, hodgesLehmannRatio } from '../../src/statistics/hodges-lehmann.ts';
import { medianEstimate } from '../../src/statistics/median.ts';
import type { RandomStream } from '../../src/statistics/random.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { adaptiveRows, familyRow, fixedRows, verdict } from './coverage-rows.ts';
import { gaussian } from '../../src/statistics/gaussian.ts';
import { FAMILY_NOISES, NOISES } from './simulated-sweep.ts';

/** How trials are spread, with the truth about them. */
interface Population {
  readonly name: string;
  readonly draw: (stream: RandomStream) => number;
  readonly median: number;
  readonly mean: number;
}

const POPULATIONS: readonly Population[] = [
  { name: 'normal', draw: (stream) => 10 + gaussian(stream), median: 10, mean: 10 },
  { name: 'lognormal', draw: (stream) => Math.exp(0.5 * gaussian(stream)), median: 1, mean: Math.exp(0.125) },
  { name: 'exponential', draw: (stream) => stream.exponential(1), median: Math.LN2, mean: 1 },
];
const SIZES = [6, 8, 12];

/** Standard errors of the Monte Carlo that a coverage may be off by; the seed is fixed, so this is no matter of luck. */
const ERRORS = 3.5;

for (const { name, draw, median, mean } of POPULATIONS) {
  for (const n of SIZES) {
    const sampleOf = (stream: RandomStream): number[] => Array.from({ length: n }, () => draw(stream));

    test(`${name}, n = ${n}: the order-statistic interval covers the median as often as it states`, () => {
      const stream = seededStream(1, 'median', name, n);
      const { rate, stated, slack } = coverage(3000, median, () => medianEstimate(sampleOf(stream), 0.95));
      assert.ok(Math.abs(rate - stated) <= slack, `covers ${rate}, states ${stated}`);
    });

    test(`${name}, n = ${n}: the Hodges–Lehmann interval covers the shift between pairs as often as it states`, () => {
      const stream = seededStream(1, 'shift', name, n);
      const shifted = (): Estimate => {
        const base = sampleOf(stream);
        return hodgesLehmann(
          sampleOf(stream).map((value, i) => value + 3 - (base[i] as number)),
          0.95,
        );
      };
      const { rate, stated, slack } = coverage(3000, 3, shifted);
      assert.ok(Math.abs(rate - stated) <= slack, `covers ${rate}, states ${stated}`);
    });

    test(`${name}, n = ${n}: the interval of the ratio covers the ratio between pairs as often as it states`, () => {
      const stream = seededStream(1, 'ratio', name, n);
      const scaled = (): Estimate => {
        const base = sampleOf(stream);
        return hodgesLehmannRatio(
          sampleOf(stream).map((value, i) => [1.06 * value, base[i] as number] as const),
          0.95,
        );
      };
      const { rate, stated, slack } = coverage(3000, 1.06, scaled);
      assert.ok(Math.abs(rate - stated) <= slack, `covers ${rate}, states ${stated}`);
    });

    test(`${name}, n = ${n}: the BCa interval of a median covers at least as often as it states`, () => {
      const stream = seededStream(1, 'bca median', name, n);
      const { rate, stated, slack } = coverage(300, median, () => bootstrap(sampleOf(stream), middle, stream));
      assert.ok(rate >= stated - slack, `covers ${rate}, states ${stated}`);
    });

    // A mean of few skewed values is beyond any bootstrap: what it really covers is on record, and it warns.
    test(`${name}, n = ${n}: the BCa interval of a mean covers at most 6 % less than it states, and says so`, () => {
      const stream = seededStream(1, 'bca mean', name, n);
      const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / n;
      const { rate, stated, slack, warned } = coverage(300, mean, () => bootstrap(sampleOf(stream), average, stream));
      assert.ok(rate >= stated - 0.06 - slack, `covers ${rate}, states ${stated}`);
      assert.ok(warned);
    });
  }
}

// The table of `npm run calibrate` on fewer sweeps: docs/methodology.md has the whole.
const FEWER = { sweeps: 400, seed: 5, resamples: 299 };

for (const noise of NOISES) {
  for (const blocks of [6, 10, 20]) {
    test(`${noise} sweeps of ${blocks} blocks: the exact intervals cover what they state, the bootstrap says that it may not`, () => {
      for (const { what, rate, stated, kind } of fixedRows(noise, blocks, FEWER)) {
        const slack = ERRORS * Math.sqrt((stated * (1 - stated)) / FEWER.sweeps);
        const said = `${what} covers ${rate}, states ${stated}`;
        assert.equal(kind === 'warned', what.startsWith('ratio of means'), what);
        // What a wandering machine gives in the long run is not to be had from one sweep: that is on record.
        if (kind === 'not promised') assert.ok(rate < (what.startsWith('median') ? 0.75 : stated), said);
        else if (kind === 'warned') assert.ok(rate >= stated - 0.08 - slack, said);
        else assert.ok(rate >= stated - slack, said);
        // A contrast is as sure as it states, not more; a drifting machine makes the median of a cell surer.
        if (what === 'ratio' || what === 'difference, noise added') assert.ok(rate <= stated + slack, said);
      }
    });
  }

  for (const contrasts of [1, 2, 8]) {
    test(`${noise} sweeps of ${contrasts} contrasts that end by their widths cover and claim as those of fixed length`, () => {
      const rows = adaptiveRows(noise, contrasts, { ...FEWER, sweeps: contrasts === 1 ? 1600 : 400 });
      assert.equal(rows.length, 3);
      for (const { what, kind, rate, stated, blocks } of rows) {
        const slack = 3 * Math.sqrt((stated * (1 - stated)) / (contrasts === 1 ? 1600 : 400));
        assert.ok(blocks > 6.5 && blocks < 20, `${what}: ${blocks} blocks in the mean`);
        if (kind === 'claims') assert.ok(rate <= stated + slack, `${what}: ${rate}`);
        else assert.ok(rate >= stated - slack, `${what} covers ${rate}, states ${stated}`);
      }
    });
  }
}

for (const noise of FAMILY_NOISES) {
  for (const blocks of [6, 10, 20]) {
    test(`${noise} sweeps of ${blocks} blocks without an effect: one family in twenty claims something, at most`, () => {
      const { rate, stated } = familyRow(noise, blocks, FEWER);
      assert.ok(rate <= stated + ERRORS * Math.sqrt((stated * (1 - stated)) / FEWER.sweeps), `${rate}`);
      // A test that never claims would be no test.
      assert.ok(rate > 0, 'nothing is ever claimed');
    });
  }
}

test('a row of the table is missed only where its promise is', () => {
  const row = { what: 'x', noise: 'normal', blocks: 6, rate: 0.93, stated: 0.95, kind: 'covers' } as const;
  assert.equal(verdict(row, 2000), 'MISSED');
  assert.equal(verdict({ ...row, rate: 0.936 }, 2000), 'ok');
  assert.equal(verdict({ ...row, rate: 0.97 }, 2000), 'more');
  assert.equal(verdict({ ...row, kind: 'warned' }, 2000), 'less, and says so');
  assert.equal(verdict({ ...row, kind: 'not promised' }, 2000), 'less');
  assert.equal(verdict({ ...row, rate: 0.06, stated: 0.05, kind: 'claims' }, 2000), 'MISSED');
  assert.equal(verdict({ ...row, rate: 0.76, stated: 0.8, kind: 'power' }, 2000), 'MISSED');
  assert.equal(verdict({ ...row, rate: 0.82, stated: 0.8, kind: 'power' }, 2000), 'ok');
  assert.equal(verdict({ ...row, rate: 0.059, stated: 0.05, kind: 'claims' }, 2000), 'ok');
});

function coverage(
  rounds: number,
  truth: number,
  estimate: () => Estimate,
): { rate: number; stated: number; slack: number; warned: boolean } {
  let [covered, stated, warned] = [0, NaN, false];
  for (let i = 0; i < rounds; i++) {
    const found = estimate();
    if (found.low !== null && found.high !== null && found.low <= truth && truth <= found.high) covered++;
    stated = found.confidence as number;
    warned = found.warnings.length > 0;
  }
  const slack = ERRORS * Math.sqrt((stated * (1 - stated)) / rounds);
  return { rate: covered / rounds, stated, slack, warned };
}

function bootstrap(
  sample: readonly number[],
  statistic: (values: readonly number[]) => number,
  stream: RandomStream,
): Estimate {
  return bootstrapEstimate(sample, statistic, { confidence: 0.95, stream, name: 'statistic', resamples: 999 });
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length >> 1) - 1] as number) + (sorted[sorted.length >> 1] as number)) / 2;
}
