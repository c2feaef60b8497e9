import { constants as os } from 'node:os';
import { PassThrough, type Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { EnvironmentError, UserError } from '../../errors.ts';
import type { Exit } from '../../results/format.ts';
import type { Artifact } from '../../target/artifact.ts';
import { containerCgroup, type CgroupPaths } from '../cgroup-mounts.ts';
import { until } from './bounded-calls.ts';
import { closeWayOut } from './container-way-out.ts';
import { containerAddress, insideAddress } from './container-address.ts';
import { engineError, type Engine } from './engine.ts';
import { readCgroupFigures, readGroupPids, type CgroupFigures } from '../cgroup.ts';
import { UNKNOWN_BUILD_INFO, watchGoProcess, type GoProcessWatch } from '../go-process.ts';
import { lineBuffer, longLines, type LineBuffer } from '../output-lines.ts';
import { processStartUnixSeconds } from '../proc.ts';
import { DISPOSE_GRACE_SECONDS } from '../process/process-daemon.ts';
import { within } from '../within.ts';
import type { Address, Daemon } from '../runner.ts';

/** What the engine tells of a container whose first process was ended by SIGKILL. */
const KILLED_STATUS = 137;
/** How often, and how long apart, the engine is asked whether that was for want of memory. */
const OOM_ATTEMPTS = 10;
const OOM_PAUSE_MILLISECONDS = 100;

/** How long a container may take to end after SIGKILL; the engine itself waits for that before it answers. */
const KILL_SECONDS = 5;

/** How long to wait for the rest of the output of an ended container. */
const OUTPUT_SECONDS = 2;
/** How often the figures of the container's cgroup are kept: it is gone with the container, so its last figures are so old at most. */
const FIGURES_MILLISECONDS = 50;
/** How long launch() waits for the Go process behind a wrapper; it is found later too. */
const FIND_SECONDS = 0.5;
/** How long a wrapper may take to start a program of which it is not known yet whether it is a Go program. */
const VERIFY_SECONDS = 15;

/** What runs in a container, and how it can be reached. */
export interface Contained {
  readonly artifact: Artifact;
  /** The ports inside the container. */
  readonly port: number | undefined;
  readonly ports: Readonly<Record<string, number>>;
  /** The unix socket that it serves on in place of the port. */
  readonly unix: Address | undefined;
  /** The network it was put on; `none`: it has none. */
  readonly network: string;
  /** What others on its network call it, or `address` for its address there; undefined where it is alone. */
  readonly inside: { readonly name: string } | 'address' | undefined;
  /** Whether the target is in it, a Go program that is to be found among its processes. */
  readonly isTarget: boolean;
  /** What it is not to open connections to, where this machine can see to that: anything, or one address; undefined: it may. */
  readonly closed: 'everything' | { readonly address: string } | undefined;
  /** Longest line of its output that is kept, in UTF-16 units; undefined: as of a target. */
  readonly lineLength: number | undefined;
  /** Called when it is over with the container, whether it could be removed or not. */
  readonly release: () => void;
}

/** Attaches to a created container, starts it, and makes a Daemon of it. On failure the container is removed, where the engine answers. */
export async function startContainer(
  engine: Engine,
  id: string,
  contained: Contained,
  abortSignal: AbortSignal,
): Promise<Daemon> {
  const output = lineBuffer(longLines(contained.lineLength));
  const container = engine.docker.getContainer(id);
  const launching = until(engine.docker, abortSignal).getContainer(id);
  // Its output and its end are followed as long as it is there, whatever ended the launch or the trial.
  const connected = new AbortController();
  const stopFollowing = (): void => connected.abort();
  const following = until(engine.docker, connected.signal);
  abortSignal.addEventListener('abort', stopFollowing, { once: true });
  try {
    abortSignal.throwIfAborted();
    const stream = await following.getContainer(id).attach({ stream: true, stdout: true, stderr: true });
    const drained = drain(container, stream, output);
    await launching.start();
    const ended = waitForEnd(following, id);
    ended.catch(() => undefined);
    const details = await launching.inspect();
    if (contained.closed !== undefined) await closeWayOut(details, contained.closed);
    const started = { ...contained, engine, container, output, drained, ended, details, stopFollowing };
    const daemon = await daemonOf(started);
    abortSignal.throwIfAborted();
    return daemon;
  } catch (error) {
    stopFollowing();
    output.end();
    // What went wrong is worth more than what the cleaning up after it meets; it is done again before the next launch.
    await removeContainer(container).catch(() => undefined);
    throw error;
  } finally {
    abortSignal.removeEventListener('abort', stopFollowing);
  }
}

interface StartedContainer extends Contained {
  readonly engine: Engine;
  readonly container: Docker.Container;
  readonly output: LineBuffer;
  readonly drained: Promise<void>;
  /** The status with which it ended; rejects where the connection to the engine broke before. */
  readonly ended: Promise<number>;
  readonly details: Docker.ContainerInspectInfo;
  readonly stopFollowing: () => void;
}

async function daemonOf(started: StartedContainer): Promise<Daemon> {
  const { engine, container, artifact, output, details } = started;
  const firstPid = details.State.Pid;
  const cgroup = await containerCgroup(firstPid, container.id);
  // In an image of ours the first process is the target; elsewhere it may be a wrapper of it.
  const watch =
    cgroup === undefined || artifact.kind === 'binary' || !started.isTarget
      ? undefined
      : watchGoProcess(() => readGroupPids(cgroup.memory), artifact.buildInfo);
  const figures = cgroup === undefined ? undefined : keepFigures(cgroup);
  let running = true;
  let stopping = false;
  /** Whether the engine was gone when the container ended, and so may be what ended it. */
  let disconnected: Promise<boolean> | undefined;
  let killedByUs = false;
  const left = started.ended
    .catch(() => {
      // It may run on, but nobody hears of it any more: for the trial it has ended.
      disconnected = Promise.resolve(true);
      return undefined;
    })
    .then((status) => {
      // An engine that is shutting down stops its containers as a user would, but takes no new calls by then.
      if (!stopping) {
        disconnected ??= engine.docker.ping().then(
          () => false,
          () => true,
        );
      }
      running = false;
      watch?.[Symbol.dispose]();
      return status;
    });
  const exited = left.then(async (status): Promise<Exit> => {
    const last = figures?.stop();
    const limited = (details.HostConfig.Memory ?? 0) > 0;
    const mayBeOom = limited && !killedByUs && status !== undefined && status !== 0;
    const attempts = status === KILLED_STATUS ? OOM_ATTEMPTS : 1;
    const [oomKilled] = await Promise.all([
      mayBeOom ? (last?.oomKills ?? 0) > 0 || saidToBeOom(container, attempts) : false,
      Promise.race([started.drained, sleep(OUTPUT_SECONDS * 1000, undefined, { ref: false })]),
    ]);
    output.end();
    return exitOf(status, oomKilled, last);
  });
  const kill = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    await container
      .kill({ signal })
      .catch(ignoreGone)
      .catch((error: unknown) => {
        throw engineError(error, engine.endpoint, true);
      });
  };
  const stop = async (graceSeconds: number): Promise<Exit> => {
    stopping = true;
    if (running) {
      await kill('SIGTERM');
      await within(left, graceSeconds);
      killedByUs = running;
    }
    if (running) {
      await kill('SIGKILL');
      await within(left, KILL_SECONDS);
    }
    if (running) throw engineError(new DOMException('no end', 'TimeoutError'), engine.endpoint, true);
    return exited;
  };
  if (watch !== undefined) await awaitGoProcess(watch, artifact, left);
  const local = cgroup !== undefined;
  const address = started.unix ?? (await containerAddress(details, started.port, local));
  const addresses: Record<string, Address> = {};
  for (const [name, port] of Object.entries(started.ports)) {
    const found = await containerAddress(details, port, local);
    if (found !== undefined) addresses[name] = found;
  }
  const startUnixSeconds =
    (cgroup === undefined ? undefined : await processStartUnixSeconds(watch?.pid ?? firstPid)) ??
    Date.parse(details.State.StartedAt) / 1000;
  return {
    address,
    addresses,
    inside: insideOf(started),
    get pid() {
      if (!running || cgroup === undefined) return undefined;
      return watch === undefined ? firstPid : watch.pid;
    },
    cgroup,
    engineStats: (abortSignal) => container.stats(oneShot(abortSignal)),
    startUnixSeconds,
    output: output.lines,
    exited,
    fault: async () => faultOf(started, (await disconnected) ?? false),
    stop,
    [Symbol.asyncDispose]: async () => {
      try {
        await stop(DISPOSE_GRACE_SECONDS);
        await removeContainer(container);
      } catch (error) {
        // An engine that is gone cannot be asked: what its run has left is looked for before the next launch, and at the end.
        const met = engineError(error, engine.endpoint, true);
        if (met.code !== 'docker-unreachable') throw met;
      } finally {
        started.stopFollowing();
        started.release();
      }
    },
  };
}

