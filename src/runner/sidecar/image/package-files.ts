import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFolder } from '../../../package-folder.ts';
import type { ImageEntry } from './docker-archive.ts';

/** Where gctune and the packages that it needs are in the image. */
const PLACE = 'opt/gctune';

/** This gctune and every package that it needs, and the path at which it is started. */
export async function packageFiles(): Promise<{ readonly entries: readonly ImageEntry[]; readonly main: string }> {
  const own = fileURLToPath(packageFolder()).replace(/\/$/, '');
  const needed = packagesOf(own);
  const top = commonFolder([own, ...needed]);
  const placeOf = (path: string): string => join(PLACE, relative(top, path));
  // What runs this is what is to run there: the bundle, or in a clone the sources.
  const code = fileURLToPath(import.meta.url).startsWith(join(own, 'dist') + sep) ? 'dist' : 'src';
  const entries: ImageEntry[] = [
    { kind: 'file', path: placeOf(join(own, 'package.json')), from: join(own, 'package.json'), mode: 0o644 },
  ];
  for (const folder of [join(own, code), ...needed]) {
    for (const from of await filesIn(folder)) entries.push({ kind: 'file', path: placeOf(from), from, mode: 0o644 });
  }
  return { entries, main: `/${placeOf(join(own, code))}/main.${code === 'dist' ? 'js' : 'ts'}` };
}

/** What only the gctune outside the pods needs; it is larger than the rest of the packages together. */
const OUTSIDE = new Set(['@kubernetes/client-node']);

/** The folders of all packages that a package needs when it runs, and those need. */
function packagesOf(folder: string, found = new Set<string>()): readonly string[] {
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const at = findPackage(folder, name);
    // An optional one may be for another system.
    if (at === undefined || found.has(at) || OUTSIDE.has(name)) continue;
    found.add(at);
    packagesOf(at, found);
  }
  return [...found];
}

/** Where Node finds a package from a folder (nodejs.org, Loading from node_modules folders). */
function findPackage(from: string, name: string): string | undefined {
  for (let above = from; ; above = dirname(above)) {
    const at = join(above, 'node_modules', name);
    if (existsSync(join(at, 'package.json'))) return realpathSync(at);
    if (above === dirname(above)) return undefined;
  }
}

function commonFolder(paths: readonly string[]): string {
  let common = paths[0] ?? '/';
  const holds = (path: string): boolean => path === common || path.startsWith(common === '/' ? common : common + sep);
  while (!paths.every(holds)) common = dirname(common);
  return common;
}

/** What nobody needs to run a package. */
const UNUSED = /\.(?:map|md|markdown|d\.ts|d\.mts|d\.cts)$/i;

/** Plain files below a folder, without packages inside it, which are found by themselves. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') found.push(...(await filesIn(path)));
    else if (entry.isFile() && !UNUSED.test(entry.name)) found.push(path);
  }
  return found;
}
