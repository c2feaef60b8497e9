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
  const lost = await Promise.all(images.map((image) => lostItsName(docker, image)));
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
    ...images
      .filter(({ Labels, RepoTags }) => RepoTags?.includes(Labels?.[NAME_LABEL] ?? '') === true)
      // By its name and not by its id: a second name that the user gave it stays, and so does an image that was made from it.
      .map(({ Id, Labels }) =>
        owned('image', Id, Labels, () => docker.getImage(Labels[NAME_LABEL] ?? '').remove({ force: true })),
      ),
    ...images
      .filter((_, index) => lost[index])
      .map(({ Id, Labels }) => owned('image', Id, Labels, () => docker.getImage(Id).remove())),
    ...networks
      .filter(({ Labels, Name }) => Labels?.[NAME_LABEL] === Name)
      .map(({ Id, Labels }) => owned('network', Id, Labels, () => docker.getNetwork(Id).remove())),
  ];
}

/**
 * Whether an image of ours is one whose name somebody removed while a container of it ran, or gave to another. One that was
 * committed without a name has our labels too, but it was made in more than one step.
 */
async function lostItsName(docker: Docker, { Id, RepoTags }: Docker.ImageInfo): Promise<boolean> {
  if ((RepoTags ?? []).some((tag) => tag !== '<none>:<none>')) return false;
  const history = (await docker
    .getImage(Id)
    .history()
    .catch((error: unknown) => {
      ignoreGone(error);
      return [];
    })) as readonly unknown[];
  return history.length === 1;
}

/** 403: a network with a container on it; 409: an image of which a container runs. What is gone already counts as removed. */
function heldByOthers(error: unknown): boolean {
  const { statusCode } = error as { statusCode?: number };
  if (statusCode === 403 || statusCode === 409) return false;
  ignoreGone(error);
  return true;
}
