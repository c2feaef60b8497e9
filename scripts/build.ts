// Bundles src to dist. Run by `npm run build`, and by npm after `npm ci` in a clone (`prepare`).
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writePageScript } from './page-script.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/** Loaded when they are used, and then by Node: they are CommonJS, or carry files of their own. */
const external = ['@kubernetes/client-node', 'dockerode', 'execa', 'tar-stream', 'undici', 'yaml', 'yargs'];

async function build(): Promise<number> {
  const esbuild = await import('esbuild').catch(() => undefined);
  if (esbuild === undefined) {
    if (existsSync(join(dist, 'main.js'))) return 0;
    process.stderr.write('dist is missing and esbuild is not installed: run npm ci without --omit=dev\n');
    return 1;
  }
  // Bundled beside dist and then put in its place: nothing stale stays, and a failed build leaves the old one.
  const fresh = join(root, `dist.${process.pid}.tmp`);
  try {
    const { metafile } = await esbuild.build({
      absWorkingDir: root,
      entryPoints: [
        { in: 'src/main.ts', out: 'main' },
        // The load generator is a process of its own, and is looked for beside the code that starts it.
        { in: 'src/workload/generator-process.ts', out: 'chunks/generator-process' },
      ],
      bundle: true,
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      format: 'esm',
      platform: 'node',
      target: 'node24',
      external,
      // A report of a bug names functions and lines that can be found.
      sourcemap: true,
      sourcesContent: false,
      metafile: true,
      outdir: fresh,
      logLevel: 'warning',
    });
    await writePageScript(fresh);
    writeFileSync(
      join(fresh, 'LICENSES.txt'),
      licences([...Object.keys(metafile.inputs), 'node_modules/@noble/hashes/']),
    );
    chmodSync(join(fresh, 'main.js'), 0o755);
    rmSync(dist, { recursive: true, force: true });
    renameSync(fresh, dist);
    return 0;
  } catch (error) {
    // esbuild has said what is wrong with the sources.
    if (error instanceof Error && 'errors' in error) return 1;
    throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** The licences of the packages of which code is in the bundle, as they ask. */
function licences(inputs: readonly string[]): string {
  const packages = new Set(inputs.flatMap((path) => /^(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  return [...packages]
    .toSorted()
    .map((folder) => {
      const file = readdirSync(join(root, folder)).find((name) => /^licen[cs]e/i.test(name)) ?? 'package.json';
      return `${folder.slice('node_modules/'.length)}\n\n${readFileSync(join(root, folder, file), 'utf8').trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

process.exitCode = await build();
