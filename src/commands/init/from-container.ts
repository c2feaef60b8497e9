import { lstat, opendir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../../errors.ts';
import { healthPath } from '../../experiment/compose/compose-sections.ts';
import { readBuildInfo } from '../../executable/build-info.ts';
import { askProgram, type Answers } from '../../probe/ask-program.ts';
import {
  describeContainer,
  describeImage,
  type ContainerMount,
  type DescribedContainer,
  type StartedAs,
} from '../../runner/docker/describe-container.ts';
import type { Address } from '../../runner/runner.ts';
import { plainText } from '../../text/plain-text.ts';
import { formatBytes } from '../../units/format-units.ts';
import type { Io } from '../../cli/io.ts';
import { AS_IT_SAYS, type ContainerDraft, type Copied, type Draft } from './draft.ts';
import { carriedEnvironment } from './environment.ts';
import { isKubo, KUBO_READY, readyWord } from './first-load.ts';
import { byWorth, describeProgram, leftOut, moreOf, nameOf, sourcesAbout } from './draft-words.ts';
import { inForce, withoutSecrets } from './from-process.ts';
import { canBeWritten } from './yaml-words.ts';

/** What is larger, or has more files, is not copied for each trial. */
const COPY_BYTES = 2 * 2 ** 30;
const COPY_FILES = 100_000;

/** Looks at a running container and says how trials of the same can be run. Reads only, apart from GET requests to its ports. */
export async function draftOfContainer(name: string, io: Io): Promise<Draft> {
  const container = await describeContainer(name, io.signal);
  const { image, started, pid } = container;
  const buildInfo = pid === undefined ? undefined : await readBuildInfo(`/proc/${pid}/exe`).catch(() => undefined);
  const setting = await inForce(pid);
  const asked = await askAll(container.addresses, io);
  const { copies, refused } = await copiesOf(container.mounts);
  const difference = differenceOf(started, image.started);
  const { env, secret, unfit } = carriedEnvironment(started.env, image.started.env);
  const health = healthPath(started.health);
  const [main] = asked;
  const ports = insidePorts(container, asked);
  const answers = main?.answers;
  const onMain = health !== undefined && health.port === ports[0] ? health.path : undefined;
  const notes = [
    ...leftOut(secret, difference.secret),
    ...(unfit.length === 0
      ? []
      : [`Left out, because their values hold control characters or placeholders: ${unfit.join(', ')}`]),
    ...refused,
    ...container.beyond.map((what) => `Not carried over: ${what}`),
    ...(container.networks.length === 0
      ? []
      : [
          `It is on the network ${container.networks.join(', ')}; in a trial it reaches nobody. What it needs next to it goes under services:`,
        ]),
    ...(container.hiddenPorts.length === 0
      ? []
      : [`Ports that listen only on its own loopback cannot be reached: ${container.hiddenPorts.join(', ')}`]),
    ...(setting.memoryRefused === undefined ? [] : [`GOGC in force is unknown: ${setting.memoryRefused}`]),
  ];
  return {
    name: nameOf(imageName(image.reference)),
    about: [
      `Made by gctune init --from-container from ${container.name}, image ${image.reference}.`,
      ...(buildInfo === undefined ? [] : [`Its program: ${describeProgram(buildInfo)}.`]),
      ...sourcesAbout(asked.map(({ answers: one }, index) => ({ name: `port ${ports[index]}`, answers: one }))),
    ],
    source: imageLine(image.reference, image.id, image.named),
    notes,
    args: difference.args,
    env,
    container: difference.container,
    port: ports[0],
    ports: furtherPorts(ports),
    ready: isKubo(buildInfo?.path) ? KUBO_READY : readyWord(onMain ?? answers?.ready, ports[0]),
    copies,
    templates: [],
    runner: undefined,
    cpus: container.cpus,
    memoryBytes: container.memoryBytes,
    pids: container.pids,
    required: true,
    gogc: setting.gogc,
    gomemlimit: setting.gomemlimit,
    load: isKubo(buildInfo?.path) ? 'kubo' : (answers?.page ?? onMain),
    more: moreOf(
      asked.map(({ answers: one }, index) => ({ name: index === 0 ? undefined : portName(index), answers: one })),
    ),
  };
}

/** Looks at an image and says how trials of it can be run. It is pulled where the engine does not have it, and never started. */
export async function draftOfImage(reference: string, io: Io): Promise<Draft> {
  const { artifact, started } = await describeImage(reference, io.signal, (line) =>
    io.stderr.write(`${plainText(line)}\n`),
  );
  const health = healthPath(started.health);
  const ports = [...started.ports].toSorted((a, b) => Number(b === health?.port) - Number(a === health?.port));
  const path = health !== undefined && health.port === ports[0] ? health.path : undefined;
  return {
    ...AS_IT_SAYS,
    name: nameOf(imageName(reference)),
    about: [
      `Made by gctune init --from-image from ${reference}.`,
      artifact.buildInfo.path === 'unknown'
        ? 'It starts by a script; its Go version is known once it runs.'
        : `Its program: ${describeProgram(artifact.buildInfo)}.`,
    ],
    source: imageLine(reference, artifact.reference, true),
    notes: ports.length === 0 ? ['The image declares no port. Add the one that it serves on: port: 8080'] : [],
    port: ports[0],
    ports: furtherPorts(ports),
    ready: isKubo(artifact.buildInfo.path) ? KUBO_READY : readyWord(path, ports[0]),
    gogc: undefined,
    gomemlimit: undefined,
    load: isKubo(artifact.buildInfo.path) ? 'kubo' : path,
  };
}

/** `image: …`, with a word where its name is not to be relied on. */
function imageLine(reference: string, id: string, named: boolean): readonly string[] {
  if (!named) return [`image: ${JSON.stringify(id)}   # ${plainText(reference)} stands for another image by now`];
  const moving = /^sha256:|@sha256:/.test(reference) || (/:[^/]+$/.test(reference) && !reference.endsWith(':latest'));
  return [
    `image: ${JSON.stringify(plainText(reference))}${moving ? '' : '   # name a version: it may be another program tomorrow'}`,
  ];
}

function imageName(reference: string): string {
  return reference.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}

/** What a container was told beyond its image, as the keys of an experiment. */
function differenceOf(
  started: StartedAs,
  image: StartedAs,
): { readonly args: readonly string[]; readonly container: ContainerDraft; readonly secret: readonly string[] } {
  const sameEntry = same(started.entrypoint, image.entrypoint);
  // Where the entrypoint differs, the engine does not add the image's own arguments.
  const args = sameEntry && same(started.command, image.command) ? [] : started.command;
  const { kept, secret } = withoutSecrets(args);
  if (!sameEntry && started.entrypoint.length === 0)
    throw new UserError({
      code: 'cannot-carry-over',
      message: 'the container was started without the entrypoint of its image',
      at: '--from-container',
      hint: 'start it with --entrypoint and the program',
    });
  for (const word of [...started.entrypoint, started.user, started.folder]) {
    if (!canBeWritten(word))
      throw new UserError({
        code: 'cannot-carry-over',
        message: 'its entrypoint, user or working directory holds control characters',
        at: '--from-container',
      });
  }
  if (!sameEntry && withoutSecrets(started.entrypoint).secret.length > 0)
    throw new UserError({
      code: 'cannot-carry-over',
      message: 'its entrypoint holds what looks like a secret',
      at: '--from-container',
      hint: 'start it with the secret in its environment',
    });
  return {
    args: kept,
    secret,
    container: {
      ...(sameEntry ? {} : { entrypoint: started.entrypoint }),
      ...(started.user === image.user ? {} : { user: started.user || 'root' }),
      ...(started.folder === image.folder ? {} : { workdir: started.folder || '/' }),
    },
  };
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

interface Asked {
  readonly address: Address;
  readonly answers: Answers | undefined;
}

async function askAll(addresses: readonly Address[], io: Io): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  for (const address of addresses) asked.push({ address, answers: await askProgram(address, io.signal) });
  return byWorth(asked);
}

/** The ports inside the container in the order of what was asked; those that could not be asked come last. */
function insidePorts(container: DescribedContainer, asked: readonly Asked[]): readonly number[] {
  const ofAsked = asked.map(({ address }) => container.inside(address));
  return [...new Set([...ofAsked, ...container.started.ports])];
}

function portName(index: number): string {
  return `port${index + 1}`;
}

function furtherPorts(ports: readonly number[]): Readonly<Record<string, number>> {
  return Object.fromEntries(ports.slice(1).map((port, index) => [portName(index + 1), port]));
}

/** Which of a container's mounts a trial can have a copy of, and why the others not. */
async function copiesOf(
  mounts: readonly ContainerMount[],
): Promise<{ readonly copies: readonly Copied[]; readonly refused: readonly string[] }> {
  const copies: Copied[] = [];
  const refused: string[] = [];
  for (const { kind, name, source, at } of mounts) {
    const called = `${kind} ${name === undefined || /^[0-9a-f]{64}$/.test(name) ? '' : `${name} `}at ${at}`;
    const why =
      kind === 'volume' || kind === 'bind'
        ? await whyNotCopied(source, at)
        : kind === 'tmpfs'
          ? 'a trial has it in the file system of its container'
          : 'such a mount cannot be copied';
    if (why !== undefined) {
      refused.push(`Not carried over: the ${called}: ${why}`);
      continue;
    }
    const plain =
      basename(at)
        .replaceAll(/[^\w.-]+/g, '-')
        .replace(/^[.-]+/, '') || 'data';
    const to = copies.some((one) => one.to === plain) ? `${copies.length + 1}-${plain}` : plain;
    copies.push({ from: source, to, at });
  }
  return { copies, refused };
}

async function whyNotCopied(source: string, at: string): Promise<string | undefined> {
  if (!canBeWritten(source) || !canBeWritten(at)) return 'its path holds control characters';
  if (/[{}]/.test(source) || /[{}:,]/.test(at)) return 'its path holds characters that cannot stand in an experiment';
  try {
    const size = await sizeOf(source);
    return size;
  } catch (error) {
    return `it cannot be read from here (${(error as NodeJS.ErrnoException).code ?? 'no reason given'}); try as root, on the machine of the engine`;
  }
}

/** Why a folder or file is not to be copied for each trial; undefined where it can be. */
async function sizeOf(path: string): Promise<string | undefined> {
  let bytes = 0;
  let files = 0;
  const waiting = [path];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const status = await lstat(next);
    files += 1;
    bytes += status.blocks * 512;
    if (status.isSocket() || status.isFIFO() || status.isBlockDevice() || status.isCharacterDevice())
      return `${next === path ? 'it' : `${basename(next)} in it`} is a socket, a pipe or a device`;
    if (bytes > COPY_BYTES) return `it holds more than ${formatBytes(COPY_BYTES)}, too much to copy for each trial`;
    if (files > COPY_FILES) return `it holds more than ${COPY_FILES} files, too many to copy for each trial`;
    if (status.isDirectory()) for await (const entry of await opendir(next)) waiting.push(join(next, entry.name));
  }
  return undefined;
}
