import type { Analysis, CellAnalysis, TrialSummary } from '../analysis/analysis.ts';
import { formatBytes, formatWait } from '../experiment/format-units.ts';
import type { Outcome } from '../results/format.ts';

/** `7 trials`, `1 trial`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** An ISO time as a person reads it: `2026-11-24 00:00 UTC`. */
export function clockText(iso: string): string {
  const parts = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(iso);
  return parts === null ? iso : `${parts[1]} ${parts[2]} UTC`;
}

/** `83 of 85 trials count`. */
export function countedText({ workloads, trials }: Analysis): string {
  const valid = workloads.reduce((sum, { cells }) => sum + cells.reduce((all, cell) => all + cell.valid, 0), 0);
  return `${valid} of ${counted(trials.length, 'trial')} count`;
}

/** How a trial ended, in a few words. */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'completed':
      return 'completed';
    case 'invalid':
      return `invalid: ${outcome.message}`;
    case 'failed':
      return `failed in ${outcome.phase}: ${outcome.cause}`;
    case 'timed-out':
      return `timed out in ${outcome.phase} after ${formatWait(outcome.seconds)}`;
    case 'oom-killed':
      return `killed for want of memory in ${outcome.phase}${
        outcome.limitBytes === undefined ? '' : `, limit ${formatBytes(outcome.limitBytes)}`
      }`;
    case 'aborted':
      return `aborted in ${outcome.phase}`;
  }
}

/** The last lines of the target's output, where the outcome has them. Untrusted text. */
export function outcomeLog(outcome: Outcome): readonly string[] {
  return 'log' in outcome ? outcome.log : [];
}

/** The trials that do not count, in the order of the run. */
export function uncounted(trials: readonly TrialSummary[]): readonly TrialSummary[] {
  return trials.filter(({ outcome }) => outcome.kind !== 'completed');
}

/** `7/8`: trials that count of those that were run. */
export function validText({ valid, attempted }: CellAnalysis): string {
  return `${valid}/${attempted}`;
}

/** The finding's sentences by workload; those of none of them under undefined. */
export function findingByWorkload(analysis: Analysis): ReadonlyMap<string | undefined, readonly string[]> {
  const names = analysis.workloads.map(({ workload }) => workload).toSorted((a, b) => b.length - a.length);
  const groups = Map.groupBy(analysis.finding, (sentence) => names.find((name) => sentence.startsWith(`${name}: `)));
  return new Map(
    [...groups].map(([name, sentences]) => [
      name,
      name === undefined ? sentences : sentences.map((sentence) => capital(sentence.slice(name.length + 2))),
    ]),
  );
}

function capital(sentence: string): string {
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
}
