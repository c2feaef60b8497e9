import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { z } from 'zod';
import { EnvironmentError } from '../../errors.ts';
import { readIfPresent } from '../proc.ts';
import type { Check } from '../runner.ts';
import { bounded, until } from './bounded-calls.ts';

/** A connection to a container engine, each of whose calls has a bound. */
export interface Engine {
  readonly docker: Docker;
  /** Where it is: a socket's path or a URL, for messages. */
  readonly endpoint: string;
}

/** API 1.41 is Engine 20.10, the first with one-shot stats. */
const LEAST_API = [1, 41] as const;
const CHECK_SECONDS = 5;

/** Finds the engine as the docker command does: DOCKER_HOST, else the current context, else the default socket. Connects to nothing yet. */
export async function findEngine(env: NodeJS.ProcessEnv = process.env): Promise<Engine> {
  const fromEnv = env['DOCKER_HOST'];
  // dockerode reads DOCKER_HOST and the TLS variables itself.
  if (fromEnv !== undefined && fromEnv !== '' && env === process.env)
    return { docker: bounded(new Docker()), endpoint: fromEnv };
  const host = fromEnv === undefined || fromEnv === '' ? await contextHost(env) : fromEnv;
  if (host === undefined) return { docker: bounded(new Docker()), endpoint: '/var/run/docker.sock' };
  return { docker: bounded(new Docker(optionsOf(host))), endpoint: host };
}

function optionsOf(host: string): Docker.DockerOptions {
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) };
  if (host.startsWith('npipe://')) return { socketPath: host.slice('npipe://'.length) };
  const url = new URL(host.includes('//') ? host : `tcp://${host}`);
  const port = url.port === '' ? {} : { port: url.port };
  if (url.protocol === 'ssh:') return { protocol: 'ssh', host: url.hostname, username: url.username, ...port };
  return { protocol: url.protocol === 'https:' ? 'https' : 'http', host: url.hostname, ...port };
}

const contextMeta = z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string() }) }) });

