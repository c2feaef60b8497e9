import { createHash, randomBytes } from 'node:crypto';
import { relative } from 'node:path';
import type Docker from 'dockerode';
import { EnvironmentError, UserError } from '../../errors.ts';
import type { TargetSource } from '../../experiment/experiment.ts';
import type { Artifact } from '../../target/artifact.ts';
import { until } from './bounded-calls.ts';
import { ignoreGone, removeContainer } from './container-daemon.ts';
import { ownLabels } from './owned.ts';
import { isUnreachable } from './engine.ts';
import { followEngine } from './engine-progress.ts';
import { UNKNOWN_BUILD_INFO } from '../go-process.ts';
import { findGoProgram } from './image-program.ts';
import { ownerMark } from '../owner.ts';

/** A target that only a container engine can start. */
export type ImageSource = Extract<TargetSource, { readonly kind: 'image' | 'dockerfile' }>;

/** Lines of a failed build that are shown. */
const SHOWN_LINES = 40;

/**
 * Finds or makes the image, and the Go program in it unless it may be any. Throws EnvironmentError `image-unavailable` or `build-failed`, and UserError
 * `not-a-go-program`. Behind a script the program may not be known before it runs; then the build info is `unknown` and the launch verifies it.
 */
export async function resolveImage(
  source: ImageSource,
  docker: Docker,
  signal: AbortSignal,
  onProgress: (line: string) => void,
  anyProgram = false,
): Promise<Artifact> {
  const name = source.kind === 'image' ? source.reference : source.file;
  const id =
    source.kind === 'image'
      ? await presentImage(source.reference, until(docker, signal), signal, onProgress)
      : await buildImage(source, until(docker, signal), signal, onProgress);
  const { container: told } = source;
  const of = { kind: 'image', reference: id, digest: id, container: told } as const;
  if (anyProgram) return { ...of, description: name, buildInfo: UNKNOWN_BUILD_INFO };
  const { Config: own } = await until(docker, signal).getImage(id).inspect();
  const Config = {
    ...own,
    ...(told?.entrypoint === undefined ? {} : { Entrypoint: [...told.entrypoint], Cmd: [] }),
    ...(told?.workdir === undefined ? {} : { WorkingDir: told.workdir }),
  };
  const ownName = `gctune-resolve-${randomBytes(4).toString('hex')}`;
  const container = await docker.createContainer({
    name: ownName,
    Image: id,
    // Never started: it only opens the image's files. An image without any command needs one to be created.
    Cmd: ['none'],
    Labels: ownLabels(ownName, 'resolve', await ownerMark()),
    HostConfig: { NetworkMode: 'none' },
  });
  try {
    const program = await findGoProgram(container, Config, signal);
    if (program === 'not-go') {
      throw new UserError({
        code: 'not-a-go-program',
        message: `${name} does not start a Go program (its command is ${JSON.stringify([Config.Entrypoint ?? [], Config.Cmd ?? []].flat())})`,
        hint: 'gctune measures the Go garbage collector, so the target must be a program built with Go',
      });
    }
    const buildInfo = program === 'unknown' ? UNKNOWN_BUILD_INFO : program.buildInfo;
    const built =
      program === 'unknown' ? 'Go version determined at launch' : `built with ${program.buildInfo.goVersion}`;
    return { ...of, description: `${name}, ${built}`, buildInfo };
  } finally {
    // What cannot be removed now has its mark, and is found by `gctune clean`.
    await removeContainer(container).catch(() => undefined);
  }
}

async function presentImage(
  reference: string,
  docker: Docker,
  abortSignal: AbortSignal,
  onProgress: (line: string) => void,
): Promise<string> {
  const image = docker.getImage(reference);
  try {
    return (await image.inspect()).Id;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== 404) throw error;
  }
  onProgress(`pulling ${reference}`);
  try {
    await followEngine(docker, await docker.pull(reference), ({ status }) => {
      // The bars of single layers would be thousands of lines.
      if (status !== undefined && !status.endsWith('ing')) onProgress(status);
    });
    return (await image.inspect()).Id;
  } catch (error) {
    abortSignal.throwIfAborted();
    if (isUnreachable(error)) throw error;
    throw new EnvironmentError(
      'image-unavailable',
      `Image ${reference} is not on this machine and could not be pulled: ${reasonOf(error)}`,
      { hint: `Check the name, or load it first: \`docker pull ${reference}\` or \`docker load\``, cause: error },
    );
  }
}

async function buildImage(
  source: Extract<ImageSource, { kind: 'dockerfile' }>,
  docker: Docker,
  abortSignal: AbortSignal,
  onProgress: (line: string) => void,
): Promise<string> {
  const dockerfile = relative(source.context, source.file);
  if (dockerfile.startsWith('..')) {
    throw new UserError({
      code: 'dockerfile-outside-context',
      message: `${source.file} is not inside its build context ${source.context}`,
      hint: 'Move it in, or set `target.context` to a folder above it',
    });
  }
  // One name for each Dockerfile, so that a rebuild replaces the image before it.
  const tag = `gctune/build:${createHash('sha256').update(source.file).digest('hex').slice(0, 12)}`;
  const idOfTag = (): Promise<string | undefined> =>
    docker
      .getImage(tag)
      .inspect()
      .then(({ Id }) => Id)
      .catch(() => undefined);
  const before = await idOfTag();
  const output: string[] = [];
  try {
    // dockerode packs the context and heeds .dockerignore.
    const stream = await docker.buildImage(
      { context: source.context, src: ['.'] },
      { t: tag, dockerfile, rm: true, forcerm: true },
    );
    await followEngine(docker, stream, (event) => {
      const line = (event.stream ?? event.status ?? '').trimEnd();
      if (line === '') return;
      output.push(line);
      onProgress(line);
    });
  } catch (error) {
    abortSignal.throwIfAborted();
    if (isUnreachable(error)) throw error;
    throw new EnvironmentError('build-failed', `${source.file} could not be built: ${reasonOf(error)}`, {
      hint: 'If it needs BuildKit, build it with `docker build` and give the result as `target.image`',
      details: output.slice(-SHOWN_LINES),
      cause: error,
    });
  }
  const id = await idOfTag();
  if (id === undefined) throw new Error(`The engine built ${tag} but does not have it`);
  if (before !== undefined && before !== id) await docker.getImage(before).remove().catch(ignoreGone);
  return id;
}

function reasonOf(error: unknown): string {
  return (error as Error).message.replace(/^\(HTTP code \d+\) [^-]* - /, '').trim();
}
