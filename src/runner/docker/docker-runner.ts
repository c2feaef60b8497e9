import { setTimeout as sleep } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { EnvironmentError, UserError } from '../../errors.ts';
import type { Limits } from '../../experiment/experiment.ts';
import type { Warning } from '../../metrics/warning.ts';
import { until } from './bounded-calls.ts';
import { startContainer, type Contained } from './container-daemon.ts';
import { parseCpuList } from '../../linux/cpu-list.ts';
import { wayOutCheck } from './container-way-out.ts';
import { checkEngine, engineError, engineInfo, findEngine, type Engine, type EngineInfo } from './engine.ts';
import { ImageStore } from './image-store.ts';
import { gatewayOf, networkAlone, networkTogether } from './network.ts';
import { ownedBy, ownLabels } from './owned.ts';
import { leftInEngine, reapEngine } from './reap.ts';
import { obtainProgram } from '../obtain-program.ts';
import { MARKS, ownerMark, ownerState } from '../owner.ts';
import { socketAddress } from '../port.ts';
import { fillEnvironment, fillPlaceholders, IN_CONTAINER, type Placeholders } from '../placeholders.ts';
import type { Check, Daemon, LaunchRequest, Reaped, Runner } from '../runner.ts';
import { within } from '../within.ts';
import { checkRunnable } from '../runnable.ts';
import { makeScratchImage } from './scratch-image.ts';

/** What a Docker runner can be told. */
export interface DockerRunnerOptions {
  /** The engine; found as the docker command finds it where it is left away. */
  readonly engine?: Engine;
}

/** How long an engine that is gone when a run ends is given to come back, and how often it is asked. */
const RETURN_SECONDS = 10;
const RETRY_MILLISECONDS = 500;

/** The port inside the container for `auto`. */
const CONTAINER_PORT = 8080;
/** What entrypoints of images commonly need before they give up root: chown a volume, switch the user, signal their child. */
const WRAPPER_CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'SETGID', 'SETUID'];

