import type { Validity } from '../experiment/experiment.ts';
import type { Warning } from '../experiment/warning.ts';
import type { Outcome, WorkDone } from '../results/format.ts';
import type { ReadFailure } from './sampler.ts';

/** What is known of a trial that ran to its end. */
export interface Evidence {
  readonly work: WorkDone | undefined;
  /** Relative drift over the window of what should be level. */
  readonly drift: { readonly rss: number | undefined; readonly live: number | undefined };
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
  const warnings = [...settingWarnings(evidence), ...probeWarnings(evidence)];
  return {
    outcome: mismatch(evidence) ??
      loadFault(evidence.work, validity) ??
      unsettled(evidence, validity) ?? { kind: 'completed' },
    warnings,
  };
}

function mismatch({ gogc }: Evidence): Outcome | undefined {
  return gogc?.ok === false ? { kind: 'failed', phase: 'measure', cause: gogc.message, log: [] } : undefined;
}

function settingWarnings({ gogc }: Evidence): readonly Warning[] {
  return gogc !== undefined && gogc.ok === undefined ? [{ code: 'gogc-unverified', message: gogc.message }] : [];
}

function loadFault(work: WorkDone | undefined, validity: Validity): Outcome | undefined {
  if (work === undefined || work.unit !== 'request' || work.intended === 0) return undefined;
  const late = work.lateness.p99Seconds > validity.latenessSeconds;
  if (late) {
    return invalid(
      'generator-late',
      `the generator was late: p99 ${milliseconds(work.lateness.p99Seconds)}, at most ${milliseconds(validity.latenessSeconds)} allowed`,
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
      `${percent(achieved)} of the intended requests were completed (${work.dropped} not sent for want of a free connection), at least ${percent(validity.achievedRate)} asked`,
      false,
    );
  }
  return undefined;
}

function unsettled({ drift }: Evidence, validity: Validity): Outcome | undefined {
  for (const [what, value] of [
    ['RSS', drift.rss],
    ['the live heap', drift.live],
  ] as const) {
    if (value !== undefined && Math.abs(value) > validity.drift) {
      return invalid(
        'did-not-settle',
        `${what} ${value > 0 ? 'grew' : 'fell'} by ${percent(Math.abs(value))} over the window, at most ${percent(validity.drift)} allowed; a longer warm-up or settle phase may help`,
        false,
      );
    }
  }
  return undefined;
}

function probeWarnings({ probeFailures }: Evidence): readonly Warning[] {
  return [...probeFailures].map(([probe, { count, last }]) => ({
    code: 'probe-failed',
    message: `${count} reads of ${probe} failed; the last said: ${last}`,
  }));
}

function invalid(reason: string, message: string, apparatus: boolean): Outcome {
  return { kind: 'invalid', reason, message, apparatus };
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(1)} ms`;
}
