import type Docker from 'dockerode';
import { ignoreGone, removeContainer } from './container-daemon.ts';
import { MARKS, ownerState } from './owner.ts';
import type { Reaped } from './runner.ts';

/**
 * Removes containers, images and networks of runs whose gctune is gone; with a run id only that run's, and then also those of an
 * owner that cannot be judged from here (another machine, a container).
 */
export async function reapEngine(docker: Docker, runId: string | undefined): Promise<readonly Reaped[]> {
  const filters = { label: [runId === undefined ? MARKS.label.run : `${MARKS.label.run}=${runId}`] };
  const reaped: Reaped[] = [];
  const take = async (
    kind: Reaped['kind'],
    id: string,
    labels: Readonly<Record<string, string>> | undefined,
    remove: () => Promise<unknown>,
  ): Promise<void> => {
    const state = await ownerState(labels?.[MARKS.label.owner] ?? '');
    if (state === 'alive' || (state === 'unknown' && runId === undefined)) return;
    await remove();
    reaped.push({ kind, id, runId: labels?.[MARKS.label.run] ?? '' });
  };
  // Containers first: an image or a network in use cannot be removed.
  for (const { Id, Labels } of await docker.listContainers({ all: true, filters })) {
    await take('container', Id, Labels, () => removeContainer(docker.getContainer(Id)));
  }
  for (const { Id, Labels } of await docker.listImages({ filters })) {
    await take('image', Id, Labels, () => docker.getImage(Id).remove({ force: true }).catch(ignoreGone));
  }
  for (const { Id, Labels } of await docker.listNetworks({ filters })) {
    await take('network', Id, Labels, () => docker.getNetwork(Id).remove().catch(ignoreGone));
  }
  return reaped;
}
