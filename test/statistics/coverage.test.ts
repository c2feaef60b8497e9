import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bootstrapEstimate } from '../../src/statistics/bootstrap.ts';
import type { Estimate } from '../../src/statistics/estimate.ts';
import { hodgesLehmann, hodgesLehmannRatio } from '../../src/statistics/hodges-lehmann.ts';
import { medianEstimate } from '../../src/statistics/median.ts';
import { normalQuantile } from '../../src/statistics/normal.ts';
import type { RandomStream } from '../../src/statistics/random.ts';
import { seededStream } from '../../src/statistics/random.ts';

/** How trials are spread, with the truth about them. */
interface Population {
  readonly name: string;
  readonly draw: (stream: RandomStream) => number;
  readonly median: number;
  readonly mean: number;
}

const normal = (stream: RandomStream): number => normalQuantile((stream.next() + 1e-12) / (1 + 2e-12));
const POPULATIONS: readonly Population[] = [
  { name: 'normal', draw: (stream) => 10 + normal(stream), median: 10, mean: 10 },
  { name: 'lognormal', draw: (stream) => Math.exp(0.5 * normal(stream)), median: 1, mean: Math.exp(0.125) },
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
    test(`${name}, n = ${n}: the BCa interval of a mean covers at most 6 % less than it states, and says so under 12`, () => {
      const stream = seededStream(1, 'bca mean', name, n);
      const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / n;
      const { rate, stated, slack, warned } = coverage(300, mean, () => bootstrap(sampleOf(stream), average, stream));
      assert.ok(rate >= stated - 0.06 - slack, `covers ${rate}, states ${stated}`);
      assert.equal(warned, n < 12);
    });
  }
}

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