/** Runs targets in containers of a Docker engine, confined to what they need. */
export function dockerRunner(options: DockerRunnerOptions = {}): Runner {
  // One for all calls: what one of them has found out about the engine goes for the next.
  let found: Promise<Engine> | undefined;
  const connect = (): Promise<Engine> => (found ??= options.engine ? Promise.resolve(options.engine) : findEngine());
  let answeredBefore = false;
  /** Names of the containers that are launched and not yet disposed of. */
  const inUse = new Set<string>();
  const images = new ImageStore();
  /** Runs a step against the engine; what the engine or the way to it says becomes an EnvironmentError. */
  const withEngine = async <T>(step: (engine: Engine) => Promise<T>, signal?: AbortSignal): Promise<T> => {
    const engine = await connect();
    try {
      const result = await step(engine);
      answeredBefore = true;
      return result;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Error) || error instanceof UserError) throw error;
      throw engineError(error, engine.endpoint, answeredBefore);
    }
  };
  return {
    name: 'docker',
    overheadSeconds: 1.2,
    check: async (): Promise<readonly Check[]> => [...(await checkEngine(await connect())), await wayOutCheck()],
    usable: async (withinSeconds) => {
      const checks = await checkEngine(await connect(), withinSeconds);
      const failed = checks.find(({ status }) => status === 'fail');
      return failed === undefined
        ? { why: `a container engine answers (${checks[0]?.message})` }
        : { failed, why: `no usable container engine: ${failed.message}` };
    },
    environment: async () => {
      const info = await engineInfo(await connect(), AbortSignal.timeout(5_000)).catch(() => undefined);
      return info === undefined
        ? {}
        : {
            dockerVersion: info.ServerVersion,
            dockerCgroupDriver: info.CgroupDriver,
            dockerCgroupVersion: info.CgroupVersion ?? null,
          };
    },
    obtain: (source, context) =>
      withEngine(async (engine) => {
        if (source.kind === 'image' || source.kind === 'dockerfile')
          return images.obtain(source, engine.docker, context.signal, context.onProgress, context.anyProgram);
        if (source.kind === 'command') throw notInContainers(source.program);
        const { Architecture } = await engineInfo(engine, context.signal);
        return obtainProgram(source, { os: 'linux', arch: goArchitecture(Architecture) }, context);
      }, context.signal),
    dataPath: () => IN_CONTAINER.data,
    admit: (limits, cpuset) =>
      withEngine(async (engine) => admitLimits(await engineInfo(engine, AbortSignal.timeout(10_000)), limits, cpuset)),
    prepare: (artifact, runId, signal) =>
      withEngine(async ({ docker }) => {
        if (artifact.kind === 'binary') {
          const { Os, Arch } = (await until(docker, signal).version()) as { Os: string; Arch: string };
          await checkRunnable(artifact, { os: Os, arch: Arch });
          await makeScratchImage(docker, artifact, runId, await ownerMark(), signal);
        }
        return { [Symbol.asyncDispose]: async () => unprepare(await connect(), runId) };
      }, signal),
    launch: (request, signal): Promise<Daemon> =>
      withEngine(async (engine) => {
        const { docker } = engine;
        signal.throwIfAborted();
        const owner = await ownerMark();
        const cancellable = until(docker, signal);
        // What could not be removed because the engine did not answer would run beside what is measured.
        await removeUnused(cancellable, request.runId, owner, inUse);
        const { artifact, together, service } = request;
        const { port, ports } = portsInside(request);
        await request.beforeStart?.((text) => fillPlaceholders(text, placesOf(request, port, ports)));
        const network = await networkOf(cancellable, request, owner);
        const closed = await closedTo(cancellable, network, together);
        const name = containerName(request);
        const release = (): void => void inUse.delete(name);
        inUse.add(name);
        try {
          const image = images.imageOf(artifact, request.runId);
          // Not given up half-way: the engine might make it all the same.
          const { id } = await docker.createContainer(
            containerOptions(request, { name, image, owner, port, ports, network }),
          );
          const inside = together ? (service ?? 'address') : undefined;
          const isTarget = service === undefined;
          const unix = request.unix === undefined ? undefined : socketAddress(request.unix, request.dataDirectory);
          return await startContainer(
            engine,
            id,
            { artifact, port, ports, unix, network, inside, isTarget, closed, lineLength: request.lineLength, release },
            signal,
          );
        } catch (error) {
          release();
          throw error;
        }
      }, signal),
    restore: (artifact, runId, signal) =>
      withEngine(async ({ docker }) => {
        const owner = await ownerMark();
        await removeUnused(docker, runId, owner, inUse);
        await images.restore(docker, artifact, runId, owner, signal);
      }, signal),
    leftovers: async (withinSeconds) => {
      const found = withEngine(({ docker }) => leftInEngine(docker)).catch(() => []);
      return (await within(found, withinSeconds)) ?? [];
    },
    reap: (runId?: string): Promise<readonly Reaped[]> => withEngine(({ docker }) => reapEngine(docker, runId)),
  };
}

