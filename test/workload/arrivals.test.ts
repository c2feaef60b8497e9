import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Rate } from '../../src/experiment/experiment.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { arrivalTimes, expectedArrivals } from '../../src/workload/arrivals.ts';

const perSecond = fc.oneof(fc.constant(0), fc.double({ min: 0.5, max: 500, noNaN: true }));
const duration = fc.double({ min: 0.05, max: 3, noNaN: true });
const anyRate: fc.Arbitrary<Rate> = fc.oneof(
  perSecond.map((rate): Rate => ({ kind: 'constant', perSecond: rate })),
  fc.tuple(perSecond, perSecond, duration, duration).map(([base, peak, calm, burst]): Rate => ({
    kind: 'bursty',
    basePerSecond: base,
    peakPerSecond: peak,
    everySeconds: calm + burst,
    forSeconds: burst,
  })),
  fc
    .array(fc.record({ perSecond, forSeconds: duration }), { minLength: 1, maxLength: 5 })
    .map((steps): Rate => ({ kind: 'stepped', steps })),
);

test('uniform arrivals up to any time are the whole part of the integral of the rate', () => {
  fc.assert(
    fc.property(anyRate, fc.double({ min: 0, max: 20, noNaN: true }), (rate, seconds) => {
      const times = timesBefore(rate, 'uniform', seconds, 1);
      assert.ok(Math.abs(times.length - naiveIntegral(rate, seconds)) <= 1 + 1e-6);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('arrivals never run backwards and never fall due while the rate is zero', () => {
  fc.assert(
    fc.property(anyRate, fc.constantFrom('uniform' as const, 'poisson' as const), fc.nat(1000), (rate, kind, seed) => {
      let previous = 0;
      for (const time of timesBefore(rate, kind, 10, seed)) {
        assert.ok(time >= previous);
        // Some rate lies just before each arrival: the integral over a moment up to it is not zero.
        const moment = 1e-6;
        assert.ok(naiveIntegral(rate, time) - naiveIntegral(rate, Math.max(0, time - moment)) > 0);
        previous = time;
      }
    }),
    { seed: 2, numRuns: 200 },
  );
});

test('the expected number of arrivals is the integral of the rate', () => {
  fc.assert(
    fc.property(anyRate, fc.double({ min: 0, max: 50, noNaN: true }), (rate, seconds) => {
      const naive = naiveIntegral(rate, seconds);
      assert.ok(Math.abs(expectedArrivals(rate, seconds) - naive) <= 1e-6 * Math.max(1, naive));
    }),
    { seed: 3, numRuns: 300 },
  );
});

test('a constant rate gives evenly spaced times', () => {
  assert.deepEqual(timesBefore({ kind: 'constant', perSecond: 4 }, 'uniform', 1.6, 1), [0.25, 0.5, 0.75, 1, 1.25, 1.5]);
});

test('a burst ends its period', () => {
  const rate: Rate = { kind: 'bursty', basePerSecond: 1, peakPerSecond: 4, everySeconds: 3, forSeconds: 1 };
  assert.deepEqual(timesBefore(rate, 'uniform', 6.1, 1), [1, 2, 2.25, 2.5, 2.75, 3, 4, 5, 5.25, 5.5, 5.75, 6]);
});

test('steps repeat, and a step of rate zero is silent', () => {
  const rate: Rate = {
    kind: 'stepped',
    steps: [
      { perSecond: 2, forSeconds: 1 },
      { perSecond: 0, forSeconds: 2 },
    ],
  };
  assert.deepEqual(timesBefore(rate, 'uniform', 7, 1), [0.5, 1, 3.5, 4, 6.5]);
});

test('a rate that is zero for ever has no arrivals', () => {
  const rate: Rate = { kind: 'stepped', steps: [{ perSecond: 0, forSeconds: 1 }] };
  assert.deepEqual([...arrivalTimes(rate, 'poisson', seededStream(1, 'arrivals'))], []);
});

test('the same seed gives the same Poisson arrivals, another seed others', () => {
  const rate: Rate = { kind: 'constant', perSecond: 100 };
  assert.deepEqual(timesBefore(rate, 'poisson', 5, 7), timesBefore(rate, 'poisson', 5, 7));
  assert.notDeepEqual(timesBefore(rate, 'poisson', 5, 7), timesBefore(rate, 'poisson', 5, 8));
});

const poissonRates: readonly Rate[] = [
  { kind: 'constant', perSecond: 250 },
  { kind: 'bursty', basePerSecond: 100, peakPerSecond: 900, everySeconds: 5, forSeconds: 1 },
  {
    kind: 'stepped',
    steps: [
      { perSecond: 50, forSeconds: 2 },
      { perSecond: 0, forSeconds: 1 },
      { perSecond: 400, forSeconds: 0.7 },
    ],
  },
];

for (const rate of poissonRates) {
  test(`Poisson arrivals of a ${rate.kind} rate: gaps in operational time are exponential (Kolmogorov–Smirnov)`, () => {
    const points = timesBefore(rate, 'poisson', 20_000 / meanRate(rate), 11).map((time) => naiveIntegral(rate, time));
    const gaps = points.map((point, index) => point - (points[index - 1] ?? 0)).sort((a, b) => a - b);
    assert.ok(gaps.length > 19_000);
    const distance = gaps.reduce((most, gap, index) => {
      const expected = 1 - Math.exp(-gap);
      return Math.max(most, expected - index / gaps.length, (index + 1) / gaps.length - expected);
    }, 0);
    // 1.628 ÷ √n: the critical value at 1 %.
    assert.ok(distance < 1.628 / Math.sqrt(gaps.length), `KS distance ${distance}`);
  });

  test(`Poisson arrivals of a ${rate.kind} rate: counts per period have variance ÷ mean near 1`, () => {
    const periodSeconds = rate.kind === 'bursty' ? 5 : rate.kind === 'stepped' ? 3.7 : 1;
    const periods = 2000;
    const counts = new Array<number>(periods).fill(0);
    for (const time of timesBefore(rate, 'poisson', periods * periodSeconds, 13)) {
      const period = Math.floor(time / periodSeconds);
      counts[period] = (counts[period] ?? 0) + 1;
    }
    const mean = counts.reduce((sum, count) => sum + count, 0) / periods;
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (periods - 1);
    // The index of dispersion of 2000 counts has a standard error of √(2 ÷ 2000) = 0.032.
    assert.ok(Math.abs(variance / mean - 1) < 0.1, `dispersion ${variance / mean}`);
    const expected = meanRate(rate) * periodSeconds;
    assert.ok(Math.abs(mean - expected) < 4 * Math.sqrt(expected / periods), `mean ${mean}, expected ${expected}`);
  });
}

/** The mean of a rate over a long time, requests per second; steps are weighted by their length. */
function meanRate(rate: Rate): number {
  switch (rate.kind) {
    case 'constant':
      return rate.perSecond;
    case 'bursty':
      return rate.basePerSecond + ((rate.peakPerSecond - rate.basePerSecond) * rate.forSeconds) / rate.everySeconds;
    case 'stepped': {
      const seconds = rate.steps.reduce((sum, step) => sum + step.forSeconds, 0);
      return rate.steps.reduce((sum, step) => sum + step.perSecond * step.forSeconds, 0) / seconds;
    }
  }
}

function timesBefore(rate: Rate, kind: 'uniform' | 'poisson', seconds: number, seed: number): number[] {
  const times: number[] = [];
  for (const time of arrivalTimes(rate, kind, seededStream(seed, 'arrivals'))) {
    if (time >= seconds) break;
    times.push(time);
  }
  return times;
}

/** The integral of a rate, step by step: slow, and too simple to be wrong. */
function naiveIntegral(rate: Rate, seconds: number): number {
  if (rate.kind === 'constant') return rate.perSecond * seconds;
  const steps =
    rate.kind === 'stepped'
      ? rate.steps
      : [
          { perSecond: rate.basePerSecond, forSeconds: rate.everySeconds - rate.forSeconds },
          { perSecond: rate.peakPerSecond, forSeconds: rate.forSeconds },
        ];
  const periodSeconds = steps.reduce((sum, step) => sum + step.forSeconds, 0);
  const periodArrivals = steps.reduce((sum, step) => sum + step.forSeconds * step.perSecond, 0);
  const periods = Math.floor(seconds / periodSeconds);
  let total = periods * periodArrivals;
  let left = seconds - periods * periodSeconds;
  for (const step of steps) {
    const during = Math.min(left, step.forSeconds);
    total += during * step.perSecond;
    left -= during;
    if (left <= 0) break;
  }
  return total;
}
