import { existsSync } from 'node:fs';

/** The folder of gctune's own package.json, which both `src` and what is built of it lie in. */
export function packageFolder(): URL {
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) folder = new URL('..', folder);
  return folder;
}