/** The engine names architectures as uname does. */
function goArchitecture(machine: string): string {
  return ({ x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm', i686: '386' } as const)[machine] ?? machine;
}

function notInContainers(program: string): UserError {
  return new UserError({
    code: 'needs-process',
    message: `the command ${program} runs on this machine, and a target in a container reaches nothing on it`,
    hint: 'give the service as `image:`, or as a static `binary:`, or use --runner process',
  });
}

function admitLimits(info: EngineInfo, limits: Limits, cpuset: string | undefined): readonly Warning[] {
  const reasons: string[] = [];
  if (limits.cpus !== undefined && limits.cpus > info.NCPU)
    reasons.push(`${limits.cpus} CPUs were requested, and the engine has ${info.NCPU}`);
  if (limits.cpus !== undefined && !info.CpuCfsQuota) reasons.push('the engine cannot set CPU quotas');
  if (limits.memoryBytes !== undefined && !info.MemoryLimit) reasons.push('the engine cannot limit memory');
  if (cpuset !== undefined) {
    const cpus = parseCpuList(cpuset);
    if (cpus === undefined) reasons.push(`\`${cpuset}\` is not a list of CPUs`);
    else if (cpus.some((cpu) => cpu >= info.NCPU))
      reasons.push(`CPU ${cpuset} was requested, and the engine has ${info.NCPU} CPUs`);
    else if (!info.CPUSet) reasons.push('the engine cannot place containers on CPUs');
  }
  if (reasons.length > 0) {
    const message = `The limits cannot be enforced by the container engine: ${reasons.join('; ')}`;
    if (limits.required) {
      throw new EnvironmentError('limit-not-enforceable', message, {
        hint: 'Lower the limits, or enable the cgroup controllers, or set `limits.required: false` to continue without',
      });
    }
    return [{ code: 'limit-not-enforced', message: `${message}; the trials run without it` }];
  }
  if (limits.memoryBytes !== undefined && !info.SwapLimit) {
    return [
      {
        code: 'swap-not-limited',
        message:
          'The container engine cannot forbid swap: under its memory limit the target may swap instead of being killed',
      },
    ];
  }
  return [];
}

function containerName({ trialId }: LaunchRequest): string {
  return `gctune-${trialId.replace(/[^A-Za-z0-9_.-]/g, '-').slice(0, 80)}-${randomBytes(4).toString('hex')}`;
}

/** The ports inside a container. It has all of them to itself, so that any number will do for `auto`. */
function portsInside({ port, ports }: LaunchRequest): Pick<Surroundings, 'port' | 'ports'> {
  const given = new Set([port, ...Object.values(ports)]);
  let next = CONTAINER_PORT;
  const inside = (wanted: number | 'auto'): number => {
    if (wanted !== 'auto') return wanted;
    while (given.has(next)) next++;
    return next++;
  };
  const main = port === undefined ? undefined : inside(port);
  return { port: main, ports: Object.fromEntries(Object.entries(ports).map(([name, one]) => [name, inside(one)])) };
}

/** What a container is given besides what its request says. */
interface Surroundings {
  readonly name: string;
  readonly image: string;
  readonly owner: string;
  readonly port: number | undefined;
  readonly ports: Readonly<Record<string, number>>;
  readonly network: string;
}

/** What the placeholders stand for inside a container. */
function placesOf(
  { workDirectory, dataDirectory, services }: LaunchRequest,
  port: number | undefined,
  ports: Readonly<Record<string, number>>,
): Placeholders {
  return {
    host: '0.0.0.0',
    port,
    ports,
    work: workDirectory === undefined ? undefined : IN_CONTAINER.work,
    data: dataDirectory === undefined ? undefined : IN_CONTAINER.data,
    services,
  };
}

function containerOptions(
  request: LaunchRequest,
  { name, image, owner, port, ports, network }: Surroundings,
): Docker.ContainerCreateOptions {
  const { artifact, limits, workDirectory, dataDirectory, service } = request;
  const ours = artifact.kind === 'binary';
  const own = `${process.getuid?.() ?? 65_532}:${process.getgid?.() ?? 65_532}`;
  const told = artifact.container;
  const user = service?.user ?? told?.user ?? (ours ? own : undefined);
  const places = placesOf(request, port, ports);
  const fill = (text: string): string => fillPlaceholders(text, places);
  const mounts: readonly Docker.MountSettings[] = [
    ...(workDirectory === undefined
      ? []
      : [{ Type: 'bind' as const, Source: workDirectory, Target: IN_CONTAINER.work, ReadOnly: true }]),
    ...(dataDirectory === undefined
      ? []
      : [
          { Type: 'bind' as const, Source: dataDirectory, Target: IN_CONTAINER.data },
          ...Object.entries(told?.mounts ?? {}).map(([at, from]) => ({
            Type: 'bind' as const,
            Source: join(dataDirectory, from),
            Target: at,
          })),
        ]),
  ];
  const exposed = [...(port === undefined ? [] : [port]), ...Object.values(ports)].map((number) => `${number}/tcp`);
  const forEach = <T>(value: T): Record<string, T> => Object.fromEntries(exposed.map((name) => [name, value]));
  const bytes = limits.memoryBytes;
  return {
    name,
    Image: image,
    ...(told?.entrypoint === undefined ? {} : { Entrypoint: [...told.entrypoint] }),
    ...(told?.workdir === undefined ? {} : { WorkingDir: told.workdir }),
    // An image's own arguments stay where the experiment gives none.
    ...(ours || request.args.length > 0 ? { Cmd: request.args.map(fill) } : {}),
    Env: Object.entries(request.env).map(
      ([name, value]) => `${name}=${fillEnvironment(value, places, request.variables ?? {})}`,
    ),
    // Without capabilities even root is bound by file permissions, so the target must be who owns the work and data folders.
    ...(user === undefined ? {} : { User: user }),
    Labels: { ...ownLabels(name, request.runId, owner), [MARKS.label.trial]: request.trialId },
    ...(service === undefined || !request.together
      ? {}
      : { NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [service.name] } } } }),
    AttachStdout: true,
    AttachStderr: true,
    ...(exposed.length === 0 ? {} : { ExposedPorts: forEach({}) }),
    HostConfig: {
      ...(limits.cpus === undefined ? {} : { NanoCpus: Math.round(limits.cpus * 1e9) }),
      ...(request.cpuset === undefined ? {} : { CpusetCpus: request.cpuset }),
      // Memory and swap together as much as memory alone: no swap.
      ...(bytes === undefined ? {} : { Memory: bytes, MemorySwap: bytes }),
      PidsLimit: limits.pids,
      CapDrop: ['ALL'],
      ...(ours ? {} : { CapAdd: WRAPPER_CAPABILITIES }),
      SecurityOpt: ['no-new-privileges'],
      ...(ours ? { ReadonlyRootfs: true, Tmpfs: { '/tmp': 'rw,nosuid,nodev,mode=1777' } } : {}),
      NetworkMode: network,
      ...(exposed.length === 0 ? {} : { PortBindings: forEach([{ HostIp: '127.0.0.1', HostPort: '' }]) }),
      ...(mounts.length === 0 ? {} : { Mounts: [...mounts] }),
      // Lines are taken from the attached stream; the engine need not write them to disk as well.
      LogConfig: { Type: 'none', Config: {} },
      RestartPolicy: { Name: 'no' },
    },
  };
}

