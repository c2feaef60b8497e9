// Bundles the script of a report's page: `dist/page-script.js`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The script as one text, which is the same wherever it is made. */
export async function pageScript(): Promise<string> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/page-script/main.ts'],
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: ['chrome120', 'firefox120', 'safari17'],
    alias: { 'node:crypto': './src/page-script/crypto.ts' },
    legalComments: 'none',
    charset: 'utf8',
    write: false,
    logLevel: 'warning',
  });
  const [file] = outputFiles;
  // What would end the element that it stands in.
  return (file?.text ?? '').trim().replaceAll('</script', '<\\/script');
}

/** Writes it into a folder. */
export async function writePageScript(folder: string = join(root, 'dist')): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'page-script.js'), await pageScript());
}
