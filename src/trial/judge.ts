import type { Validity } from '../experiment/experiment.ts';
import type { Warning } from '../metrics/warning.ts';
import type { Outcome, WorkDone } from '../results/format.ts';
import type { Excursion } from './excursion.ts';
import type { ReadFailure } from './sampler.ts';
import type { Steadiness } from './window-watch.ts';

/** A window whose length is off by more than this share of what was asked is worth a word, and by more than that one not worth counting. */
const STRETCH = { told: 0.05, invalid: 0.25 } as const;
/** What the edges of a window may take by themselves: reading a target with two pages on a busy machine. */
const EDGE_SECONDS = 0.05;
/** So many intervals between two samples of files of the kernel are a stall of this machine, not jitter. */
const LONG_GAP = 5;

/** What is known of a trial that ran to its end. */
export interface Evidence {
  readonly work: WorkDone | undefined;
  /** How level what should be level was; undefined of work that is not meant to be (a run from start to end). */
  readonly steadiness: Steadiness | undefined;
  /** Whether the warm-up lasted until the target was level, as far as that can be told, and not for a time. */
  readonly autoWarmup?: boolean;
  /** How the heap goal left its level for a while; undefined where it did not. */
  readonly goalExcursion?: Excursion | undefined;
  /** Counters that fell in the window, in words. */
  readonly wentBack?: readonly string[];
  /** How many readings found the process stopped, by a signal or a debugger. */
  readonly stoppedReadings?: number;
  /** Why the process at the end of the window is not the one at its start; undefined where it is, as far as can be told. */
  readonly replaced?: string | undefined;
  /** The window as it was and as it was asked for; undefined where its length is the target's own. */
  readonly timing?: {
    readonly askedSeconds: number;
    readonly seconds: number;
    /** The longest time without a sample from files of the kernel, and what is usual. */
    readonly longestGapSeconds: number;
    readonly intervalSeconds: number;
  };
  /** Whether the GOGC that was asked for is in force; `ok` is undefined where nothing tells. */
  readonly gogc: { readonly ok: boolean | undefined; readonly message: string } | undefined;
  /** Failed reads of the probes, by name. */
  readonly probeFailures: ReadonlyMap<string, ReadFailure>;
}

/** Says whether a trial that ran to its end counts, and what a reader must know of it. */
export function judge(
  evidence: Evidence,
  validity: Validity,
): { readonly outcome: Outcome; readonly warnings: readonly Warning[] } {
  const warnings = [
    ...settingWarnings(evidence),
    ...probeWarnings(evidence),
    ...timingWarnings(evidence),
    ...steadinessWarnings(evidence),
    ...excursionWarnings(evidence),
  ];
  return {
    outcome: mismatch(evidence) ??
      otherProcess(evidence) ??
      wasStopped(evidence) ??
      stalled(evidence) ??
      loadFault(evidence.work, validity) ??
      unsettled(evidence, validity) ?? { kind: 'completed' },
    warnings,
  };
}

function mismatch({ gogc }: Evidence): Outcome | undefined {
  return gogc?.ok === false ? { kind: 'failed', phase: 'measure', cause: gogc.message, log: [] } : undefined;
}

/** A process that does nothing for a while costs nothing for a while: whoever stopped it, the figures are not the target's. */
function wasStopped({ stoppedReadings = 0 }: Evidence): Outcome | undefined {
  if (stoppedReadings === 0) return undefined;
  const times = stoppedReadings === 1 ? 'one reading' : `${stoppedReadings} readings`;
  return invalid(
    'target-stopped',
    `the target was stopped, by a signal (SIGSTOP) or a debugger, at ${times} in the window`,
    true,
  );
}

/** Figures of two processes are no figures: of one that executed itself anew everything that counts begins again. */
function otherProcess({ replaced, wentBack = [] }: Evidence): Outcome | undefined {
  if (replaced !== undefined) return invalid('re-executed', replaced, false);
  if (wentBack.length === 0) return undefined;
  const counters =
    wentBack.length === 1
      ? `a counter went backwards: ${wentBack[0]}`
      : `counters went backwards: ${wentBack.join(', ')}`;
  return invalid(
    'counters-went-back',
    `${counters}; the readings in the window are not all from the same process`,
    false,
  );
}

/** A window that a stall of this machine stretched: the load and the samples were not what was asked for. */
function stalled({ timing }: Evidence): Outcome | undefined {
  if (timing === undefined) return undefined;
  const { askedSeconds, seconds, longestGapSeconds, intervalSeconds } = timing;
  if (seconds - askedSeconds > STRETCH.invalid * askedSeconds + EDGE_SECONDS) {
    return invalid('window-stretched', lengthMessage(timing), true);
  }
  if (longestGapSeconds > LONG_GAP * intervalSeconds && longestGapSeconds > STRETCH.invalid * askedSeconds) {
    return invalid('sampling-stalled', gapMessage(timing), true);
  }
  return undefined;
}

function timingWarnings({ timing }: Evidence): readonly Warning[] {
  if (timing === undefined) return [];
  const { askedSeconds, seconds, longestGapSeconds, intervalSeconds } = timing;
  const warnings: Warning[] = [];
  if (Math.abs(seconds - askedSeconds) > STRETCH.told * askedSeconds + EDGE_SECONDS) {
    warnings.push({ code: 'window-stretched', message: lengthMessage(timing) });
  }
  if (longestGapSeconds > LONG_GAP * intervalSeconds) {
    warnings.push({ code: 'sampling-stalled', message: gapMessage(timing) });
  }
  return warnings;
}