/** Where others on its network reach it: by its name, or else its address. */
function insideOf({ inside, details, port, ports }: StartedContainer): Daemon['inside'] {
  const host = typeof inside === 'object' ? inside.name : inside && insideAddress(details);
  return host === undefined ? undefined : { host, port, ports };
}

/** The status of what SIGKILL ended, and how long a removal by force may take from there. */
const SIGKILLED = 137;
const REMOVAL_SECONDS = 0.5;

/** What was done to a container other than by its program and by us; its exits, signals and OOM are the program's. Never rejects. */
async function faultOf(
  { engine, container, network }: Pick<StartedContainer, 'engine' | 'container' | 'network'>,
  disconnected: boolean,
  again = true,
): Promise<EnvironmentError | undefined> {
  const restarted = new EnvironmentError(
    'docker-restarted',
    `The container engine at ${engine.endpoint} was restarted during the trial`,
  );
  const removed = new EnvironmentError(
    'container-removed',
    'The container of the target was removed during the trial, and not by gctune',
  );
  try {
    const { State, NetworkSettings } = await container.inspect();
    if (disconnected) return restarted;
    if (State.Status === 'removing' || State.Dead) return removed;
    if (State.Paused)
      return new EnvironmentError('container-paused', 'The container of the target was paused, and not by gctune');
    // Who removes a container by force kills it first: for a moment it has only ended.
    if (again && State.ExitCode === SIGKILLED && !State.OOMKilled) {
      await sleep(REMOVAL_SECONDS * 1000);
      return await faultOf({ engine, container, network }, disconnected, false);
    }
    if (network === 'none' || network in NetworkSettings.Networks) return undefined;
    return new EnvironmentError(
      'network-removed',
      `The container of the target was taken off its network ${network}, and not by gctune`,
    );
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return disconnected ? restarted : removed;
    const fault = errorOf(error, engine.endpoint);
    return fault?.code === 'docker-unreachable' ? fault : undefined;
  }
}

