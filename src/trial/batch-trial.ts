import type { Outcome } from '../results/format.ts';
import { within } from '../runner/within.ts';
import type { Daemon } from '../runner/runner.ts';
import type { RunningLoad } from '../workload/workload.ts';
import type { TrialAccount } from './account.ts';
import { Ended, endedEarly } from './ended.ts';

/** The trial of a command that runs to its end: the window is its whole life. */
export async function runBatch(
  account: TrialAccount,
  daemon: Daemon,
  load: RunningLoad,
  withinSeconds: number,
): Promise<Outcome> {
  const { clock, signal } = account;
  const { sampling, limits } = account.request.experiment;
  clock.enter('measure');
  const launchedSeconds = clock.now();
  account.watch(0, withinSeconds, account.runtimeSeconds(daemon));
  await using instruments = await account.instruments(daemon, { ...sampling, inside: 'none' });
  instruments.start();
  const exit = await within(daemon.exited, withinSeconds, signal);
  if (exit === undefined) {
    if (signal.aborted) throw new Ended({ kind: 'aborted', phase: 'measure' });
    throw new Ended({ kind: 'timed-out', phase: 'measure', seconds: withinSeconds, log: [] });
  }
  const endSeconds = clock.now();
  const startSeconds = account.processStartSeconds ?? launchedSeconds;
  account.window(startSeconds, endSeconds);
  if (exit.oomKilled || exit.code !== 0) throw new Ended(endedEarly(exit, 'measure', limits.memoryBytes));
  account.worked({ ...(await load.closeWindow(0)), windowSeconds: endSeconds - startSeconds });
  return account.judged(instruments);
}
