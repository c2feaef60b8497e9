import { counted, listed } from '../../text/words.ts';
import type { Warning } from '../../metrics/warning.ts';
import type { Plan } from '../../experiment/plan/plan.ts';
import type { JournalEvent } from '../../results/format.ts';
import type { Session, TrialSummary } from '../analysis.ts';

/** Each gctune that worked on a run, by its journal. */
export function sessionsOf(journal: readonly JournalEvent[]): readonly Session[] {
  return journal.flatMap((event) => {
    if (event.type === 'run-started') return [{ startedAt: event.at, part: 1, drift: [], again: [] }];
    return event.type === 'run-resumed'
      ? [{ startedAt: event.at, part: event.part, drift: event.drift, again: event.discarded }]
      : [];
  });
}

/** What the journal gives reason to warn of: changes that were accepted, faults that ended attempts, trials left out for them. */
export function journalWarnings(
  journal: readonly JournalEvent[],
  sessions: readonly Session[],
  trials: readonly TrialSummary[],
  { profiling }: Plan,
): readonly Warning[] {
  const there = new Set([...trials, ...profiling].map(({ id }) => id));
  return [...driftWarnings(sessions, trials), ...faultWarnings(journal, there)];
}

function driftWarnings(sessions: readonly Session[], trials: readonly TrialSummary[]): readonly Warning[] {
  const parts = new Map(sessions.filter(({ part }) => part > 1).map((session) => [session.part, session]));
  return [...parts.values()].flatMap(({ part, drift }): readonly Warning[] => {
    const own = trials.filter((trial) => trial.part === part).length;
    if (own === 0) return [];
    const changes = drift.map(({ what, was, is }) => `${what} (${is}, was ${was})`);
    const message = `something had changed when the run was resumed: ${listed(changes)}; ${counted(own, 'trial')} ran after that, and the two parts of the run are compared under “Repeats and interruptions”`;
    return [{ code: 'drift-accepted', message }];
  });
}

/** So many trials are named before the rest is counted. */
const NAMED = 3;

function named(trials: readonly string[]): string {
  const unique = [...new Set(trials)];
  const rest = unique.length - NAMED;
  return rest > 1 ? `${unique.slice(0, NAMED).join(', ')} and ${rest} more` : listed(unique);
}

function faultWarnings(journal: readonly JournalEvent[], there: ReadonlySet<string>): readonly Warning[] {
  const faults = journal.filter((event) => event.type === 'trial-fault');
  if (faults.length === 0) return [];
  const codes = [...Map.groupBy(faults, ({ code }) => code)].map(([code, own]) => `${code} ${own.length}×`);
  const lost = new Set(faults.flatMap(({ trial }) => (there.has(trial) ? [] : [trial])));
  const repeated = `faults of the machine ended ${counted(faults.length, 'attempt')} at a trial (${listed(codes)}), of ${named(faults.map(({ trial }) => trial))}; nothing of these is kept`;
  const message = lost.size === 0 ? `${repeated}, and each trial was repeated` : repeated;
  return [
    { code: 'machine-faults', message },
    ...(lost.size === 0
      ? []
      : [
          {
            code: 'trials-left-out',
            message: `${counted(lost.size, 'trial')} ${lost.size === 1 ? 'was' : 'were'} left out after such faults; gctune resume runs ${lost.size === 1 ? 'it' : 'them'}`,
          },
        ]),
  ];
}
