import { homedir } from 'node:os';
import { join, posix, win32 } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import { ownFolder } from './own-folder.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Where gctune keeps what it can make again: `GCTUNE_CACHE`, else the platform's cache folder as XDG, macOS and Windows have it. */
export function defaultCacheDirectory(env: Env, platform: string, home: string = homedir()): string {
  if (env['GCTUNE_CACHE']) return env['GCTUNE_CACHE'];
  if (platform === 'win32') {
    return win32.join(env['LOCALAPPDATA'] || win32.join(home, 'AppData', 'Local'), 'gctune', 'Cache');
  }
  if (platform === 'darwin') return posix.join(home, 'Library', 'Caches', 'gctune');
  // The XDG Base Directory Specification says that relative paths are to be ignored.
  const xdg = env['XDG_CACHE_HOME'];
  return posix.join(xdg !== undefined && posix.isAbsolute(xdg) ? xdg : posix.join(home, '.cache'), 'gctune');
}

/**
 * The cache folder, made where it is not there. Throws EnvironmentError `unsafe-cache` where somebody else could put
 * something into it: what lies there is run.
 */
export function ownCacheDirectory(env: Env): string {
  const named = defaultCacheDirectory(env, process.platform);
  const found = ownFolder(named);
  if (!('problem' in found)) return found.folder;
  throw new EnvironmentError(
    'unsafe-cache',
    `the cache folder ${named} is not safe: ${found.folder} ${found.problem}`,
    {
      hint: 'programs are built and started there; set GCTUNE_CACHE to a folder that only you can write to',
    },
  );
}

/** A folder of this purpose in the user's own cache; undefined where there is no safe place for it. */
export function ownPlace(
  env: Env,
  purpose: 'builds' | 'compile-cache' | 'processes' | 'scratch' | 'working-directory',
): string | undefined {
  const found = ownFolder(join(defaultCacheDirectory(env, process.platform), purpose));
  return 'problem' in found ? undefined : found.folder;
}
