import { decodeFromCompressedBase64 } from 'hdr-histogram-js';

import type { LatencySummary } from '../../results/format.ts';
import type { Figure } from './figure.ts';
import { figure } from './figure.ts';
import type { MeasuredTrial } from './trial-readings.ts';
import { windowSeconds } from './trial-readings.ts';

/** Latency of one trial at one quantile. */
export interface LatencyPoint {
  readonly quantile: number;
  readonly seconds: number;
}

/** The quantiles of the latency curve. */
export const LATENCY_QUANTILES = [0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999] as const;

/** Under so many requests beyond it a quantile is that of a few requests, and of chance. */
export const LEAST_BEYOND = 10;
/** The requests from which on p99.9 is given. */
export const LEAST_FOR_P999 = LEAST_BEYOND * 1000;

/**
 * Latency at the quantile that a metric is of. Refused where no request lies beyond it, for then it only repeats the greatest;
 * beyond p99 where fewer than LEAST_BEYOND do.
 */
export function latencyAt(trial: MeasuredTrial, quantile: 0.5 | 0.99 | 0.999): Figure | undefined {
  const latency = trial.record.work?.latency;
  if (latency === undefined || !reaches(latency, quantile)) return undefined;
  const seconds = { 0.5: latency.p50Seconds, 0.99: latency.p99Seconds, 0.999: latency.p999Seconds }[quantile];
  return figure(seconds, latency.hdr === undefined ? 'the load program' : 'generator');
}

/** The latency curve of a trial from its histogram; from the summary where the histogram cannot be read. */
export function latencyCurve(trial: MeasuredTrial): readonly LatencyPoint[] {
  const latency = trial.record.work?.latency;
  if (latency === undefined) return [];
  const at = histogram(latency) ?? summary(latency);
  return LATENCY_QUANTILES.flatMap((quantile) => {
    const seconds = reaches(latency, quantile) ? at(quantile) : undefined;
    return seconds === undefined || !Number.isFinite(seconds) ? [] : [{ quantile, seconds }];
  });
}

/** The length of a batch. */
export function batchDuration(trial: MeasuredTrial): Figure | undefined {
  return trial.record.work?.unit === 'run' ? figure(windowSeconds(trial), 'window') : undefined;
}

/** Requests beyond a quantile. */
export function beyond({ count }: Pick<LatencySummary, 'count'>, quantile: number): number {
  // 1000 × (1 − 0.999) is a little under 1 in binary.
  return Math.floor(count * (1 - quantile) + 1e-6);
}

function reaches(latency: LatencySummary, quantile: number): boolean {
  return beyond(latency, quantile) >= (quantile > 0.99 ? LEAST_BEYOND : 1);
}

function histogram(latency: LatencySummary): ((quantile: number) => number) | undefined {
  if (latency.hdr === undefined) return undefined;
  try {
    const decoded = decodeFromCompressedBase64(latency.hdr, 32, false);
    if (decoded.totalCount === 0) return undefined;
    return (quantile) => decoded.getValueAtPercentile(quantile * 100) / 1e6;
  } catch {
    return undefined;
  }
}

function summary(latency: LatencySummary): (quantile: number) => number | undefined {
  const told = new Map<number, number | undefined>([
    [0.5, latency.p50Seconds],
    [0.9, latency.p90Seconds],
    [0.99, latency.p99Seconds],
    [0.999, latency.p999Seconds],
  ]);
  return (quantile) => told.get(quantile);
}
