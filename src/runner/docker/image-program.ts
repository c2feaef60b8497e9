import { createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import tar from 'tar-stream';
import type { BuildInfo } from '../../results/format.ts';
import { readBuildInfo } from '../../executable/build-info.ts';

/** The Go program of an image: a path with its build info, `unknown` behind a script, or `not-go`. */
export type ImageProgram = { readonly path: string; readonly buildInfo: BuildInfo } | 'unknown' | 'not-go';

/** Go programs that only prepare the ground for another one. */
const WRAPPERS = new Set(['github.com/tianon/gosu']);
/** Symbolic links that are followed, and files that are looked at, before giving up. */
const MOST_LINKS = 8;
const MOST_FILES = 24;
/** A script longer than this is not read further. */
const SCRIPT_BYTES = 256 * 1024;

/** How an image starts. */
export interface ImageCommand {
  readonly Entrypoint?: string | readonly string[] | undefined;
  readonly Cmd?: readonly string[] | null | undefined;
  readonly Env?: readonly string[] | null | undefined;
  readonly WorkingDir?: string | undefined;
}

/** Follows an image's command through inits and scripts to the first Go program. `container` was created from the image; it need not run. */
export async function findGoProgram(
  container: Docker.Container,
  command: ImageCommand,
  abortSignal: AbortSignal,
): Promise<ImageProgram> {
  const path = command.Env?.find((text) => text.startsWith('PATH='))?.slice('PATH='.length);
  const folders = (path ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin').split(':');
  const waiting = [command.Entrypoint ?? [], command.Cmd ?? []].flat().filter((word) => !word.startsWith('-'));
  const seen = new Set<string>();
  let script = false;
  const scratch = await mkdtemp(join(tmpdir(), 'gctune-image-'));
  try {
    while (waiting.length > 0 && seen.size < MOST_FILES) {
      const word = waiting.shift() as string;
      if (/\s/.test(word)) {
        // The text of `sh -c`.
        script = true;
        waiting.unshift(...programsOfScript(word));
        continue;
      }
      if (seen.has(word)) continue;
      seen.add(word);
      const places = word.includes('/')
        ? [posix.resolve('/', command.WorkingDir ?? '/', word)]
        : folders.map((folder) => posix.join(folder, word));
      const found = await firstFile(container, places, join(scratch, 'program'), abortSignal);
      if (found === undefined) continue;
      const buildInfo = await readBuildInfo(found.copy);
      if (buildInfo !== undefined && !WRAPPERS.has(buildInfo.path)) return { path: found.path, buildInfo };
      const text = await scriptText(found.copy);
      if (text === undefined) continue;
      script = true;
      waiting.unshift(...programsOfScript(text));
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return script ? 'unknown' : 'not-go';
}

/** Words of a script that may be programs: what `exec` is given (behind a switch of user, too), and absolute paths. */
export function programsOfScript(text: string): readonly string[] {
  const words: string[] = [];
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  for (const line of lines) {
    const replaced = /(?:^|[\s;&|])exec\s+([^;&|]+)/.exec(line)?.[1] ?? (lines.length === 1 ? line : '');
    words.push(...replaced.split(/\s+/).filter((word) => /^[\w./+-]+$/.test(word) && !word.startsWith('-')));
    words.push(...(line.match(/(?<![\w.$}])\/[\w./+-]+/g) ?? []));
  }
  return [...new Set(words)];
}

async function firstFile(
  container: Docker.Container,
  places: readonly string[],
  copy: string,
  abortSignal: AbortSignal,
): Promise<{ path: string; copy: string } | undefined> {
  for (const place of places) {
    let path = place;
    for (let links = 0; links < MOST_LINKS; links += 1) {
      const entry = await copyOut(container, path, copy, abortSignal);
      if (entry === undefined) break;
      if (entry.link === undefined) return { path, copy };
      path = posix.resolve(posix.dirname(path), entry.link);
    }
  }
  return undefined;
}

/** Copies one file out of a container; a link is told, not followed. Undefined where there is no file. */
async function copyOut(
  container: Docker.Container,
  path: string,
  copy: string,
  abortSignal: AbortSignal,
): Promise<{ link: string | undefined } | undefined> {
  let archive: NodeJS.ReadableStream;
  try {
    archive = await container.getArchive({ path, abortSignal });
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    // 400: a part of the path is no directory.
    if (statusCode === 404 || statusCode === 400) return undefined;
    throw error;
  }
  let result: { link: string | undefined } | undefined;
  const extract = tar.extract();
  const unpacked = (async () => {
    for await (const entry of extract) {
      const { type, linkname } = entry.header;
      if (type === 'symlink' || type === 'link') result = { link: linkname ?? '' };
      if (type === 'file') {
        await pipeline(entry, createWriteStream(copy, { mode: 0o600 }));
        result = { link: undefined };
      }
      // A directory could hold anything: its first entry says so, and the rest is not wanted.
      if (type === 'directory') break;
      entry.resume();
    }
  })();
  await Promise.allSettled([pipeline(archive, extract), unpacked]);
  return result;
}

async function scriptText(file: string): Promise<string | undefined> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SCRIPT_BYTES), 0, SCRIPT_BYTES, 0);
    const text = buffer.toString('utf8', 0, bytesRead);
    return text.startsWith('#!') ? text : undefined;
  } finally {
    await handle.close();
  }
}
