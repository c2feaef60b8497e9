import { EnvironmentError } from '../../errors.ts';
import type { Exit } from '../../results/format.ts';
import { UNKNOWN_BUILD_INFO, watchGoProcess, type GoProcessWatch } from '../go-process.ts';
import { lineBuffer, longLines } from '../output-lines.ts';
import { processStartUnixSeconds } from '../proc.ts';
import { Descendants } from '../process/descendants.ts';
import { DISPOSE_GRACE_SECONDS } from '../process/process-daemon.ts';
import type { Address, Daemon, Reached } from '../runner.ts';
import { within } from '../within.ts';
import { answerOf, connectAgent, unexpected, type AgentConnection } from './agent.ts';
import type { AgentMessage, AgentRequest } from './agent-messages.ts';
import { openOomCounter, type OomCounter, type TargetContainer } from './target-container.ts';
import type { Artifact } from '../../target/artifact.ts';

/** How long a killed program may take to leave, and the agent to tell of it. */
const LEAVE_SECONDS = 15;
/** How long a wrapper may take to start the target. */
const VERIFY_SECONDS = 15;

/** A target that is to be started beside the agent. */
export interface SidecarStart {
  readonly socket: string;
  readonly container: TargetContainer;
  readonly artifact: Artifact;
  readonly program: Omit<Extract<AgentRequest, { do: 'start' }>, 'do'>;
  readonly address: Address | undefined;
  readonly addresses: Readonly<Record<string, Address>>;
  readonly inside: Reached | undefined;
  /** Longest line of its output that is kept, in UTF-16 units; undefined: as of a target. */
  readonly lineLength: number | undefined;
}

/** Has the agent start a target, and makes a Daemon of it. Throws EnvironmentError `target-not-started`, `agent-…`. */
export async function startSidecar(start: SidecarStart, signal: AbortSignal): Promise<Daemon> {
  const connection = await connectAgent(start.socket, 0, signal);
  const counter = await openOomCounter(start.container.cgroup);
  try {
    const before = await counter.read();
    connection.send({ do: 'start', ...start.program });
    const answer = await answerOf(connection);
    if ('error' in answer && answer.error.code === 'cannot-start') {
      throw new EnvironmentError('target-not-started', `the target could not be started: ${answer.error.message}`);
    }
    if (!('started' in answer)) throw unexpected(answer);
    const daemon = await daemonOf(start, connection, answer.started.pid, { counter, before });
    signal.throwIfAborted();
    return daemon;
  } catch (error) {
    connection[Symbol.dispose]();
    await counter[Symbol.asyncDispose]();
    throw error;
  }
}

async function daemonOf(
  start: SidecarStart,
  connection: AgentConnection,
  firstPid: number,
  { counter, before }: { readonly counter: OomCounter; readonly before: number | undefined },
): Promise<Daemon> {
  const output = lineBuffer(longLines(start.lineLength));
  let running = true;
  let killedByUs = false;
  /** Whether the agent was gone before it told how the target ended. */
  let agentLost = false;
  const take = async (): Promise<Extract<AgentMessage, { exited: unknown }>['exited'] | undefined> => {
    for (;;) {
      const { value } = await connection.messages.next();
      if (value === undefined || 'exited' in value) return value?.exited;
      if ('stdout' in value) output.push('stdout', value.stdout);
      if ('stderr' in value) output.push('stderr', value.stderr);
    }
  };
  const watch = start.artifact.buildInfo === UNKNOWN_BUILD_INFO ? watchBelow(firstPid) : undefined;
  const exited = take().then(async (told): Promise<Exit> => {
    const after = await counter.read();
    running = false;
    watch?.[Symbol.dispose]();
    output.end();
    connection[Symbol.dispose]();
    await counter[Symbol.asyncDispose]();
    const oomKilled = !killedByUs && told?.code !== 0 && (after ?? 0) > (before ?? 0);
    agentLost = told === undefined && !oomKilled;
    const { code, signal, cpuSeconds } = told ?? { code: null, signal: 'SIGKILL' };
    return { code, signal, oomKilled, ...(cpuSeconds === undefined ? {} : { cpuSeconds }) };
  });
  const stop = async (graceSeconds: number): Promise<Exit> => {
    if (running) {
      connection.send({ do: 'signal', signal: 'SIGTERM' });
      await within(exited, graceSeconds);
    }
    if (running) {
      killedByUs = true;
      connection.send({ do: 'signal', signal: 'SIGKILL' });
      await within(exited, LEAVE_SECONDS);
    }
    if (running) {
      throw new EnvironmentError('not-killable', `process ${firstPid} does not end although it was killed`, {
        hint: 'it is frozen, or waits for a device or a network file system; the node has to be looked at',
      });
    }
    return exited;
  };
  if (watch !== undefined) {
    const found = await within(Promise.race([watch.found, exited]), VERIFY_SECONDS);
    if (found === undefined) {
      throw new EnvironmentError(
        'target-not-started',
        `${start.program.argv[0]} started no Go program within ${VERIFY_SECONDS} s`,
      );
    }
  }
  const { container, address, addresses, inside } = start;
  return {
    address,
    addresses,
    inside,
    get pid() {
      if (!running) return undefined;
      return watch === undefined ? firstPid : watch.pid;
    },
    cgroup: container.cgroup === undefined ? undefined : { ...container.cgroup, isOlder: true },
    engineStats: undefined,
    startUnixSeconds: await processStartUnixSeconds(watch?.pid ?? firstPid),
    output: output.lines,
    exited,
    fault: async () => {
      if (running || !agentLost) return undefined;
      return new EnvironmentError(
        'target-container-ended',
        'The container of the target was ended during the trial, and not because memory was missing',
        { hint: 'see why it was restarted: kubectl describe pod' },
      );
    },
    stop,
    [Symbol.asyncDispose]: async () => {
      try {
        await stop(DISPOSE_GRACE_SECONDS);
      } finally {
        connection[Symbol.dispose]();
      }
    },
  };
}

/** Looks for the Go program among a wrapper and what it has started. */
function watchBelow(pid: number): GoProcessWatch {
  const below = new Descendants();
  below.add(pid);
  return watchGoProcess(() => {
    below.look();
    return Promise.resolve(below.living);
  }, UNKNOWN_BUILD_INFO);
}
