import type { SweepRequest } from '../sweep/sweep-request.ts';

/** Reduces each trial when it has ended, with what the report is made with; loaded with the first of them, no sooner. */
export const reduceEnded: SweepRequest['reduce'] = async (run, trial, attempt) => {
  const reduced = await import('./reduced-trial.ts');
  try {
    await reduced.reduceEnded(run, trial, attempt);
  } catch {
    // No fault of the run, which goes on: the report reduces the trial again, and says then what was wrong.
  }
};
