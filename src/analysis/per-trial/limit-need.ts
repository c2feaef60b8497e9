import { leastLimitFor, UNLIMITED_BYTES } from '../../go/pacer.ts';
import type { Reading, TrialRecord } from '../../results/format.ts';
import { RUNTIME_PROBES, PROCESS_PROBES } from '../../experiment/probe-ids.ts';

/** The largest that one trial's readings ask of a GOMEMLIMIT, over its whole length, from launch to stop. */
export interface LimitNeed {
  readonly trial: string;
  /** Readings that have every counter this is made of; 0: this trial tells nothing. */
  readonly readings: number;
  /** From the first of them to the last. */
  readonly seconds: number;
  /** Greatest Sys − HeapIdle − HeapAlloc + NextGC: room for what is not heap objects, and for the heap goal that GOGC sets. */
  readonly goalBytes: number | null;
  /** Greatest Sys − HeapReleased: what Go holds of the system, and what GOMEMLIMIT limits. */
  readonly committedBytes: number | null;
  /** What is resident outside of that: the larger of peak RSS less `committedBytes` and of the mapped files' pages. */
  readonly outsideBytes: number | null;
}

/** What the readings of one trial ask of a memory limit. Every reading of every probe inside counts, in the window or not. */
export function limitNeedOf({ id }: Pick<TrialRecord, 'id'>, readings: readonly Reading[]): LimitNeed {
  let [goal, committed, rss, file] = [-Infinity, -Infinity, -Infinity, -Infinity];
  const times: number[] = [];
  for (const { at, probe, v } of readings) {
    if ((PROCESS_PROBES as readonly string[]).includes(probe)) {
      rss = Math.max(rss, v.rssBytes ?? -Infinity, v.peakRssBytes ?? -Infinity);
      file = Math.max(file, v.rssFileBytes ?? -Infinity);
    }
    if (!(RUNTIME_PROBES as readonly string[]).includes(probe)) continue;
    const { sysBytes, heapIdleBytes, heapAllocBytes, heapReleasedBytes, nextGcBytes } = v;
    if (
      sysBytes === undefined ||
      heapIdleBytes === undefined ||
      heapAllocBytes === undefined ||
      heapReleasedBytes === undefined ||
      nextGcBytes === undefined ||
      nextGcBytes >= UNLIMITED_BYTES
    )
      continue;
    times.push(at);
    goal = Math.max(goal, sysBytes - heapIdleBytes - heapAllocBytes + nextGcBytes);
    committed = Math.max(committed, sysBytes - heapReleasedBytes);
  }
  const told = times.length > 0;
  const outside = Math.max(rss - committed, file, 0);
  return {
    trial: id,
    readings: times.length,
    seconds: told ? Math.max(...times) - Math.min(...times) : 0,
    goalBytes: told ? goal : null,
    committedBytes: told ? committed : null,
    outsideBytes: told && Number.isFinite(rss) ? outside : null,
  };
}

/**
 * The least GOMEMLIMIT that changes nothing in any reading of a trial: from there up the limit's heap goal is not below
 * that of GOGC (see src/go/pacer.ts), and what Go
 * holds is not over the limit. Undefined where the trial has no such reading.
 */
export function leastLimitBytes({ goalBytes, committedBytes }: LimitNeed): number | undefined {
  if (goalBytes === null || committedBytes === null) return undefined;
  return Math.max(leastLimitFor(goalBytes), committedBytes);
}
