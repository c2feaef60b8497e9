import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

/** Where gctune keeps what it can make again: `GCTUNE_CACHE`, else the platform's cache folder as XDG, macOS and Windows have it. */
export function defaultCacheDirectory(
  env: Readonly<Record<string, string | undefined>>,
  platform: string,
  home: string = homedir(),
): string {
  if (env['GCTUNE_CACHE']) return env['GCTUNE_CACHE'];
  if (platform === 'win32') {
    return win32.join(env['LOCALAPPDATA'] || win32.join(home, 'AppData', 'Local'), 'gctune', 'Cache');
  }
  if (platform === 'darwin') return posix.join(home, 'Library', 'Caches', 'gctune');
  // The XDG Base Directory Specification says that relative paths are to be ignored.
  const xdg = env['XDG_CACHE_HOME'];
  return posix.join(xdg !== undefined && posix.isAbsolute(xdg) ? xdg : posix.join(home, '.cache'), 'gctune');
}
