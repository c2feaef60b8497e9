import { EnvironmentError, UserError } from '../../errors.ts';
import { parseCpuList } from '../../linux/cpu-list.ts';
import type { Artifact } from '../../target/artifact.ts';
import { fillEnvironment, fillPlaceholders } from '../placeholders.ts';
import { addressesOf, claimPorts, LOOPBACK, socketAddress } from '../port.ts';
import type { Check, Daemon, LaunchRequest, Runner } from '../runner.ts';
import { admitInContainer } from './admit.ts';
import { obtainInContainer } from './container-program.ts';
import { startSidecar } from './sidecar-daemon.ts';
import { lookAtContainer, type TargetContainer } from './target-container.ts';

/** Where the agent's socket is in the folder that both containers share. */
export const AGENT_SOCKET = '/gctune/agent.sock';

/**
 * How long a container that was ended is given to come back: the kubelet restarts it at once the first time, after 10 s the second, and waits
 * twice as long before each further restart, up to 5 minutes (kubernetes.io, Pod lifecycle; with 1.34.2 it came back after 1, 15 and 27 s).
 */
const RESTART_SECONDS = 330;

/** What a sidecar runner can be told. */
export interface SidecarRunnerOptions {
  /** The agent's socket. */
  readonly socket?: string;
  /** How long an agent that is gone is waited for. */
  readonly restartSeconds?: number;
}

/**
 * Runs targets in the other container of this pod, by means of the agent there (agent/README.md). The container with its
 * limits is the pod's and outlives the trials, unless the kernel kills it for want of memory.
 */
export function sidecarRunner({
  socket = AGENT_SOCKET,
  restartSeconds = RESTART_SECONDS,
}: SidecarRunnerOptions = {}): Runner {
  const look = (seconds: number, signal = AbortSignal.timeout(60_000)): Promise<TargetContainer> =>
    lookAtContainer(socket, seconds, signal);
  const check = async (seconds: number): Promise<Check> => {
    try {
      const { directory } = await look(seconds);
      return { id: 'sidecar-agent', status: 'ok', message: `an agent answers at ${socket}, in ${directory}` };
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      const { message, hint } = error;
      return { id: 'sidecar-agent', status: 'fail', message, ...(hint === undefined ? {} : { remedy: hint }) };
    }
  };
  return {
    name: 'sidecar',
    overheadSeconds: 0.4,
    check: async () => [await check(0)],
    usable: async (withinSeconds) => {
      const found = await check(withinSeconds);
      return { why: found.message, ...(found.status === 'fail' ? { failed: found } : {}) };
    },
    environment: async () => ({}),
    obtain: async (source, context) => obtainInContainer(await look(restartSeconds, context.signal), source, context),
    // The folder that is shared has one path in both containers.
    dataPath: (directory) => directory,
    admit: async (limits, cpuset) => admitInContainer(await look(restartSeconds), limits, cpuset),
    prepare: () => Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() }),
    restore: async (_artifact, _runId, signal) => void (await look(restartSeconds, signal)),

    async launch(request, signal): Promise<Daemon> {
      refuseService(request);
      // After the kernel has killed the container with an earlier trial it is on its way.
      const container = await lookAtContainer(socket, restartSeconds, signal);
      const unix = request.unix === undefined ? undefined : socketAddress(request.unix, request.dataDirectory);
      // The containers of a pod have one loopback.
      const { port, ports } = await claimPorts(request);
      const { services, workDirectory: work, dataDirectory: data } = request;
      const places = { host: LOOPBACK, port, ports, work, data, services };
      const fill = (text: string): string => fillPlaceholders(text, places);
      await request.beforeStart?.(fill);
      const env = Object.entries(request.env).map(([name, value]) => [
        name,
        fillEnvironment(value, places, request.variables ?? {}),
      ]);
      const { artifact } = request;
      return startSidecar(
        {
          socket,
          container,
          artifact,
          program: {
            argv: [...programOf(artifact), ...request.args.map(fill)],
            env: Object.fromEntries(env) as Record<string, string>,
            directory: artifact.container?.workdir,
            cpus: request.cpuset === undefined ? undefined : parseCpuList(request.cpuset),
          },
          address: unix ?? (port === undefined ? undefined : { host: LOOPBACK, port }),
          addresses: addressesOf(ports),
          inside: request.together ? { host: LOOPBACK, port, ports } : undefined,
          lineLength: request.lineLength,
        },
        signal,
      );
    },

    // What the agent has started ends with its connection, which ends with this process.
    leftovers: () => Promise.resolve([]),
    reap: () => Promise.resolve([]),
  };
}

/** The program of an artifact and its first arguments, as paths of the container. */
function programOf({ reference, container }: Artifact): readonly string[] {
  const [, ...further] = container?.entrypoint ?? [];
  return [reference, ...further];
}

/** The target has the container to itself. */
function refuseService({ service }: LaunchRequest): void {
  if (service === undefined) return;
  throw new UserError({
    code: 'service-in-pod',
    message: `the service ${service.name} cannot run in the container of the target`,
    hint: 'give the pod’s target a service that runs in the cluster, by its address in `target.env` or `target.args`',
  });
}