function errorOf(error: unknown, endpoint: string): EnvironmentError | undefined {
  try {
    return engineError(error, endpoint, true);
  } catch {
    return undefined;
  }
}

/** The status with which a container ends. Read as a stream, because of a connection that breaks meanwhile the library tells nobody. */
async function waitForEnd(docker: Docker, id: string): Promise<number> {
  const answer = await new Promise<Readable>((resolve, reject) => {
    docker.modem.dial(
      { path: `/containers/${id}/wait?`, method: 'POST', isStream: true, options: {}, statusCodes: { 200: true } },
      (error, stream) => (error === null ? resolve(stream as Readable) : reject(error)),
    );
  });
  return ((await json(answer)) as { readonly StatusCode: number }).StatusCode;
}

/** dockerode passes the signal on here too, but its types do not say so. Without `one-shot` the engine takes one to two seconds. */
function oneShot(abortSignal: AbortSignal): { stream: false; 'one-shot': true } {
  const options = { stream: false, 'one-shot': true, abortSignal } as const;
  return options;
}

async function awaitGoProcess(watch: GoProcessWatch, artifact: Artifact, left: Promise<unknown>): Promise<void> {
  const unknown = artifact.buildInfo.path === UNKNOWN_BUILD_INFO.path;
  const cancel = new AbortController();
  const seconds = unknown ? VERIFY_SECONDS : FIND_SECONDS;
  const outcome = await Promise.race([
    watch.found.then(() => 'found'),
    left.then(() => 'ended'),
    sleep(seconds * 1000, 'late', { signal: cancel.signal }).catch(() => 'late'),
  ]);
  cancel.abort();
  if (unknown && outcome === 'late') {
    throw new UserError({
      code: 'not-a-go-program',
      message: `No Go program was started in ${artifact.reference} within ${seconds} s`,
      hint: 'gctune measures the Go garbage collector, so the target must be a program built with Go 1.18 or newer',
    });
  }
}

