import { formatBytes } from '../../units/format-units.ts';
import type { Outcome } from '../../results/format.ts';
import type { TrialFigures } from '../per-trial/reduce-trial.ts';
import { counted, listed } from './words.ts';

/**
 * What became of the trials of a cell that do not count, worst first: `5 of 6 trials ran out of memory (limit 160 MiB)
 * and 1 did not settle`. Undefined where all of them count, or none was run.
 */
export function shortfallOf(trials: readonly TrialFigures[], valid: number): string | undefined {
  const lost = trials.filter(({ record }) => record.outcome.kind !== 'completed');
  if (lost.length === 0 || (valid > 0 && lost.every(({ record }) => repeated(record.outcome)))) return undefined;
  const kinds = Map.groupBy(lost, ({ record }) => fate(record.outcome));
  const parts = [...kinds]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(
      ([what, group], index) => `${group.length}${index === 0 ? ` of ${counted(trials.length, 'trial')}` : ''} ${what}`,
    );
  return listed(parts);
}

/** A trial that the apparatus spoilt is run again, and then says nothing of the cell. */
function repeated(outcome: Outcome): boolean {
  return outcome.kind === 'invalid' && outcome.apparatus;
}

function fate(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'oom-killed': {
      const limit = outcome.limitBytes === undefined ? '' : ` (limit ${formatBytes(outcome.limitBytes)})`;
      return `ran out of memory${limit}`;
    }
    case 'invalid':
      return REASONS.get(outcome.reason) ?? `do not count (${outcome.reason})`;
    case 'failed':
      return `failed in the ${outcome.phase} phase`;
    case 'timed-out':
      return `took too long in the ${outcome.phase} phase`;
    case 'aborted':
      return 'stopped when the run was interrupted';
    case 'completed':
      return 'completed';
  }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['rate-missed', 'did not keep up with the load'],
  ['request-errors', 'answered too many requests with errors'],
  ['did-not-settle', 'did not settle'],
  ['re-executed', 'executed itself anew while it was measured'],
  ['counters-went-back', 'had counters that went back'],
  ['window-stretched', 'had a window that a stall stretched'],
  ['sampling-stalled', 'was not sampled for a part of the window'],
  ['generator-late', 'had a late load generator'],
  ['generator-broken', 'had a broken load generator'],
]);
