import assert from 'node:assert/strict';
import { test } from 'node:test';

import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';

import { batchDuration, latencyAt, latencyCurve } from '../../src/analysis/per-trial/work-figures.ts';
import type { LatencySummary } from '../../src/results/format.ts';
import { assertClose } from '../statistics/close.ts';
import { measuredTrial } from './measured-trial.ts';

/** Latencies of 1 ms, 2 ms, … n ms. */
function latency(n: number): LatencySummary {
  const histogram = build();
  for (let i = 1; i <= n; i++) histogram.recordValue(1000 * i);
  const at = (percentile: number): number => histogram.getValueAtPercentile(percentile) / 1e6;
  return {
    count: n,
    meanSeconds: histogram.mean / 1e6,
    p50Seconds: at(50),
    p90Seconds: at(90),
    p99Seconds: at(99),
    p999Seconds: at(99.9),
    maxSeconds: n / 1e3,
    hdr: encodeIntoCompressedBase64(histogram),
  };
}

test('the curve is read from the histogram, in seconds', () => {
  const curve = latencyCurve(measuredTrial([], { work: { latency: latency(10_000) } }));
  assert.deepEqual(
    curve.map(({ quantile }) => quantile),
    [0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999],
  );
  for (const { quantile, seconds } of curve) assertClose(seconds, quantile * 10, 0.002, `${quantile}`);
});

test('a quantile that no request lies beyond is refused: it would repeat the greatest', () => {
  const trial = measuredTrial([], { work: { latency: latency(150) } });
  assert.equal(latencyAt(trial, 0.999), undefined);
  assertClose(latencyAt(trial, 0.99)?.value as number, 0.149, 0.002);
  assert.deepEqual(
    latencyCurve(trial).map(({ quantile }) => quantile),
    [0.5, 0.75, 0.9, 0.95, 0.99],
  );
});

test('p99.9 needs ten requests beyond it: of fewer it is that of one or two, and of chance', () => {
  const of = (n: number): number | undefined =>
    latencyAt(measuredTrial([], { work: { latency: latency(n) } }), 0.999)?.value;
  assert.equal(of(1000), undefined);
  assert.equal(of(9999), undefined);
  assertClose(of(10_000) as number, 9.99, 0.002);
});

test('a histogram that cannot be read leaves the quantiles of the summary', () => {
  const trial = measuredTrial([], { work: { latency: { ...latency(10_000), hdr: 'nonsense' } } });
  assert.deepEqual(
    latencyCurve(trial).map(({ quantile }) => quantile),
    [0.5, 0.9, 0.99, 0.999],
  );
});

test('without latency there is no curve; only a batch has a duration', () => {
  assert.deepEqual(latencyCurve(measuredTrial([])), []);
  assert.equal(latencyAt(measuredTrial([]), 0.5), undefined);
  assert.equal(batchDuration(measuredTrial([])), undefined);
  assert.equal(batchDuration(measuredTrial([], { work: { unit: 'run' } }))?.value, 10);
});
