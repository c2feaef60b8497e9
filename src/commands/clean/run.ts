import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode, machineCondition } from '../../errors.ts';
import { plainText } from '../../text/plain-text.ts';
import { REAL_RUNNER_NAMES } from '../../experiment/runner-names.ts';
import type { Reaped } from '../../runner/runner.ts';
import { RUNNERS } from '../../runner/runners.ts';
import { within } from '../../runner/within.ts';
import { reapFolders } from '../../sweep/scratch.ts';
import { interruptionCode } from '../../cli/failure.ts';
import type { Io } from '../../cli/io.ts';
import type { Document } from '../../report/document/document.ts';
import { printAnswer, type PrintValues } from '../../session/print-answer.ts';

/** What `gctune clean` is called with. */
export interface CleanValues extends PrintValues {
  readonly run: string | undefined;
  readonly after: number | undefined;
  readonly on: 'kubernetes' | undefined;
  readonly context: string | undefined;
  readonly namespace: string | undefined;
}

/** How long one kind of place may take; what is in it is removed one by one, each within seconds. */
const WITHIN_SECONDS = 120;
/** How long the process that is to end first is waited for, and how often it is looked at. */
const AFTER_SECONDS = 30;
const LOOK_MILLISECONDS = 50;

/** Removes what killed runs left behind and says what it was. What cannot be removed keeps nothing else. */
export async function cleanUp(values: CleanValues, io: Io): Promise<ExitCode> {
  if (values.after !== undefined) await ended(values.after, io.signal);
  const found: Found[] = [];
  for (const [name, reap] of placesOf(values)) found.push(await reapWithin(name, reap, io.signal));
  const reaped = found.flatMap((each) => each.reaped);
  const removed = reaped.filter(({ problem }) => problem === undefined);
  const stays = reaped
    .filter(({ problem }) => problem !== undefined)
    .map(({ kind, id, problem }) => `${kind} ${id} is still there: ${problem}`);
  const problems = [...stays, ...found.flatMap(({ problem }) => problem ?? [])];
  const json = { formatVersion: 1, removed, problems };
  await printAnswer({ title: 'Removed', document: documentOf(removed), json, unbroken: true }, values, io);
  for (const problem of problems) io.stderr.write(`${plainText(problem)}\n`);
  if (io.signal.aborted) return interruptionCode(io.signal);
  return stays.length > 0 || found.some(({ unseen }) => unseen) ? ExitCode.environment : ExitCode.ok;
}

/** A kind of place in which something may be left, and how it is removed. */
type Place = readonly [name: string, reap: () => Promise<readonly Reaped[]>];

/** A cluster is asked only by who names it: it may be far away, and somebody else's. */
function placesOf({ on, run, context, namespace }: CleanValues): readonly Place[] {
  if (on === 'kubernetes') {
    return [
      [
        'kubernetes',
        async () => {
          const { openCluster } = await import('../../kubernetes/cluster.ts');
          const { reapJobs } = await import('../../kubernetes/reap-jobs.ts');
          return reapJobs(await openCluster({ context, namespace }), run);
        },
      ],
    ];
  }
  return [
    ...REAL_RUNNER_NAMES.map((name): Place => [name, () => RUNNERS[name]().reap(run)]),
    ['folders', () => reapFolders(run)],
  ];
}

/** Waits until a process has ended, or that has taken too long: what a living gctune owns is left alone. */
async function ended(pid: number, signal: AbortSignal): Promise<void> {
  for (let looks = 0; looks < (AFTER_SECONDS * 1000) / LOOK_MILLISECONDS && !signal.aborted; looks++) {
    try {
      process.kill(pid, 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
    }
    await sleep(LOOK_MILLISECONDS);
  }
}

function documentOf(removed: readonly Reaped[]): Document {
  if (removed.length === 0) return [{ kind: 'prose', text: 'nothing to clean up' }];
  return [{ kind: 'list', items: removed.map(({ kind, id, runId }) => `removed ${kind} ${id} of ${runId}`) }];
}

interface Found {
  readonly reaped: readonly Reaped[];
  readonly problem?: string;
  /** Whether something of ours may be there that was not looked at. */
  readonly unseen: boolean;
}

/** An engine that is not there, or is not this user's to use, has nothing of ours. */
const NOTHING_THERE = ['docker-absent', 'docker-no-permission'];

/** Cleans one kind of place; gives up when the signal fires and when it takes too long. */
async function reapWithin(name: string, reap: () => Promise<readonly Reaped[]>, signal: AbortSignal): Promise<Found> {
  try {
    if (signal.aborted) return { reaped: [], unseen: true };
    const reaped = await within(reap(), WITHIN_SECONDS, signal);
    if (reaped !== undefined) return { reaped, unseen: false };
    const why = signal.aborted ? 'interrupted' : `gave no answer within ${WITHIN_SECONDS} s`;
    return { reaped: [], problem: `${name}: ${why}`, unseen: true };
  } catch (error) {
    const condition = machineCondition(error);
    if (condition === undefined) throw error;
    return { reaped: [], problem: `${name}: ${condition.message}`, unseen: !NOTHING_THERE.includes(condition.code) };
  }
}
