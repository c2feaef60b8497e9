import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import type { LatencySummary, WorkDone } from '../results/format.ts';

/** The longest time that the histograms tell apart: an hour, in microseconds. */
const longestMicroseconds = 3_600_000_000;

/**
 * What became of the arrivals of one stretch of load. Every intended one ends as completed, dropped or an error.
 *
 * Arrivals that were given up after waiting (dropped, timed out, unfinished) are among the latencies too, with the time
 * they had waited by then: left out, the slowest ones would make the percentiles look better. Failures that came as an
 * answer are not: how fast a target refuses says nothing of how fast it serves.
 */
export class Tally {
  #intended = 0;
  #completed = 0;
  #dropped = 0;
  #inFlight = 0;
  readonly #errors = new Map<string, number>();
  readonly #latency = emptyHistogram();
  readonly #lateness = emptyHistogram();

  /** Sent and not yet answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Answered in full and well. */
  get answered(): number {
    return this.#completed;
  }

  /** How many failed, of each kind. */
  get errors(): ReadonlyMap<string, number> {
    return this.#errors;
  }

  /** An arrival was sent, so much later than it could have been. */
  sent(latenessMs: number): void {
    this.#intended++;
    this.#inFlight++;
    record(this.#lateness, latenessMs);
  }

  /** An arrival was not sent, because all connections stayed busy. */
  dropped(waitedMs: number): void {
    this.#intended++;
    this.#dropped++;
    record(this.#latency, waitedMs);
  }

  /** A request was answered in full and well. */
  completed(latencyMs: number): void {
    this.#inFlight--;
    this.#completed++;
    record(this.#latency, latencyMs);
  }

  /** A request failed; `waitedMs` where it was given up after so long. */
  failed(kind: string, waitedMs?: number): void {
    this.#inFlight--;
    this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + 1);
    if (waitedMs !== undefined) record(this.#latency, waitedMs);
  }

  /** Everything about the stretch, which lasted so long. */
  workDone(windowSeconds: number, generatorCpuSeconds: number): WorkDone {
    return {
      unit: 'request',
      intended: this.#intended,
      completed: this.#completed,
      dropped: this.#dropped,
      errors: Object.fromEntries([...this.#errors].sort(([a], [b]) => (a < b ? -1 : 1))),
      lateness: {
        p99Seconds: seconds(this.#lateness.getValueAtPercentile(99)),
        maxSeconds: seconds(this.#lateness.maxValue),
      },
      windowSeconds,
      latency: this.#latency.totalCount === 0 ? undefined : summarise(this.#latency),
      generatorCpuSeconds,
    };
  }
}

/** 3 significant digits: every figure is within 0.1 % of what was recorded. */
function emptyHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: longestMicroseconds,
    numberOfSignificantValueDigits: 3,
  });
}

function record(histogram: Histogram, milliseconds: number): void {
  const microseconds = Math.round(milliseconds * 1000);
  histogram.recordValue(Math.min(longestMicroseconds, Math.max(0, microseconds)));
}

function summarise(histogram: Histogram): LatencySummary {
  const percentile = (percent: number): number => seconds(histogram.getValueAtPercentile(percent));
  return {
    count: histogram.totalCount,
    meanSeconds: seconds(histogram.mean),
    p50Seconds: percentile(50),
    p90Seconds: percentile(90),
    p99Seconds: percentile(99),
    p999Seconds: percentile(99.9),
    maxSeconds: seconds(histogram.maxValue),
    hdr: encodeIntoCompressedBase64(histogram),
  };
}

function seconds(microseconds: number): number {
  return microseconds / 1e6;
}
