import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { EnvironmentError, UserError } from '../errors.ts';
import { nodeNamesOf } from '../executable/platform.ts';
import type { Platform } from '../executable/platform.ts';

/** A file of an installed npm package. */
export interface NpmFile {
  readonly path: string;
  /** `<package> <version>`. */
  readonly package: string;
}

const PREFIX = 'npm:';

/** Whether a binary is given as `npm:<package>/<path inside>`. */
export function isNpmPath(path: string): boolean {
  return path.startsWith(PREFIX);
}

/**
 * Finds `npm:<package>/<path inside>` the way Node.js finds packages from gctune's own place. `{platform}` and `{arch}` stand for what Node.js calls
 * them, since that is how packages of native programs are named. Throws UserError `bad-npm-path` and EnvironmentError `package-missing`.
 */
export async function findNpmFile(
  specifier: string,
  platform: Platform,
  from: string = import.meta.url,
): Promise<NpmFile> {
  const names = nodeNamesOf(platform);
  const text = specifier
    .slice(PREFIX.length)
    .replaceAll('{platform}', names.platform)
    .replaceAll('{arch}', names.architecture);
  const [, name, inside] = /^((?:@[\w.-]+\/)?[\w-][\w.-]*)\/(.+)$/.exec(text) ?? [];
  if (name === undefined || inside === undefined || inside.split(/[\\/]/).includes('..')) {
    throw new UserError({
      code: 'bad-npm-path',
      message: `${specifier} does not name a file of a package`,
      hint: 'Write npm:<package>/<path inside>, for example npm:@typescript/typescript-{platform}-{arch}/lib/tsc',
    });
  }
  // resolve() itself would obey the package's exports, which seldom list programs.
  const folders = createRequire(from).resolve.paths(name) ?? [];
  const folder = folders.map((each) => join(each, name)).find((each) => existsSync(join(each, 'package.json')));
  if (folder === undefined) {
    throw new EnvironmentError('package-missing', `the npm package ${name} is not installed`, {
      hint: `Run \`npm install ${name}\` where gctune is installed; if it is an optional dependency, install without --omit=optional`,
    });
  }
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version?: string };
  const suffix = platform.os === 'windows' && extname(inside) === '' ? '.exe' : '';
  return { path: join(folder, inside + suffix), package: `${name} ${version ?? ''}`.trim() };
}
