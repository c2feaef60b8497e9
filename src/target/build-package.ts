import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { digestFile } from './digest-file.ts';
import { runGo } from './go-tool.ts';
import type { GoTool } from './go-tool.ts';
import { cannotBuild, readPackageSources } from './package-sources.ts';

/** A built program and where it stands. */
export interface BuiltPackage {
  readonly path: string;
  readonly digest: string;
  readonly importPath: string;
}

/** Builds that were not used for so long are deleted: they can be made again. */
const KEEP_MILLISECONDS = 30 * 24 * 3600 * 1000;

/**
 * Builds a main package, or finds it built: the cache knows it by everything that goes into it. Two gctunes may do so at the same time;
 * both build, one of the two equal results stays. A cached file that was damaged is built again.
 */
export async function buildPackage(
  tool: GoTool,
  flags: readonly string[],
  cacheDirectory: string,
): Promise<BuiltPackage> {
  // Without -buildvcs=false the same sources would give another binary after each commit. The user's flags come last and count.
  const allFlags = ['-trimpath', '-buildvcs=false', ...flags];
  const { importPath, key, goVersion } = await readPackageSources(tool, allFlags);
  const builds = join(cacheDirectory, 'builds');
  const folder = join(builds, key);
  const name = executableName(importPath) + (tool.platform.os === 'windows' ? '.exe' : '');
  const cached = await readCached(folder, name, tool.signal);
  if (cached !== undefined) return { ...cached, importPath };

  tool.onProgress(`building ${importPath} with ${goVersion}`);
  const unfinished = join(builds, `.${key}.${randomUUID()}`);
  await mkdir(unfinished, { recursive: true });
  try {
    const program = join(unfinished, name);
    const built = await runGo(tool, ['build', ...allFlags, '-o', program, '--', '.']);
    if (!built.ok) throw cannotBuild(tool.directory, built.complaint);
    await writeFile(join(unfinished, 'digest'), await digestFile(program, tool.signal));
    await putInPlace(unfinished, folder);
    await deleteUnused(builds, key);
    return { path: join(folder, name), digest: await readFile(join(folder, 'digest'), 'utf8'), importPath };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function readCached(
  folder: string,
  name: string,
  signal: AbortSignal,
): Promise<{ path: string; digest: string } | undefined> {
  const path = join(folder, name);
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

/** What go names a program: the last element of the import path that is no major version (cmd/go, DefaultExecName). */
function executableName(importPath: string): string {
  const name = basename(importPath);
  const above = importPath.slice(0, -name.length - 1);
  return /^v\d+$/.test(name) && above !== '' ? basename(above) : name;
}