function lengthMessage({ seconds, askedSeconds }: NonNullable<Evidence['timing']>): string {
  return `the window was ${seconds.toFixed(2)} s long, not the ${askedSeconds} s requested: gctune or the target was stalled`;
}

function gapMessage({ longestGapSeconds, intervalSeconds }: NonNullable<Evidence['timing']>): string {
  return `no memory was sampled for ${longestGapSeconds.toFixed(2)} s of the window (expected: every ${intervalSeconds.toFixed(2)} s): gctune was stalled`;
}

/** What could not be checked is said: silence would read as a check that was passed. */
function steadinessWarnings({ steadiness }: Evidence): readonly Warning[] {
  if (steadiness === undefined) return [];
  const { rss, live, readings } = steadiness;
  const unchecked = (what: string, count: number): Warning => ({
    code: 'drift-unchecked',
    message: `${what} was read ${count} times in the window, in too few parts of it to assess drift`,
  });
  return [
    ...(rss === undefined ? [unchecked('RSS', readings.rss)] : []),
    ...(live === undefined ? [unchecked('the live heap', readings.live)] : []),
  ];
}

function settingWarnings({ gogc }: Evidence): readonly Warning[] {
  return gogc !== undefined && gogc.ok === undefined ? [{ code: 'gogc-unverified', message: gogc.message }] : [];
}

function loadFault(work: WorkDone | undefined, validity: Validity): Outcome | undefined {
  if (work === undefined || work.unit !== 'request' || work.intended === 0) return undefined;
  const { expected = work.intended } = work;
  if (Math.abs(work.intended / expected - 1) > 1 - validity.achievedRate) {
    return invalid(
      'work-differs',
      `the load program made ${work.intended} requests instead of ${expected}; at most ${percent(1 - validity.achievedRate)} more or fewer are allowed`,
      false,
    );
  }
  const late = work.lateness.p99Seconds > validity.latenessSeconds;
  if (late) {
    return invalid(
      'generator-late',
      `the load generator fell behind: scheduling delay p99 ${milliseconds(work.lateness.p99Seconds)}, at most ${milliseconds(validity.latenessSeconds)} allowed`,
      true,
    );
  }
  const failed = Object.values(work.errors).reduce((sum, count) => sum + count, 0);
  const kinds = Object.entries(work.errors).map(([kind, count]) => `${count} × ${kind}`);
  if (failed > validity.errorRate * Math.max(1, work.intended)) {
    return invalid(
      'request-errors',
      `${percent(failed / work.intended)} of the requests failed (${kinds.join(', ')}), at most ${percent(validity.errorRate)} allowed`,
      false,
    );
  }
  const achieved = work.completed / work.intended;
  if (achieved < validity.achievedRate) {
    return invalid(
      'rate-missed',
      `${percent(achieved)} of the intended requests were completed (${work.dropped} not sent because no connection was free), at least ${percent(validity.achievedRate)} required`,
      false,
    );
  }
  return undefined;
}

/** A warning, not a fault: a live heap that comes in bursts can do the same for a while. */
function excursionWarnings({ steadiness, goalExcursion }: Evidence): readonly Warning[] {
  if (steadiness === undefined || goalExcursion === undefined) return [];
  const { atSeconds, value, otherwise } = goalExcursion;
  const message = `the heap goal went from ${mebibytes(otherwise)} to ${mebibytes(value)} at ${atSeconds.toFixed(1)} s of the window: the target changed its GOGC, or its live heap was not steady`;
  return [{ code: 'goal-left-its-level', message }];
}

/**
 * A drift is one that chance does not explain: its whole interval lies beyond what is allowed. In a short window a bare
 * slope is mostly chance; what all trials of a cell drift by on the average is the analysis's to judge.
 */
function unsettled({ steadiness, autoWarmup = false }: Evidence, validity: Validity): Outcome | undefined {
  for (const [what, drift] of [
    ['RSS', steadiness?.rss],
    ['the live heap', steadiness?.live],
  ] as const) {
    if (drift !== undefined && (drift.low > validity.drift || drift.high < -validity.drift)) {
      const least = Math.min(Math.abs(drift.low), Math.abs(drift.high));
      const help = autoWarmup
        ? 'phases.warmup is auto already: a longer phases.measure, over more GC cycles, may help'
        : 'a longer warm-up, or phases.warmup: auto, may help';
      return invalid(
        'did-not-settle',
        `${what} ${drift.value > 0 ? 'grew' : 'fell'} by ${percent(Math.abs(drift.value))} over the window (at least ${percent(least)}), at most ${percent(validity.drift)} allowed; ${help}`,
        false,
      );
    }
  }
  return undefined;
}

function probeWarnings({ probeFailures }: Evidence): readonly Warning[] {
  return [...probeFailures].map(([probe, { count, last }]) => ({
    code: 'probe-failed',
    message: `${count} reads of ${probe} failed; the last error: ${last}`,
  }));
}

function invalid(reason: string, message: string, apparatus: boolean): Outcome {
  return { kind: 'invalid', reason, message, apparatus };
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(1)} ms`;
}
