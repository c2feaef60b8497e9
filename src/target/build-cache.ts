import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { digestFile } from './digest-file.ts';
import type { Platform } from '../executable/platform.ts';

/** A built program and where it stands. */
export interface Build {
  readonly path: string;
  /** `sha256:…` of the program. */
  readonly digest: string;
}

/** What a build is known by. */
export interface BuildName {
  /** Hex digest of everything that goes into it. */
  readonly key: string;
  /** The name of the program's file. */
  readonly program: string;
}

/** What stands for the run in the marks of a build, which is made before there is a run. */
export const BUILD_RUN = 'build';

/** Builds that were not used for so long are deleted: they can be made again. */
const KEEP_MILLISECONDS = 30 * 24 * 3600 * 1000;

/** Finds a build in the cache; undefined where it is not there or damaged, which takes it out. */
export async function findBuild(
  cacheDirectory: string,
  { key, program }: BuildName,
  signal: AbortSignal,
): Promise<Build | undefined> {
  const folder = join(buildsIn(cacheDirectory), key);
  const path = join(folder, program);
  try {
    const digest = await digestFile(path, signal);
    if (digest === (await readFile(join(folder, 'digest'), 'utf8'))) {
      await utimes(folder, new Date(), new Date());
      return { path, digest };
    }
  } catch (error) {
    signal.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
  // Damaged. A rename, because the folder must not be seen half deleted.
  const aside = `${folder}.${randomUUID()}`;
  await rename(folder, aside).catch(() => undefined);
  await rm(aside, { recursive: true, force: true });
  return undefined;
}

/**
 * Builds into the cache. `build` writes the program to the path it is given, and may use the folder it is given, which goes afterwards.
 * Two gctunes may do so at the same time; both build, one of the two equal results stays.
 */
export async function keepBuild(
  cacheDirectory: string,
  { key, program }: BuildName,
  { owner, signal }: { readonly owner: string; readonly signal: AbortSignal },
  build: (path: string, temporary: string) => Promise<void>,
): Promise<Build> {
  const builds = buildsIn(cacheDirectory);
  const folder = join(builds, key);
  return withTemporaryFolder(cacheDirectory, owner, async (unfinished) => {
    const temporary = join(unfinished, '.tmp');
    await mkdir(temporary);
    await build(join(unfinished, program), temporary);
    await rm(temporary, { recursive: true, force: true });
    await writeFile(join(unfinished, 'digest'), await digestFile(join(unfinished, program), signal));
    await putInPlace(unfinished, folder);
    await deleteUnused(builds, key);
    return { path: join(folder, program), digest: await readFile(join(folder, 'digest'), 'utf8') };
  });
}

/** Makes a folder among the builds, whose name tells whose it is, and deletes it after its use. */
export async function withTemporaryFolder<T>(
  cacheDirectory: string,
  owner: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  // A colon is a separator in lists of paths, which go has several of.
  const folder = join(buildsIn(cacheDirectory), `.${owner.replaceAll(':', '_')}.${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Folders of builds that are under way, or were when their gctune was killed, with the owners' marks. `builds`: where they are, if anywhere. */
export async function unfinishedBuilds(
  builds: string | undefined,
): Promise<readonly { readonly folder: string; readonly owner: string }[]> {
  if (builds === undefined) return [];
  const names = await readdir(builds).catch(() => []);
  return names.flatMap((name) => {
    const [, owner] = /^\.([\w-]+)\.[\w-]+$/.exec(name) ?? [];
    if (owner === undefined) return [];
    return [{ folder: join(builds, name), owner: owner.replaceAll('_', ':') }];
  });
}

/** What go names a program: the last element of the import path that is no major version (cmd/go, DefaultExecName). */
export function programName(importPath: string, platform: Platform): string {
  const last = basename(importPath);
  const above = importPath.slice(0, -last.length - 1);
  const name = /^v\d+$/.test(last) && above !== '' ? basename(above) : last;
  return platform.os === 'windows' ? `${name}.exe` : name;
}

function buildsIn(cacheDirectory: string): string {
  return join(cacheDirectory, 'builds');
}

/** Renames a finished folder to its name; where another gctune was first, its folder is as good. */
async function putInPlace(unfinished: string, folder: string): Promise<void> {
  try {
    await rename(unfinished, folder);
  } catch (error) {
    // What rename says of a folder that is there and not empty: rename(2), and EPERM on Windows.
    if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await stat(folder);
  }
}

/** Deletes builds, and what killed gctunes left of builds, that nobody has used for a long time. */
async function deleteUnused(builds: string, key: string): Promise<void> {
  const oldest = Date.now() - KEEP_MILLISECONDS;
  for (const name of await readdir(builds)) {
    const folder = join(builds, name);
    // Another gctune may delete the same.
    const used = await stat(folder).catch(() => undefined);
    if (name !== key && used !== undefined && used.mtimeMs < oldest) await rm(folder, { recursive: true, force: true });
  }
}
