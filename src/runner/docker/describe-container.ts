import type Docker from 'dockerode';
import { EnvironmentError, UserError } from '../../errors.ts';
import { findContainer, inspectContainer, type FoundContainer } from './find-container.ts';
import { engineError, findEngine } from './engine.ts';
import { resolveImage } from './resolve-image.ts';
import type { Artifact } from '../../target/artifact.ts';
import { until } from './bounded-calls.ts';

/** How something starts: what an image says, or what a container was created with. Texts are untrusted. */
export interface StartedAs {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** `NAME=value` each. */
  readonly env: readonly string[];
  /** Empty: root. */
  readonly user: string;
  /** Empty: the root folder. */
  readonly folder: string;
  /** TCP ports that it declares. */
  readonly ports: readonly number[];
  /** The test of its health check: `CMD` or `CMD-SHELL` and what follows. */
  readonly health: readonly string[];
}

/** A folder or file that a container was given. */
export interface ContainerMount {
  /** `volume`, `bind`, `tmpfs` or another kind of the engine's. */
  readonly kind: string;
  /** Of a volume. */
  readonly name: string | undefined;
  /** Where it is on the engine's machine. */
  readonly source: string;
  /** Where it is in the container. */
  readonly at: string;
}

/** A running container with what it was created from. */
export interface DescribedContainer extends FoundContainer {
  readonly started: StartedAs;
  readonly image: {
    /** The name that it was created by, which may stand for another image by now. */
    readonly reference: string;
    readonly id: string;
    /** Whether the name still stands for it. */
    readonly named: boolean;
    readonly started: StartedAs;
  };
  readonly mounts: readonly ContainerMount[];
  readonly cpus: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly pids: number | undefined;
  /** What it may do, or has, that a trial's container may not or has not, in words. */
  readonly beyond: readonly string[];
  /** Names of the networks of its own that it is on. */
  readonly networks: readonly string[];
}

/**
 * Looks at a running container: how it was started, and what of that its image says. Reads only. Throws as `findContainer` does, and
 * EnvironmentError where its image is gone.
 */
export async function describeContainer(name: string, signal: AbortSignal): Promise<DescribedContainer> {
  const engine = await findEngine();
  const details = await inspectContainer(engine, name, signal);
  const found = await findContainer(name, signal);
  const docker = until(engine.docker, signal);
  const image = await docker
    .getImage(details.Image)
    .inspect()
    .catch((error: unknown) => {
      signal.throwIfAborted();
      if ((error as { statusCode?: number }).statusCode !== 404) throw engineError(error, engine.endpoint);
      throw new EnvironmentError('image-gone', `The image that ${found.name} was created from is no longer there`, {
        hint: 'create the container again from an image that the engine has',
      });
    });
  const reference = details.Config.Image;
  const now = await docker
    .getImage(reference)
    .inspect()
    .catch(() => undefined);
  const { HostConfig: host } = details;
  const quota = host.CpuQuota !== undefined && host.CpuQuota > 0 ? host.CpuQuota / (host.CpuPeriod || 100_000) : 0;
  const cpus = (host.NanoCpus ?? 0) > 0 ? (host.NanoCpus as number) / 1e9 : quota;
  return {
    ...found,
    started: startedAs(details.Config),
    image: { reference, id: image.Id, named: now?.Id === image.Id, started: startedAs(image.Config) },
    mounts: details.Mounts.map(({ Type, Name, Source, Destination }) => ({
      kind: (Type as string | undefined) ?? 'mount',
      name: Name,
      source: Source,
      at: Destination,
    })),
    cpus: cpus > 0 ? cpus : undefined,
    memoryBytes: positive(host.Memory),
    pids: positive(host.PidsLimit),
    beyond: beyondTrials(host),
    networks: Object.keys(details.NetworkSettings.Networks).filter((one) => !['bridge', 'host', 'none'].includes(one)),
  };
}

/** An image, pulled where the engine does not have it, the Go program in it, and how it starts. Throws as `resolveImage` does. */
export async function describeImage(
  reference: string,
  signal: AbortSignal,
  onProgress: (line: string) => void,
): Promise<{ readonly artifact: Artifact; readonly started: StartedAs }> {
  const engine = await findEngine();
  try {
    const artifact = await resolveImage({ kind: 'image', reference }, engine.docker, signal, onProgress);
    const { Config } = await until(engine.docker, signal).getImage(artifact.reference).inspect();
    return { artifact, started: startedAs(Config) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UserError) throw error;
    throw engineError(error, engine.endpoint);
  }
}

interface Configured {
  readonly Entrypoint?: string | readonly string[] | null | undefined;
  readonly Cmd?: readonly string[] | null | undefined;
  readonly Env?: readonly string[] | null | undefined;
  readonly User?: string | undefined;
  readonly WorkingDir?: string | undefined;
  readonly ExposedPorts?: Readonly<Record<string, unknown>> | null | undefined;
  readonly Healthcheck?: { readonly Test?: readonly string[] | undefined } | null | undefined;
}

function startedAs(config: Configured): StartedAs {
  return {
    entrypoint: [config.Entrypoint ?? []].flat(),
    command: config.Cmd ?? [],
    env: config.Env ?? [],
    user: config.User ?? '',
    folder: config.WorkingDir ?? '',
    ports: Object.keys(config.ExposedPorts ?? {})
      .filter((port) => /^\d{1,5}\/tcp$/.test(port))
      .map((port) => Number.parseInt(port, 10))
      .toSorted((a, b) => a - b),
    health: config.Healthcheck?.Test ?? [],
  };
}

function positive(value: number | null | undefined): number | undefined {
  return value !== null && value !== undefined && value > 0 ? value : undefined;
}

function beyondTrials(host: Docker.HostConfig): readonly string[] {
  return [
    ...(host.Privileged === true ? ['it is privileged'] : []),
    ...(host.NetworkMode === 'host' ? ['it is on the network of the machine'] : []),
    ...(((host.Devices ?? []) as readonly unknown[]).length > 0 ? ['it has devices of the machine'] : []),
    ...((host.CapAdd ?? []) as readonly string[]).map((one) => `it has the capability ${one}`),
    ...(host.PidMode !== '' && host.PidMode !== undefined ? ['it sees processes outside of it'] : []),
  ];
}