/** The network that a target is put on, made where there is none yet. */
async function networkOf(docker: Docker, request: LaunchRequest, owner: string): Promise<string> {
  if (request.together) return networkTogether(docker, request.runId, owner);
  const serves = request.port !== undefined || Object.keys(request.ports).length > 0;
  return !serves ? 'none' : networkAlone(docker, request.runId, owner);
}

/** What a container is kept from: alone from everything, with others on its network from this machine; without a network there is nothing. */
async function closedTo(docker: Docker, network: string, together: boolean): Promise<Contained['closed']> {
  if (network === 'none') return undefined;
  if (!together) return 'everything';
  const address = await gatewayOf(docker, network);
  return address === undefined ? undefined : { address };
}

/** Removes containers of a run that nobody uses any more: an engine that did not answer kept them, or made them after all. */
async function removeUnused(docker: Docker, runId: string, owner: string, inUse: ReadonlySet<string>): Promise<void> {
  for (const owned of await ownedBy(docker, runId)) {
    if (owned.kind !== 'container' || inUse.has(owned.name)) continue;
    if (owned.owner === owner || (await ownerState(owned.owner)) === 'dead') await owned.remove();
  }
}

/**
 * Removes what prepare() and the launches of a run made: containers that are left, the image, the network. An engine that is gone is
 * given a moment to come back. Throws EnvironmentError where something remains.
 */
async function unprepare({ docker, endpoint }: Engine, runId: string): Promise<void> {
  const began = performance.now();
  for (;;) {
    try {
      // Twice: what was under way when a call was given up may be there only now.
      await removeAll(docker, runId);
      const held = await removeAll(docker, runId);
      if (held.length === 0) return;
      throw new EnvironmentError(
        'left-in-use',
        `Left in the container engine, because containers of yours use them: ${held.join(', ')}`,
        { hint: '`gctune clean` removes them when those containers are gone' },
      );
    } catch (error) {
      const met = engineError(error, endpoint, true);
      if (met.code !== 'docker-unreachable') throw met;
      if (performance.now() - began > RETURN_SECONDS * 1000) throw leftBehind(met, runId);
      await sleep(RETRY_MILLISECONDS);
    }
  }
}

function leftBehind(met: EnvironmentError, runId: string): EnvironmentError {
  return new EnvironmentError(
    met.code,
    `${met.message}, so what this run made in it may be left: containers, images and networks with the label ${MARKS.label.run}=${runId}`,
    { hint: 'Start Docker again, then `gctune clean` removes them', cause: met },
  );
}

/** Removes what a run made; gives what something of the user's holds. */
async function removeAll(docker: Docker, runId: string): Promise<readonly string[]> {
  const held: string[] = [];
  for (const owned of await ownedBy(docker, runId)) {
    if (!(await owned.remove())) held.push(`${owned.kind} ${owned.name}`);
  }
  return held;
}
