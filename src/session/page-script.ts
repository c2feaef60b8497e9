import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { packageFolder } from '../package-folder.ts';
import type { PageScript } from '../report/page.ts';

/** The script of a report's page, with its hash for the content policy; undefined in a checkout that was not built. */
export async function builtPageScript(): Promise<Omit<PageScript, 'data'> | undefined> {
  const file = new URL('dist/page-script.js', packageFolder());
  const code = await readFile(file, 'utf8').catch(() => undefined);
  if (code === undefined) return undefined;
  return { code, hash: createHash('sha256').update(code, 'utf8').digest('base64') };
}