/** Takes the two streams apart (the library knows the frames) and resolves when they have ended. */
function drain(container: Docker.Container, stream: NodeJS.ReadableStream, output: LineBuffer): Promise<void> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  stdout.on('data', (chunk: Uint8Array) => output.push('stdout', chunk));
  stderr.on('data', (chunk: Uint8Array) => output.push('stderr', chunk));
  (container.modem as Docker['modem']).demuxStream(stream, stdout, stderr);
  const flushed = (through: PassThrough): Promise<void> =>
    new Promise((resolve) => through.once('end', () => resolve()).end());
  return new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error']) stream.once(event, () => resolve());
  }).then(async () => {
    await Promise.all([flushed(stdout), flushed(stderr)]);
  });
}

/** Reads the cgroup again and again, because its last word cannot be had once the container has ended. */
function keepFigures(cgroup: CgroupPaths): { stop(): CgroupFigures } {
  let last: CgroupFigures = {};
  const read = (): void => {
    readCgroupFigures(cgroup).then(
      (figures) => (last = { ...last, ...figures }),
      () => undefined,
    );
  };
  read();
  const timer = setInterval(read, FIGURES_MILLISECONDS).unref();
  return {
    stop: () => {
      clearInterval(timer);
      return last;
    },
  };
}

/**
 * Whether the engine says that the container was killed for want of memory. It hears of that and of the container's end
 * on separate ways, and the end may come first: so it is asked again for a moment.
 */
async function saidToBeOom(container: Docker.Container, attempts: number): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const after = await container.inspect().catch(() => undefined);
    if (after === undefined || after.State.OOMKilled || attempt >= attempts) return after?.State.OOMKilled ?? false;
    await sleep(OOM_PAUSE_MILLISECONDS);
  }
}

/** The engine tells a signal as 128 + its number, as shells do; so a program's own exit code of that height looks the same. */
function exitOf(status: number | undefined, oomKilled: boolean, figures: CgroupFigures | undefined): Exit {
  const signal =
    status !== undefined && status > 128
      ? Object.entries(os.signals).find(([, number]) => number === status - 128)?.[0]
      : undefined;
  return {
    code: status ?? null,
    signal: signal ?? null,
    oomKilled,
    ...(figures?.cpuSeconds === undefined ? {} : { cpuSeconds: figures.cpuSeconds }),
    ...(figures?.peakBytes === undefined ? {} : { peakBytes: figures.peakBytes }),
  };
}

/** Removes a container, running or not; one that is gone or going already is no error. */
export async function removeContainer(container: Docker.Container): Promise<void> {
  await container.remove({ force: true, v: true }).catch(ignoreGone);
}

/** 404: gone; 409: not running, or its removal is under way; 304: stopped already. */
export function ignoreGone(error: unknown): void {
  const { statusCode } = error as { statusCode?: number };
  if (statusCode !== 404 && statusCode !== 409 && statusCode !== 304) throw error;
}
