import { setTimeout as sleep } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import type Docker from 'dockerode';
import { EnvironmentError } from '../../errors.ts';
import type { Limits } from '../../experiment/experiment.ts';
import type { Warning } from '../../metrics/warning.ts';
import { startContainer, type Contained } from './container-daemon.ts';
import { parseCpuList } from '../../linux/cpu-list.ts';
import { wayOutCheck } from './container-way-out.ts';
import { checkEngine, engineError, engineInfo, findEngine, type Engine, type EngineInfo } from './engine.ts';
import { gatewayOf, networkAlone, networkTogether } from './network.ts';
import { ownedBy, ownLabels } from './owned.ts';
import { leftInEngine, reapEngine } from './reap.ts';
import { obtainProgram } from '../obtain-program.ts';
import { MARKS, ownerMark } from '../owner.ts';
import { fillEnvironment, fillPlaceholders, IN_CONTAINER } from '../placeholders.ts';
import type { Check, Daemon, LaunchRequest, Reaped, Runner } from '../runner.ts';
import { checkRunnable } from '../runnable.ts';
import { resolveImage } from './resolve-image.ts';
import { makeScratchImage, scratchImageName } from './scratch-image.ts';

/** What a Docker runner can be told. */
export interface DockerRunnerOptions {
  /** The engine; found as the docker command finds it where it is left away. */
  readonly engine?: Engine;
}

/** The port inside the container for `auto`. */
const CONTAINER_PORT = 8080;
/** What entrypoints of images commonly need before they give up root: chown a volume, switch the user, signal their child. */
const WRAPPER_CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'SETGID', 'SETUID'];

/** Runs targets in containers of a Docker engine, confined to what they need. */
export function dockerRunner(options: DockerRunnerOptions = {}): Runner {
  const connect = async (): Promise<Engine> => options.engine ?? (await findEngine());
  /** Runs a step against the engine; what the engine or the way to it says becomes an EnvironmentError. */
  const withEngine = async <T>(step: (engine: Engine) => Promise<T>, signal?: AbortSignal): Promise<T> => {
    const engine = await connect();
    try {
      return await step(engine);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Error) || !('statusCode' in error || 'code' in error)) throw error;
      if ('diagnostics' in error) throw error;
      throw engineError(error, engine.endpoint);
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
    obtain: async (source, context) => {
      const engine = await connect();
      if (source.kind === 'image' || source.kind === 'dockerfile')
        return resolveImage(source, engine.docker, context.signal, context.onProgress);
      const { Architecture } = await engineInfo(engine, context.signal);
      return obtainProgram(source, { os: 'linux', arch: goArchitecture(Architecture) }, context);
    },
    dataPath: () => IN_CONTAINER.data,
    admit: (limits, cpuset) =>
      withEngine(async (engine) => admitLimits(await engineInfo(engine, AbortSignal.timeout(10_000)), limits, cpuset)),
    prepare: (artifact, runId, signal) =>
      withEngine(async ({ docker }) => {
        if (artifact.kind === 'binary') {
          const { Os, Arch } = (await docker.version()) as { Os: string; Arch: string };
          await checkRunnable(artifact, { os: Os, arch: Arch });
          await makeScratchImage(docker, artifact, runId, await ownerMark(), signal);
        }
        return { [Symbol.asyncDispose]: () => withEngine((engine) => unprepare(engine.docker, runId)) };
      }, signal),
    launch: (request, signal): Promise<Daemon> =>
      withEngine(async ({ docker }) => {
        signal.throwIfAborted();
        const owner = await ownerMark();
        const port = request.port === 'auto' ? CONTAINER_PORT : request.port;
        const network = await networkOf(docker, request, owner);
        const create = containerOptions(request, owner, port, network);
        // Not given up half-way: the engine might make it all the same, and nobody would know its name.
        const container = await docker.createContainer(create);
        const { artifact, together } = request;
        const closed = await closedTo(docker, network, together);
        return startContainer(container, { artifact, port, together, closed }, signal);
      }, signal),
    restore: () => Promise.resolve(),
    leftovers: async (withinSeconds) => {
      const cancel = new AbortController();
      const late = sleep(withinSeconds * 1000, [], { signal: cancel.signal }).catch(() => []);
      const found = withEngine(({ docker }) => leftInEngine(docker)).catch(() => []);
      return Promise.race([found, late]).finally(() => cancel.abort());
    },
    reap: (runId?: string): Promise<readonly Reaped[]> => withEngine(({ docker }) => reapEngine(docker, runId)),
  };
}

/** The engine names architectures as uname does. */
function goArchitecture(machine: string): string {
  return ({ x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm', i686: '386' } as const)[machine] ?? machine;
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

function containerOptions(
  request: LaunchRequest,
  owner: string,
  port: number | undefined,
  network: string,
): Docker.ContainerCreateOptions {
  const { artifact, limits, workDirectory, dataDirectory } = request;
  const ours = artifact.kind === 'binary';
  const places = {
    host: '0.0.0.0',
    port,
    work: workDirectory === undefined ? undefined : IN_CONTAINER.work,
    data: dataDirectory === undefined ? undefined : IN_CONTAINER.data,
  };
  const fill = (text: string): string => fillPlaceholders(text, places);
  const mounts: readonly Docker.MountSettings[] = [
    ...(workDirectory === undefined
      ? []
      : [{ Type: 'bind' as const, Source: workDirectory, Target: IN_CONTAINER.work, ReadOnly: true }]),
    ...(dataDirectory === undefined
      ? []
      : [{ Type: 'bind' as const, Source: dataDirectory, Target: IN_CONTAINER.data }]),
  ];
  const exposed = port === undefined ? undefined : `${port}/tcp`;
  const bytes = limits.memoryBytes;
  const name = `gctune-${request.trialId.replace(/[^A-Za-z0-9_.-]/g, '-').slice(0, 80)}-${randomBytes(4).toString('hex')}`;
  return {
    name,
    Image: ours ? scratchImageName(artifact, request.runId) : artifact.reference,
    // An image's own arguments stay where the experiment gives none.
    ...(ours || request.args.length > 0 ? { Cmd: request.args.map(fill) } : {}),
    Env: Object.entries(request.env).map(
      ([name, value]) => `${name}=${fillEnvironment(value, places, request.variables ?? {})}`,
    ),
    // Without capabilities even root is bound by file permissions, so the target must be who owns the work and data folders.
    ...(ours ? { User: `${process.getuid?.() ?? 65_532}:${process.getgid?.() ?? 65_532}` } : {}),
    Labels: { ...ownLabels(name, request.runId, owner), [MARKS.label.trial]: request.trialId },
    AttachStdout: true,
    AttachStderr: true,
    ...(exposed === undefined ? {} : { ExposedPorts: { [exposed]: {} } }),
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
      ...(exposed === undefined ? {} : { PortBindings: { [exposed]: [{ HostIp: '127.0.0.1', HostPort: '' }] } }),
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
  return request.port === undefined ? 'none' : networkAlone(docker, request.runId, owner);
}

/** What a container is kept from: alone from everything, with others on its network from this machine; without a network there is nothing. */
async function closedTo(docker: Docker, network: string, together: boolean): Promise<Contained['closed']> {
  if (network === 'none') return undefined;
  if (!together) return 'everything';
  const address = await gatewayOf(docker, network);
  return address === undefined ? undefined : { address };
}

/** Removes what prepare() and the launches of a run made: containers that are left, the image, the network. */
async function unprepare(docker: Docker, runId: string): Promise<void> {
  for (const owned of await ownedBy(docker, runId)) await owned.remove();
}
