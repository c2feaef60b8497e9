import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { findEngine, type Engine } from '../../src/runner/docker/engine.ts';

/** A container engine of the test's own, that may be killed, hung and started again without anybody noticing. */
export interface PrivateEngine extends AsyncDisposable {
  /** For DOCKER_HOST. */
  readonly host: string;
  readonly socket: string;
  /** A new connection to it, as gctune makes one. */
  connect(): Promise<Engine>;
  /** The docker command, against this engine. */
  docker(...args: readonly string[]): Promise<string>;
  /** Ends it and the containerd of its own at once; its containers run on. */
  kill(): Promise<void>;
  /** Ends it as a service manager does; it stops its containers first. */
  terminate(): Promise<void>;
  /** Starts it again after kill() or terminate(), and waits until it answers. */
  start(): Promise<void>;
  /** Makes it hang: connections are taken and never answered. */
  hang(): void;
  /** Lets it go on after hang(). */
  resume(): void;
}

const START_SECONDS = 20;

/** Starts a dockerd with everything of its own; needs root. Disposing it removes its containers, networks and files. */
export async function privateEngine(): Promise<PrivateEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-engine-'));
  const socket = join(folder, 'docker.sock');
  const host = `unix://${socket}`;
  const pool = `base=10.${randomInt(100, 250)}.${randomInt(0, 16) * 16}.0/20,size=26`;
  const usual = await addressOf(USUAL_BRIDGE);
  const bridge = `gct${randomBytes(4).toString('hex')}`;
  await execa('ip', ['link', 'add', bridge, 'type', 'bridge']);
  await execa('ip', ['addr', 'add', `10.99.${randomInt(0, 256)}.1/24`, 'dev', bridge]);
  let daemon: ChildProcess | undefined;
  const docker = async (...args: readonly string[]): Promise<string> =>
    (await execa('docker', args, { env: { DOCKER_HOST: host }, timeout: 60_000 })).stdout;
  const answers = (): Promise<boolean> =>
    docker('version').then(
      () => true,
      () => false,
    );
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, 'exit');
    daemon.kill('SIGCONT');
    daemon.kill(signal);
    await ended;
    // A killed one leaves its containerd behind on engines that do not tie it to themselves.
    const containerd = Number(await readFile(join(folder, 'docker/containerd/containerd.pid'), 'utf8').catch(() => ''));
    if (signal === 'SIGKILL' && containerd > 0) await killed(containerd);
  };
  const start = async (): Promise<void> => {
    await rm(join(folder, 'docker.pid'), { force: true });
    // The machine's rules belong to the engine that it has already, and so does its default bridge.
    const network = ['--bridge', bridge, '--iptables=false', '--ip-masq=false', '--default-address-pool', pool];
    const places = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'docker')];
    daemon = spawn('dockerd', ['-H', host, '--pidfile', join(folder, 'docker.pid'), ...places, ...network], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    daemon.stderr?.on('data', (chunk: Uint8Array) => (log = `${log}${Buffer.from(chunk).toString()}`.slice(-4000)));
    for (const until = performance.now() + START_SECONDS * 1000; ; await sleep(50)) {
      if (await answers()) return;
      if (performance.now() > until || daemon.exitCode !== null) throw new Error(`dockerd did not start: ${log}`);
    }
  };
  const dispose = async (): Promise<void> => {
    try {
      daemon?.kill('SIGCONT');
      if (!(await answers())) {
        await end('SIGKILL');
        await start();
      }
      const containers = (await docker('ps', '-aq')).split('\n').filter(Boolean);
      if (containers.length > 0) await docker('rm', '-f', ...containers);
      await docker('network', 'prune', '-f');
    } finally {
      await end('SIGTERM');
      await killShims(folder);
      const mounts = await readFile('/proc/self/mounts', 'utf8');
      const places = mounts.split('\n').flatMap((line) => line.split(' ')[1] ?? []);
      // One that was killed leaves its mounts, one above the other.
      for (const place of places.filter((each) => each.startsWith(folder)).toReversed())
        await execa('umount', ['-l', place]);
      await execa('ip', ['link', 'del', bridge]);
      await restoreUsual(usual);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  };
  process.once('exit', () => daemon?.kill('SIGKILL'));
  await start();
  return {
    host,
    socket,
    connect: () => findEngine({ DOCKER_HOST: host }),
    docker,
    kill: () => end('SIGKILL'),
    terminate: () => end('SIGTERM'),
    start,
    hang: () => void daemon?.kill('SIGSTOP'),
    resume: () => void daemon?.kill('SIGCONT'),
    [Symbol.asyncDispose]: dispose,
  };
}

/** The bridge of the machine's own engine. A dockerd that is restarted removes it, whatever bridge it was told to use. */
const USUAL_BRIDGE = 'docker0';

/** The address of an interface, as `172.17.0.1/16`; undefined where there is none. */
async function addressOf(name: string): Promise<string | undefined> {
  const { stdout } = await execa('ip', ['-o', '-4', 'addr', 'show', name], { reject: false });
  return /\binet (\S+)/.exec(stdout)?.[1];
}

async function restoreUsual(address: string | undefined): Promise<void> {
  if (address === undefined || (await addressOf(USUAL_BRIDGE)) !== undefined) return;
  await execa('ip', ['link', 'add', USUAL_BRIDGE, 'type', 'bridge']);
  await execa('ip', ['addr', 'add', address, 'dev', USUAL_BRIDGE]);
  await execa('ip', ['link', 'set', USUAL_BRIDGE, 'up']);
}

/** A dockerd that is killed while it makes a container leaves that container's shim and its first process for ever. */
async function killShims(folder: string): Promise<void> {
  const { stdout } = await execa('ps', ['-eo', 'pid=,ppid=,args=']);
  const rows = stdout.split('\n').map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)?.slice(1) ?? []);
  const shims = rows.filter(([, , args]) => args?.includes('containerd-shim') && args.includes(folder));
  const own = new Set(shims.map(([pid]) => pid));
  for (const [pid, parent] of rows) if (own.has(pid) || own.has(parent)) await killed(Number(pid));
}

async function killed(pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGKILL');
    for (let asked = 0; asked < 500; asked += 1) {
      await sleep(10);
      process.kill(pid, 0);
    }
  } catch {
    // It is gone.
  }
}
