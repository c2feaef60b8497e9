import type { Exit, Outcome, Phase } from '../results/format.ts';

/** Ends a trial early: carries the outcome that the trial then has. */
export class Ended extends Error {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super(outcome.kind);
    this.outcome = outcome;
  }
}

/** What it means that the target ended by itself in a phase. Its last output is filled in when all of it has been read. */
export function endedEarly(exit: Exit, phase: Phase['name'], limitBytes: number | undefined): Outcome {
  if (exit.oomKilled) return { kind: 'oom-killed', phase, limitBytes };
  return { kind: 'failed', phase, cause: `the target ended ${howItEnded(exit)}`, log: [] };
}

/** `with code 1`, `by SIGKILL`. */
export function howItEnded({ code, signal }: Exit): string {
  return signal === null ? `with code ${code ?? 'unknown'}` : `by ${signal}`;
}
