import type Docker from 'dockerode';
import { ownedBy } from './owned.ts';
import { isLeft, ownerState } from '../owner.ts';
import type { Leftover, Reaped } from '../runner.ts';

/**
 * Removes containers, images and networks of runs whose gctune is gone; with a run id only that run's, and then also those of an
 * owner that cannot be judged from here (another machine, a container).
 */
export async function reapEngine(docker: Docker, runId: string | undefined): Promise<readonly Reaped[]> {
  const reaped: Reaped[] = [];
  for (const owned of await ownedBy(docker, runId)) {
    const state = await ownerState(owned.owner);
    if (state === 'alive' || (state === 'unknown' && runId === undefined)) continue;
    if (await owned.remove()) reaped.push({ kind: owned.kind, id: owned.id, runId: owned.runId });
  }
  return reaped;
}

/** What `reapEngine` would remove. */
export async function leftInEngine(docker: Docker): Promise<readonly Leftover[]> {
  const left: Leftover[] = [];
  for (const { kind, id, runId, owner } of await ownedBy(docker, undefined)) {
    if (await isLeft(owner, false)) left.push({ kind, id, runId });
  }
  return left;
}
