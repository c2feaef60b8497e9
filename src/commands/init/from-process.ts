import { constants } from 'node:fs';
import { readFile, readdir, readlink, stat } from 'node:fs/promises';
import { basename, isAbsolute, resolve } from 'node:path';
import { EnvironmentError, UserError } from '../../errors.ts';
import type { Gogc, Gomemlimit } from '../../experiment/experiment.ts';
import { hasPlaceholder } from '../../experiment/placeholder.ts';
import { readBuildInfo } from '../../executable/build-info.ts';
import { UNLIMITED_BYTES } from '../../go/pacer.ts';
import { askProgram } from '../../probe/ask-program.ts';
import type { BuildInfo } from '../../results/format.ts';
import { listeningSockets } from '../../runner/listening-ports.ts';
import { attachRuntime } from '../../runtime-memory/attach.ts';
import { RuntimeRefused } from '../../runtime-memory/refused.ts';
import { quote } from '../../units/units.ts';
import type { Io } from '../../cli/io.ts';
import type { Draft } from './draft.ts';
import { carriedEnvironment } from './environment.ts';
import { secretArgument } from '../../experiment/secrets/secrets.ts';
import { isKubo, readyWord } from './first-load.ts';
import { byWorth, describeProgram, leftOut, moreOf, nameOf, sourcesAbout } from './draft-words.ts';
import { Places, type AskedPort, type Beside } from './process-places.ts';
import { canBeWritten } from './yaml-words.ts';

/** A draft with the files that it needs beside it. */
export interface DraftWithFiles extends Draft {
  readonly beside: readonly Beside[];
}

/** More ports are not asked. */
const MOST_PORTS = 16;

/**
 * Looks at a running Go process of this machine and says how another instance of it can be started. Reads only, apart from GET
 * requests to its own ports. `folder` is the name of the folder for files beside the experiment. Throws UserError and EnvironmentError.
 */
export async function draftOfProcess(pid: number, folder: string, io: Io): Promise<DraftWithFiles> {
  if (process.platform !== 'linux')
    throw new EnvironmentError('not-linux', 'Only Linux lets processes be looked at', {
      hint: 'use --from-container or --from-image, or say what it is: --package, --module, --binary',
    });
  const program = await programOf(pid);
  const [command, environ, cwd] = await Promise.all([
    readOf(pid, 'cmdline'),
    readOf(pid, 'environ'),
    readlink(`/proc/${pid}/cwd`).catch(() => '/'),
  ]);
  const { gogc, gomemlimit, memoryRefused } = await inForce(pid);
  const ports = await portsOf(pid, io.signal);
  const notes: string[] = [];
  const { args, secret: secretFlags } = await argumentsOf(command.slice(1), cwd);
  const { env, secret, unfit, shared } = carriedEnvironment(environ, [], io.env);
  const places = new Places(args, env, folder);
  await places.moveData(await writtenFolders(pid));
  const named = await places.movePorts(ports);
  const fixed = named.filter(({ value }) => value !== 'auto').map(({ port }) => port.port);
  const main = named.find(({ name }) => name === undefined);
  notes.push(...leftOut(secret, secretFlags));
  if (unfit.length > 0)
    notes.push(`Left out, because their values hold control characters or placeholders: ${unfit.join(', ')}`);
  if (shared.length > 0)
    notes.push(
      `Left out, because gctune was started with the same: ${shared.join(', ')}. Add under env: what the daemon reads of them`,
    );
  if (fixed.length > 0)
    notes.push(
      `Where ${fixed.join(', ')} is set was not found: end process ${pid} before gctune run, or both serve on ${fixed.length === 1 ? 'it' : 'them'}`,
    );
  notes.push(...places.notes);
  if (cwd !== '/') notes.push(`Its working directory was ${cwd}; here it is a folder of the trial`);
  if (memoryRefused !== undefined) notes.push(`GOGC in force is unknown: ${memoryRefused}`);
  const answers = main?.port.answers;
  return {
    name: nameOf(program.path),
    about: [
      `Made by gctune init --from-pid from process ${pid}, ${describeProgram(program.buildInfo)}.`,
      ...sourcesAbout(named.map(({ name, port }) => ({ name: name ?? 'port', answers: port.answers }))),
    ],
    source: [`binary: ${JSON.stringify(program.deleted ? `./${folder}/${basename(program.path)}` : program.path)}`],
    notes,
    args: places.args,
    env: places.env,
    container: {},
    port: main?.value,
    ports: Object.fromEntries(named.flatMap(({ name, value }) => (name === undefined ? [] : [[name, value]]))),
    ready: readyWord(answers?.ready, main),
    copies: places.copies,
    templates: places.templates,
    runner: 'process',
    cpus: undefined,
    memoryBytes: undefined,
    pids: undefined,
    required: false,
    gogc,
    gomemlimit,
    load: isKubo(program.buildInfo.path) ? 'kubo' : answers?.page,
    more: moreOf(named.map(({ name, port }) => ({ name, answers: port.answers }))),
    beside: [
      ...places.beside,
      ...(program.deleted
        ? [
            {
              path: `${folder}/${basename(program.path)}`,
              content: { copyOf: `/proc/${pid}/exe` },
              executable: true,
            },
          ]
        : []),
    ],
  };
}