/** The host of the docker command's current context; its folder is named by the SHA-256 of the context's name. */
async function contextHost(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const folder = env['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
  const config = z
    .object({ currentContext: z.string().optional() })
    .safeParse(parseJson(await readIfPresent(join(folder, 'config.json'))));
  const name = env['DOCKER_CONTEXT'] ?? config.data?.currentContext;
  if (name === undefined || name === '' || name === 'default') return undefined;
  const meta = join(folder, 'contexts', 'meta', createHash('sha256').update(name).digest('hex'), 'meta.json');
  return contextMeta.safeParse(parseJson(await readIfPresent(meta))).data?.Endpoints.docker.Host;
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Calls of the system that concern the way to the engine; what other ones say is about files. */
const WAY = new Set(['connect', 'read', 'write']);

/** Whether an error says that there is no engine to be asked: the way to it is broken, or nothing answers. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error) || 'statusCode' in error) return false;
  const { code, syscall, name } = error as NodeJS.ErrnoException;
  if (name === 'AbortError' || name === 'TimeoutError') return true;
  return code !== undefined && (syscall === undefined ? code === 'ECONNRESET' : WAY.has(syscall));
}

/**
 * What an error of the engine or of the way to it means for the user. One that has answered before and is gone is unreachable:
 * it may come back. Throws what is no such error.
 */
export function engineError(error: unknown, endpoint: string, answeredBefore = false): EnvironmentError {
  if (error instanceof EnvironmentError) return error;
  const { code, statusCode, name, message, syscall } = error as NodeJS.ErrnoException & { statusCode?: number };
  if ((syscall !== undefined && !WAY.has(syscall)) || error instanceof TypeError) throw error;
  if (code === 'ENOENT' && !answeredBefore) {
    return new EnvironmentError('docker-absent', `There is no container engine at ${endpoint}`, {
      hint: 'Install and start Docker, or use `runner: process`',
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new EnvironmentError('docker-no-permission', `This user may not use the container engine at ${endpoint}`, {
      hint: 'Add the user to the group docker (`sudo usermod -aG docker "$USER"`, then log in again), or use `runner: process`',
      cause: error,
    });
  }
  if (statusCode !== undefined) {
    // dockerode puts `(HTTP code 400) bad parameter - ` before what the engine says.
    const said = message.replace(/^\(HTTP code \d+\) [^-]* - /, '').trim();
    return new EnvironmentError('docker-refused', `The container engine refused: ${said}`, { cause: error });
  }
  if (code !== undefined || name === 'AbortError' || name === 'TimeoutError') {
    const why = name === 'AbortError' || name === 'TimeoutError' ? 'no answer in time' : (code ?? message);
    const said = answeredBefore ? 'no longer answers' : 'does not answer';
    return new EnvironmentError('docker-unreachable', `The container engine at ${endpoint} ${said} (${why})`, {
      hint: answeredBefore
        ? 'Start Docker again; `gctune clean` removes what a run has left in it'
        : 'Start Docker, or correct DOCKER_HOST or the docker context, or use `runner: process`',
      cause: error,
    });
  }
  throw error;
}

/** Looks at the engine: is it there, may we use it, can it do what is needed? */
export async function checkEngine(engine: Engine, withinSeconds = CHECK_SECONDS): Promise<readonly Check[]> {
  const abortSignal = AbortSignal.timeout(withinSeconds * 1000);
  try {
    const [version, info] = await Promise.all([engineVersion(engine, abortSignal), engineInfo(engine, abortSignal)]);
    return [checkVersion(version.Version, version.ApiVersion), checkAbilities(info)];
  } catch (error) {
    const { message, hint } = engineError(error, engine.endpoint);
    return [{ id: 'docker-engine', status: 'fail', message, ...(hint === undefined ? {} : { remedy: hint }) }];
  }
}

function checkVersion(version: string, api: string): Check {
  const [major = 0, minor = 0] = api.split('.').map(Number);
  const enough = major > LEAST_API[0] || (major === LEAST_API[0] && minor >= LEAST_API[1]);
  return enough
    ? { id: 'docker-engine', status: 'ok', message: `engine ${version}, API ${api}` }
    : {
        id: 'docker-engine',
        status: 'fail',
        message: `engine ${version} has API ${api}, and ${LEAST_API.join('.')} is the minimum`,
        remedy: 'Update Docker to 20.10 or newer, or use `runner: process`',
      };
}

/** The part of `GET /info` that gctune reads. */
export interface EngineInfo {
  readonly OSType: string;
  readonly Architecture: string;
  readonly NCPU: number;
  readonly CgroupDriver: string;
  readonly CgroupVersion?: string;
  readonly ServerVersion: string;
  readonly MemoryLimit: boolean;
  readonly SwapLimit: boolean;
  readonly CpuCfsQuota: boolean;
  readonly CPUSet: boolean;
}

function checkAbilities(info: EngineInfo): Check {
  const id = 'docker-limits';
  if (info.OSType !== 'linux') {
    return {
      id,
      status: 'fail',
      message: `the engine runs ${info.OSType} containers`,
      remedy: 'Switch it to Linux containers',
    };
  }
  const missing = [
    ...(info.MemoryLimit ? [] : ['memory limits']),
    ...(info.CpuCfsQuota ? [] : ['CPU quotas']),
    ...(info.CPUSet ? [] : ['CPU placement']),
  ];
  if (missing.length > 0) {
    return {
      id,
      status: 'warn',
      message: `the engine cannot enforce ${missing.join(', ')}`,
      remedy: 'Enable the cgroup controllers cpu, cpuset and memory',
    };
  }
  return info.SwapLimit
    ? { id, status: 'ok', message: `limits can be enforced (cgroup driver ${info.CgroupDriver})` }
    : {
        id,
        status: 'warn',
        message: 'the engine cannot forbid swap, so the target may swap instead of hitting its memory limit',
        remedy: 'Boot with swapaccount=1, or turn swap off',
      };
}

/** `GET /info`, given up when the signal fires. */
export async function engineInfo({ docker }: Engine, abortSignal: AbortSignal): Promise<EngineInfo> {
  return (await until(docker, abortSignal).info()) as EngineInfo;
}

/** `GET /version`, given up when the signal fires. */
export async function engineVersion(
  { docker }: Engine,
  abortSignal: AbortSignal,
): Promise<{ readonly Version: string; readonly ApiVersion: string }> {
  return until(docker, abortSignal).version();
}
