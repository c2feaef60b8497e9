import { ranToItsEnd, type Drift, type RunEnding, type TrialRecord } from '../results/format.ts';
import { shareOf } from '../experiment/plan/shard.ts';
import { attemptName } from '../results/layout.ts';
import type { ResumedRun } from '../results/run-writer.ts';

/** What earlier gctunes did in a run. */
export interface Past {
  /** Every attempt that has ended, by its name. */
  readonly attempts: ReadonlyMap<string, TrialRecord>;
  /** The last block of which a trial has begun; 0 where none has. */
  readonly lastBlock: number;
  /** How the run ended by its plan or its own rule; undefined where it was cut short. */
  readonly ended: RunEnding | undefined;
  /** Nothing is missing of the run, which is only to be reported on. */
  readonly complete: boolean;
  /** What the journal says of going on; undefined of a run that begins. */
  readonly resumed:
    { readonly discarded: readonly string[]; readonly part: number; readonly drift: readonly Drift[] } | undefined;
}

/** Of a run that begins. */
export const NO_PAST: Past = {
  attempts: new Map(),
  lastBlock: 0,
  ended: undefined,
  complete: false,
  resumed: undefined,
};

/** The past of a run that is gone on with. `drift`: what has changed since it began, and was accepted. */
export async function pastOf(run: ResumedRun, drift: readonly Drift[]): Promise<Past> {
  const blocks = new Map(run.manifest.plan.trials.map(({ id, block }) => [id, block]));
  let lastBlock = 0;
  const parts = new Map<string, number>([[JSON.stringify([]), 1]]);
  for (const event of run.journal()) {
    if (event.type === 'trial-started') lastBlock = Math.max(lastBlock, blocks.get(event.trial) ?? 0);
    if (event.type === 'run-resumed') parts.set(JSON.stringify(event.drift), event.part);
  }
  // What differs in the same way as once before belongs to the part of that time.
  const part = parts.get(JSON.stringify(drift)) ?? Math.max(...parts.values()) + 1;
  const last = await run.ended();
  const ended = last !== undefined && ranToItsEnd(last.why) ? last : undefined;
  const { plan, shard } = run.manifest;
  const { trials, profiling } = shareOf(plan, shard);
  const due = [...trials.filter(({ block }) => block <= (ended?.blocks ?? plan.blocks)), ...profiling];
  return {
    attempts: run.attempts,
    lastBlock,
    ended,
    complete: ended !== undefined && due.every(({ id }) => run.attempts.has(attemptName(id, 1))),
    resumed: { discarded: run.discarded, part, drift },
  };
}
