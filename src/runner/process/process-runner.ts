import { EnvironmentError } from '../../errors.ts';
import type { Limits } from '../../experiment/experiment.ts';
import type { Warning } from '../../metrics/warning.ts';
import { platformOfNode } from '../../executable/platform.ts';
import { allowedCpus } from '../allowed-cpus.ts';
import { cgroupMounts, type CgroupMounts } from '../cgroup-mounts.ts';
import type { Cgroup } from '../cgroup.ts';
import { confine, type Confinement } from './confine.ts';
import { findProgram } from '../find-program.ts';
import { obtainForThisMachine } from '../obtain-program.ts';
import { ownerMark } from '../owner.ts';
import { fillEnvironment, fillPlaceholders } from '../placeholders.ts';
import { addressesOf, claimPorts, LOOPBACK, socketAddress } from '../port.ts';
import { checkRunnable } from '../runnable.ts';
import { leftoversOf, leftProcesses } from './left-processes.ts';
import { startProcess } from './process-daemon.ts';
import { marks } from './process-group.ts';
import { becoming, userOf } from './user.ts';
import type { Check, Daemon, LaunchRequest, Leftover, Reaped, Runner } from '../runner.ts';
import { joinArgv, leftCgroups, makeTrialCgroup, reapCgroups, tryCgroup, whyNoCgroup } from './trial-cgroup.ts';

/** What a process runner can be told; everything is found out where it is left away. */
export interface ProcessRunnerOptions {
  /** Where the control groups are; `none` does without them. */
  readonly cgroups?: CgroupMounts | 'none';
  /** Absolute path of `taskset`; `none` does without it. */
  readonly taskset?: string;
  /** `none`: the targets outlive a gctune that is killed, as where there is no setpriv. */
  readonly setpriv?: 'none';
}

