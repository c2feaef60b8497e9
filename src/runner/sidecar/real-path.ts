import { lstat, readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';

/** Links that are followed before it is taken for a circle (path_resolution(7)). */
const MOST_LINKS = 40;

/**
 * Follows the links of a path below another root: the kernel would resolve an absolute link from our own. Undefined where
 * there is nothing.
 */
export async function realPathIn(root: string, path: string): Promise<string | undefined> {
  let links = 0;
  let real = '/';
  const waiting = path.split('/').filter(Boolean);
  while (waiting.length > 0) {
    const name = waiting.shift() as string;
    // posix.join takes `..` of the root for the root, as the kernel does.
    const next = posix.join(real, name);
    const status = await lstat(join(root, next)).catch(() => undefined);
    if (status === undefined) return undefined;
    if (!status.isSymbolicLink()) {
      real = next;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) return undefined;
    const to = await readlink(join(root, next));
    if (to.startsWith('/')) real = '/';
    waiting.unshift(...to.split('/').filter((part) => part !== '' && part !== '.'));
  }
  return real;
}