interface Program {
  readonly path: string;
  readonly deleted: boolean;
  readonly buildInfo: BuildInfo;
}

async function programOf(pid: number): Promise<Program> {
  const exe = await readlink(`/proc/${pid}/exe`).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(pid, error);
  });
  const deleted = exe.endsWith(' (deleted)');
  const path = deleted ? exe.slice(0, -' (deleted)'.length) : exe;
  const buildInfo = await readBuildInfo(`/proc/${pid}/exe`).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(pid, error);
  });
  const [own, its] = await Promise.all(['self', pid].map((one) => readlink(`/proc/${one}/ns/mnt`).catch(() => '')));
  if (own !== its) {
    const container = /[0-9a-f]{64}/.exec(await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => ''))?.[0];
    throw new UserError({
      code: 'in-container',
      message: `process ${pid} has a file system of its own, in which its program is ${quote(path)}`,
      at: '--from-pid',
      hint: container === undefined ? 'use --from-container' : `use --from-container ${container.slice(0, 12)}`,
    });
  }
  if (buildInfo !== undefined) return { path, deleted, buildInfo };
  throw new UserError({
    code: 'not-a-go-program',
    message: `process ${pid} runs ${quote(path)}, which has no build info of Go in it`,
    at: '--from-pid',
    hint: 'gctune measures the Go garbage collector. gctune explain lists the Go processes of this machine; programs built before Go 1.13 and packed ones (upx) cannot be recognised',
  });
}

function unreadable(pid: number, error: NodeJS.ErrnoException): Error {
  if (error.code === 'ENOENT')
    return new UserError({
      code: 'no-such-process',
      message: `there is no process ${pid}, or it has no program (a kernel thread, a zombie)`,
      at: '--from-pid',
      hint: 'gctune explain lists the Go processes of this machine',
    });
  return new EnvironmentError('cannot-read-process', `Process ${pid} cannot be looked at: ${error.message}`, {
    hint: 'run gctune as the user of the process, or as root',
    cause: error,
  });
}

/** The entries of a file of /proc that are ended by NUL. */
async function readOf(pid: number, file: string): Promise<readonly string[]> {
  const text = await readFile(`/proc/${pid}/${file}`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw unreadable(pid, error);
  });
  return text === '' ? [] : text.replace(/\0$/, '').split('\0');
}

/** What the runtime of a process says of its settings, and why not where it cannot be read. */
export async function inForce(pid: number | undefined): Promise<{
  readonly gogc: Gogc | undefined;
  readonly gomemlimit: Gomemlimit | undefined;
  readonly memoryRefused?: string | undefined;
}> {
  if (pid === undefined) return { gogc: undefined, gomemlimit: undefined };
  try {
    using reader = await attachRuntime(pid);
    const { gogcPercent, gomemlimitBytes } = reader.read()?.figures ?? {};
    return {
      gogc: gogcPercent === undefined ? undefined : gogcPercent < 0 ? 'off' : Math.max(1, gogcPercent),
      gomemlimit: gomemlimitBytes === undefined || gomemlimitBytes >= UNLIMITED_BYTES ? undefined : gomemlimitBytes,
    };
  } catch (error) {
    if (!(error instanceof RuntimeRefused)) throw error;
    return { gogc: undefined, gomemlimit: undefined, memoryRefused: error.message };
  }
}

