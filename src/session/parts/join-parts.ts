import { join } from 'node:path';
import { MISSING_BLOCKS } from '../../metrics/warning.ts';
import type { JournalEvent, RunManifest } from '../../results/format.ts';
import { runFiles } from '../../results/layout.ts';
import { modeOf, type FileMode } from '../../results/plain-file.ts';
import type { JoinedRun } from '../../results/joined-run.ts';
import type { RunFolder } from '../../results/run-folder.ts';
import type { Part } from './check-parts.ts';

/** Copies every attempt of a part into the run. */
export async function adoptPart(run: JoinedRun, part: Part): Promise<void> {
  for (const { id, attempt } of part.records) await run.adopt(part.run, id, attempt);
}

/** Says what a run is whose parts were adopted: a manifest, and a journal as if one gctune had run them. */
export async function publishParts(run: JoinedRun, parts: readonly Part[], manifest: RunManifest): Promise<RunFolder> {
  const { startedAt, warnings } = manifest;
  const events = parts.flatMap((part) => part.run.journal().filter(isOfTrial));
  const whole = !warnings.some(({ code }) => code === MISSING_BLOCKS);
  const end = events.map(({ at }) => at).reduce((a, b) => (a > b ? a : b), startedAt);
  return run.publish(manifest, [
    { at: startedAt, type: 'run-started', pid: process.pid },
    ...events.toSorted((a, b) => a.at.localeCompare(b.at)),
    { at: end, type: 'run-ended', why: whole ? 'plan-done' : 'interrupted' },
  ]);
}

function isOfTrial({ type }: JournalEvent): boolean {
  return type === 'trial-started' || type === 'trial-ended' || type === 'trial-fault';
}

/** What may be read by its owner only in one part is shown to nobody else in the whole. */
export async function modeOfParts(parts: readonly Part[]): Promise<FileMode> {
  const modes = await Promise.all(parts.map(({ run }) => modeOf(join(run.folder, runFiles.manifest))));
  return modes.includes(0o600) ? 0o600 : 0o644;
}

/** How many of the planned trials have a completed attempt. */
export function countOf(parts: readonly Part[]): { readonly completed: number; readonly planned: number } {
  const measured = parts.flatMap(({ records }) => records).filter(({ purpose }) => purpose !== 'profile');
  const completed = new Set(measured.flatMap(({ id, outcome }) => (outcome.kind === 'completed' ? [id] : [])));
  return { completed: completed.size, planned: parts[0]?.run.manifest.plan.trials.length ?? 0 };
}