/** Runs targets as plain processes of this machine, each in a process group and, where permitted, in a cgroup of its own. */
export function processRunner(options: ProcessRunnerOptions = {}): Runner {
  // Read once, before a sweep pins gctune itself to the generator's CPU.
  const allowed = allowedCpus();
  const findMounts = async (): Promise<CgroupMounts | undefined> =>
    options.cgroups === 'none' ? undefined : (options.cgroups ?? (await cgroupMounts()));
  const findTaskset = async (): Promise<string | undefined> =>
    options.taskset === 'none' ? undefined : (options.taskset ?? (await findProgram('taskset')));
  const confinement = async (limits: Limits, cpuset: string | undefined): Promise<Confinement> =>
    confine(limits, cpuset, (await findTaskset()) === undefined ? undefined : allowed);

  return {
    name: 'process',
    overheadSeconds: 0.4,
    usable: async () => ({ why: 'the target runs as a plain process' }),
    environment: async () => ({}),
    obtain: (source, context) => obtainForThisMachine(source, context, 'process'),
    dataPath: (directory) => directory,

    async check(): Promise<readonly Check[]> {
      const [reason, taskset] = await Promise.all([
        findMounts().then(async (mounts) =>
          tryCgroup(await ownerMark(), { cpus: 0.5, memoryBytes: 64 * 2 ** 20, pids: undefined }, mounts),
        ),
        findTaskset(),
      ]);
      return [
        reason === undefined
          ? { id: 'process-limits', status: 'ok', message: 'memory and CPU limits can be set on processes' }
          : {
              id: 'process-limits',
              status: 'warn',
              message: `memory limits and fractions of a CPU cannot be set on processes: ${reason}`,
              remedy: REMEDY_LIMITS,
            },
        taskset === undefined
          ? {
              id: 'taskset',
              status: 'warn',
              message: 'there is no taskset, so targets cannot be pinned to CPUs',
              remedy: 'On Linux install util-linux',
            }
          : { id: 'taskset', status: 'ok', message: `CPU affinity can be set with ${taskset}` },
      ];
    },

    async admit(limits, cpuset): Promise<readonly Warning[]> {
      const { impossible, group } = await confinement(limits, cpuset);
      const reason =
        impossible ??
        (group.cpus === undefined && group.memoryBytes === undefined
          ? undefined
          : await tryCgroup(await ownerMark(), group, await findMounts()));
      if (reason === undefined) return [];
      const what = [
        ...(impossible !== undefined || group.cpus !== undefined ? ['CPU'] : []),
        ...(group.memoryBytes === undefined || impossible !== undefined ? [] : ['memory']),
      ].join(' and ');
      const message = `The ${what} limit cannot be enforced on a plain process: ${reason}`;
      if (limits.required) throw new EnvironmentError('limit-not-enforceable', message, { hint: REMEDY_LIMITS });
      return [{ code: 'limit-not-enforced', message: `${message}; the trials run without it` }];
    },

    prepare(): Promise<AsyncDisposable> {
      return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() });
    },

    async launch(request: LaunchRequest, signal: AbortSignal): Promise<Daemon> {
      signal.throwIfAborted();
      const program = await checkRunnable(request.artifact, platformOfNode(process.platform, process.arch));
      const unix = request.unix === undefined ? undefined : socketAddress(request.unix, request.dataDirectory);
      const { port, ports } = await claimPorts(request);
      const [owner, mounts, taskset] = await Promise.all([ownerMark(), findMounts(), findTaskset()]);
      const { affinity, group: limits, impossible } = await confinement(request.limits, request.cpuset);
      if (impossible !== undefined && request.limits.required) {
        throw new EnvironmentError('limit-not-enforceable', impossible, { hint: REMEDY_LIMITS });
      }
      const { service, services, workDirectory: work, dataDirectory: data } = request;
      const places = { host: LOOPBACK, port, ports, work, data, services };
      const fill = (text: string): string => fillPlaceholders(text, places);
      await request.beforeStart?.(fill);
      const user = await userOf(service?.user);
      const env = {
        ...inherited(),
        ...(user === undefined ? {} : { HOME: user.home }),
        ...Object.fromEntries(
          Object.entries(request.env).map(([name, value]) => [
            name,
            fillEnvironment(value, places, request.variables ?? {}),
          ]),
        ),
        ...(await marks(request)),
      };
      const pinned = affinity === undefined || taskset === undefined ? [] : [taskset, '-c', affinity];
      const argv = [...pinned, ...(user === undefined ? [] : await becoming(user)), program, ...request.args.map(fill)];
      const group = await limitedGroup(request, owner, limits, mounts);
      const starting = startProcess(
        {
          program,
          argv: group === undefined ? argv : joinArgv(group, argv, env),
          env,
          // Another user has no place in folders of ours.
          directory: user === undefined ? work : (data ?? '/'),
          runId: request.runId,
          trialId: request.trialId,
          address: unix ?? (port === undefined ? undefined : { host: LOOPBACK, port }),
          addresses: addressesOf(ports),
          anyProgram: service !== undefined,
          inside: request.together ? { host: LOOPBACK, port, ports } : undefined,
          cgroup: group,
          diesWithUs: options.setpriv !== 'none',
        },
        signal,
      );
      return starting.catch(async (error: unknown) => {
        await group?.remove();
        throw error;
      });
    },

    restore: () => Promise.resolve(),

    // Everything is in /proc and /sys of this machine, where nothing is waited for.
    async leftovers(): Promise<readonly Leftover[]> {
      const [left, mounts] = await Promise.all([leftProcesses(undefined), findMounts()]);
      return [...left.flatMap(leftoversOf), ...(mounts === undefined ? [] : await leftCgroups(undefined, mounts))];
    },

    async reap(runId?: string): Promise<readonly Reaped[]> {
      const processes = await reapProcesses(runId);
      const mounts = await findMounts();
      return mounts === undefined ? processes : [...processes, ...(await reapCgroups(runId, mounts))];
    },
  };
}

const REMEDY_LIMITS =
  'Use `runner: docker`, or run gctune as root (or in a delegated cgroup), or set `limits.required: false` to continue without';

/** The trial's cgroup; undefined where none may be made and the limits can do without. */
async function limitedGroup(
  request: LaunchRequest,
  owner: string,
  limits: Confinement['group'],
  mounts: CgroupMounts | undefined,
): Promise<Cgroup | undefined> {
  const needed = limits.cpus !== undefined || limits.memoryBytes !== undefined;
  const refuse = (reason: string, cause?: unknown): undefined => {
    if (!needed || !request.limits.required) return undefined;
    throw new EnvironmentError('limit-not-enforceable', `The limits cannot be enforced on a plain process: ${reason}`, {
      hint: REMEDY_LIMITS,
      cause,
    });
  };
  if (mounts === undefined) return refuse('this system has no control groups');
  try {
    return await makeTrialCgroup(request.runId, owner, limits, mounts);
  } catch (error) {
    return refuse(whyNoCgroup(error), error);
  }
}

/** All that a target gets of our own environment. */
function inherited(): Record<string, string> {
  return Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Kills the processes of dead runs. */
async function reapProcesses(runId: string | undefined): Promise<readonly Reaped[]> {
  const reaped: Reaped[] = [];
  for (const left of await leftProcesses(runId)) {
    const found = leftoversOf(left);
    const stubborn = await left.descendants.kill();
    const problem = 'it does not end although it was killed';
    reaped.push(...found.map((each) => (stubborn.includes(Number(each.id)) ? { ...each, problem } : each)));
    if (stubborn.length === 0) left.forget();
  }
  return reaped;
}