/** The ports of a process, asked once each, the one that requests can be sent to first. */
async function portsOf(pid: number, signal: AbortSignal): Promise<readonly AskedPort[]> {
  const sockets = (await listeningSockets(pid)) ?? [];
  const hosts = new Map<number, string>();
  for (const socket of sockets) {
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(socket) ?? [];
    if (port !== '' && !hosts.has(Number(port))) hosts.set(Number(port), host);
  }
  const asked: AskedPort[] = [];
  for (const [port, host] of [...hosts].toSorted(([a], [b]) => a - b).slice(0, MOST_PORTS)) {
    const local = host === '[::1]' ? '::1' : host.startsWith('127.') ? host : '127.0.0.1';
    asked.push({ port, answers: await askProgram({ host: local, port }, signal) });
  }
  return byWorth(asked);
}

/** Arguments as another instance can be given them: paths of files that are there made absolute, secrets left out. */
async function argumentsOf(
  args: readonly string[],
  cwd: string,
): Promise<{ readonly args: readonly string[]; readonly secret: readonly string[] }> {
  const { kept, secret } = withoutSecrets(args);
  const found = await Promise.all(
    kept.map(async (argument, index) => {
      const [, flag = '', value = argument] = /^(--?[\w.-]+=)(.*)$/s.exec(argument) ?? [];
      // A word alone is a command rather than a file, unless a flag asks for it.
      const mayBeFile = /[/.]/.test(value) || flag !== '' || (kept[index - 1] ?? '').startsWith('-');
      if (value === '' || isAbsolute(value) || value.startsWith('-') || !mayBeFile) return argument;
      const path = resolve(cwd, value);
      return (await stat(path).catch(() => undefined)) === undefined ? argument : `${flag}${path}`;
    }),
  );
  return { args: found, secret };
}

/**
 * Arguments without those that give a secret away, and the names of the flags that did. Throws UserError for one that cannot stand in
 * an experiment.
 */
export function withoutSecrets(args: readonly string[]): {
  readonly kept: readonly string[];
  readonly secret: readonly string[];
} {
  const kept: string[] = [];
  const secret: string[] = [];
  for (const [index, argument] of args.entries()) {
    if (secretArgument(argument, args[index - 1])) {
      const own = /^--?[\w.-]+/.exec(argument)?.[0];
      const flagBefore = /^--?[\w.-]+$/.test(kept.at(-1) ?? '') && kept.at(-1) === args[index - 1];
      secret.push(own ?? (flagBefore ? kept.pop() : undefined) ?? `argument ${index + 1}`);
      continue;
    }
    const place = `argument ${index + 1}`;
    if (!canBeWritten(argument)) throw badArgument(`${place} holds control characters`);
    if (hasPlaceholder(argument)) throw badArgument(`${place}, ${quote(argument)}, holds what gctune would fill in`);
    kept.push(argument);
  }
  return { kept, secret };
}

function badArgument(message: string): UserError {
  const hint = 'say yourself how it is started: gctune init --binary FILE --args "…"';
  return new UserError({ code: 'cannot-carry-over', message, hint });
}

/** Folders of the files that a process has open for writing, without those that every process may write to. */
async function writtenFolders(pid: number): Promise<readonly string[]> {
  const files: string[] = [];
  for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    const [path, info] = await Promise.all([
      readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''),
      readFile(`/proc/${pid}/fdinfo/${fd}`, 'utf8').catch(() => ''),
    ]);
    const flags = Number.parseInt(/^flags:\s*(\d+)/m.exec(info)?.[1] ?? '0', 8);
    const writes = (flags & (constants.O_WRONLY | constants.O_RDWR)) !== 0;
    if (
      writes &&
      Number(fd) > 2 &&
      path.startsWith('/') &&
      !/^\/(?:dev|proc|sys)\//.test(path) &&
      !path.endsWith(' (deleted)')
    )
      files.push(path);
  }
  return [...new Set(files)];
}
