import type Docker from 'dockerode';
import { ignoreGone, removeContainer } from './container-daemon.ts';
import { MARKS } from '../owner.ts';

/**
 * The label in which a container, image or network of ours says its own name. `docker commit` copies a container's labels
 * into the new image, and from there into every container of it; the name they carry is then not their own, and so a
 * user's copy of a trial is never taken for the trial.
 */
export const NAME_LABEL = 'gctune.name';

/** The labels of something that a run makes in the engine under a name of its own. */
export function ownLabels(name: string, runId: string, owner: string): Record<string, string> {
  return { [NAME_LABEL]: name, [MARKS.label.run]: runId, [MARKS.label.owner]: owner };
}

type Labels = Readonly<Record<string, string>> | null | undefined;

/** Something in the engine that gctune made itself. */
export interface Owned {
  readonly kind: 'container' | 'image' | 'network';
  readonly id: string;
  /** The name it was given, by which it is known from what was made of it. */
  readonly name: string;
  readonly runId: string;
  readonly owner: string;
  /** Removes it; false where something of the user's still holds it, as a container of theirs on the network. */
  remove(): Promise<boolean>;
}

/**
 * What gctune made in the engine for one run or for any, and nothing that was made from it: containers first, because an
 * image or a network in use cannot be removed.
 */
export async function ownedBy(docker: Docker, runId: string | undefined): Promise<readonly Owned[]> {
  const filters = { label: [runId === undefined ? MARKS.label.run : `${MARKS.label.run}=${runId}`] };
  const [containers, images, networks] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listImages({ filters }),
    docker.listNetworks({ filters }),
  ]);
  const owned = (kind: Owned['kind'], id: string, labels: Labels, remove: () => Promise<unknown>): Owned => ({
    kind,
    id,
    name: labels?.[NAME_LABEL] ?? '',
    runId: labels?.[MARKS.label.run] ?? '',
    owner: labels?.[MARKS.label.owner] ?? '',
    remove: () => remove().then(() => true, heldByOthers),
  });
  return [
    ...containers
      .filter(({ Labels, Names }) => Names.includes(`/${Labels[NAME_LABEL] ?? ''}`))
      .map(({ Id, Labels }) => owned('container', Id, Labels, () => removeContainer(docker.getContainer(Id)))),
    ...images.flatMap(({ Id, Labels, RepoTags }) => {
      const name = Labels?.[NAME_LABEL] ?? '';
      if (RepoTags?.includes(name) !== true) return [];
      // By its name and not by its id: a second name that the user gave it stays, and so does an image that was made from it.
      return [owned('image', Id, Labels, () => docker.getImage(name).remove({ force: true }))];
    }),
    ...networks
      .filter(({ Labels, Name }) => Labels?.[NAME_LABEL] === Name)
      .map(({ Id, Labels }) => owned('network', Id, Labels, () => docker.getNetwork(Id).remove())),
  ];
}

/** 403: a network with a container on it; 409: an image of which a container runs. What is gone already counts as removed. */
function heldByOthers(error: unknown): boolean {
  const { statusCode } = error as { statusCode?: number };
  if (statusCode === 403 || statusCode === 409) return false;
  ignoreGone(error);
  return true;
}
