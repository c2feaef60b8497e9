import type Docker from 'dockerode';
import { EnvironmentError, UserError } from '../../errors.ts';
import { readGroupPids } from '../cgroup.ts';
import { containerCgroup, type CgroupPaths } from '../cgroup-mounts.ts';
import { containerAddress } from './container-address.ts';
import { engineError, findEngine, type Engine } from './engine.ts';
import { chooseGoProcess, UNKNOWN_BUILD_INFO } from '../go-process.ts';
import { listeningPorts } from '../listening-ports.ts';
import { LOOPBACK } from '../port.ts';
import type { Address } from '../runner.ts';

/** A running container of somebody else's, looked at and not touched. */
export interface FoundContainer {
  readonly name: string;
  /** The Go process as this machine numbers it; undefined where this machine cannot see it (Docker Desktop, another host). */
  readonly pid: number | undefined;
  readonly cgroup: CgroupPaths | undefined;
  /** Where its ports may be reached from here, those that it declares first. */
  readonly addresses: readonly Address[];
  /** The port inside of the container that one of its addresses leads to. */
  inside(address: Address): number;
  /** Ports that listen only on its own loopback, and so cannot be reached from outside it. */
  readonly hiddenPorts: readonly number[];
}

/** Docker's rule for names; ids match it too. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,255}$/;
const ENGINE_SECONDS = 10;
/** A container that listens on more ports is not tried out on all of them. */
const MOST_PORTS = 16;

/**
 * Finds a running container by name or id, the Go process in it, and where its ports can be reached. Reads only. Throws
 * UserError where there is no such container or it does not run, EnvironmentError where the engine does not answer or
 * the container runs no Go program.
 */
export async function findContainer(name: string, signal: AbortSignal): Promise<FoundContainer> {
  const engine = await findEngine();
  const details = await inspectContainer(engine, name, signal);
  const firstPid = details.State.Pid;
  const cgroup = await containerCgroup(firstPid, details.Id);
  const pid = cgroup === undefined ? undefined : await goProcess(cgroup, name);
  const listening = pid === undefined ? [] : await listeningPorts(pid);
  const hostNetwork = details.HostConfig.NetworkMode === 'host';
  const declared = Object.keys({ ...details.NetworkSettings.Ports, ...details.Config.ExposedPorts })
    .filter((port) => port.endsWith('/tcp'))
    .map((port) => Number.parseInt(port, 10));
  // In the machine's own network everything that listens on the machine would be taken for the container's.
  const open = hostNetwork ? [] : listening.filter(({ loopbackOnly }) => !loopbackOnly).map(({ port }) => port);
  const ports = [...new Set([...declared, ...open])].slice(0, MOST_PORTS);
  const addresses = await Promise.all(
    ports.map(async (port) =>
      hostNetwork ? { host: LOOPBACK, port } : containerAddress(details, port, cgroup !== undefined),
    ),
  );
  return {
    name: details.Name.replace(/^\//, ''),
    pid,
    cgroup,
    addresses: addresses.filter((address) => address !== undefined),
    inside: (address) => ports[addresses.indexOf(address)] ?? address.port,
    hiddenPorts: hostNetwork ? [] : listening.filter(({ loopbackOnly }) => loopbackOnly).map(({ port }) => port),
  };
}

/** What the engine says of a running container. Throws as `findContainer` does. */
export async function inspectContainer(
  engine: Engine,
  name: string,
  signal: AbortSignal,
): Promise<Docker.ContainerInspectInfo> {
  if (!NAME.test(name)) throw notFound(name);
  let details: Docker.ContainerInspectInfo;
  try {
    const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(ENGINE_SECONDS * 1000)]);
    details = await engine.docker.getContainer(name).inspect({ abortSignal });
  } catch (error) {
    signal.throwIfAborted();
    if ((error as { statusCode?: number }).statusCode === 404) throw notFound(name);
    throw engineError(error, engine.endpoint);
  }
  if (details.State.Running) return details;
  throw new UserError({
    code: 'container-not-running',
    message: `the container ${name} is not running (${details.State.Status})`,
    hint: 'start it first',
  });
}

function notFound(name: string): UserError {
  return new UserError({
    code: 'no-such-container',
    message: `there is no container ${JSON.stringify(name)}`,
    hint: 'docker ps lists the running ones',
  });
}

async function goProcess(cgroup: CgroupPaths, name: string): Promise<number> {
  const pids = await readGroupPids(cgroup.memory);
  const found = await chooseGoProcess(pids, UNKNOWN_BUILD_INFO);
  if (found !== undefined) return found;
  throw new EnvironmentError('no-go-process', `No Go program was found among the ${pids.length} processes of ${name}`, {
    hint: 'Programs of other users can only be read by root. Go programs are known by their build info, which Go 1.18 and newer write',
  });
}
