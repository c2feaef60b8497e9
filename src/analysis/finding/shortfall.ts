import { counted, listed } from '../../text/words.ts';
import type { Outcome } from '../../results/format.ts';
import { duringText, ENDINGS, limitText } from '../../results/outcome-text.ts';
import type { TrialFigures } from '../per-trial/reduce-trial.ts';

/**
 * What became of the trials of a cell that do not count, worst first: `5 of 6 trials were OOM-killed (limit 160 MiB)
 * and 1 did not reach steady state`. Undefined where all of them count, or none was run.
 */
export function shortfallOf(trials: readonly TrialFigures[], valid: number): string | undefined {
  const lost = trials.filter(({ record }) => record.outcome.kind !== 'completed');
  if (lost.length === 0 || (valid > 0 && lost.every(({ record }) => repeated(record.outcome)))) return undefined;
  const kinds = Map.groupBy(lost, ({ record }) => fate(record.outcome));
  const parts = [...kinds]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([what, group], index) => {
      const total = index === 0 ? ` of ${counted(trials.length, 'trial')}` : '';
      const passive = group[0] !== undefined && PASSIVE.has(group[0].record.outcome.kind);
      return `${group.length}${total} ${passive ? (group.length === 1 ? 'was ' : 'were ') : ''}${what}`;
    });
  return listed(parts);
}

/** A trial that the apparatus spoilt is run again, and then says nothing of the cell. */
function repeated(outcome: Outcome): boolean {
  return outcome.kind === 'invalid' && outcome.apparatus;
}

function fate(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'oom-killed':
      return `${ENDINGS[outcome.kind]}${limitText(outcome.limitBytes)}`;
    case 'invalid':
      return REASONS.get(outcome.reason) ?? `${ENDINGS[outcome.kind]} (${outcome.reason})`;
    case 'failed':
    case 'timed-out':
      return `${ENDINGS[outcome.kind]} ${duringText(outcome.phase)}`;
    case 'aborted':
    case 'completed':
      return ENDINGS[outcome.kind];
  }
}

/** Endings that are done to a trial. */
const PASSIVE: ReadonlySet<Outcome['kind']> = new Set(['oom-killed', 'aborted']);

const REASONS: ReadonlyMap<string, string> = new Map([
  ['rate-missed', 'did not sustain the load'],
  ['request-errors', 'exceeded the error limit'],
  ['did-not-settle', 'did not reach steady state'],
  ['re-executed', 'replaced their process (execve) during the window'],
  ['target-stopped', 'were stopped by a signal or a debugger'],
  ['counters-went-back', 'had counters that went backwards'],
  ['window-stretched', 'had a window stretched by a stall'],
  ['sampling-stalled', 'had a gap in memory sampling'],
  ['generator-late', 'had a load generator that fell behind'],
  ['generator-broken', 'had a load generator that failed'],
]);
