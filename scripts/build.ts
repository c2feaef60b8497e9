// Compiles src to dist. Run by `npm run build`, and by npm after `npm ci` in a clone (`prepare`).
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/** The compiler's own script, or undefined where the development dependencies are not installed. */
function compiler(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
    return join(dirname(manifest), 'bin/tsc');
  } catch {
    return undefined;
  }
}

function build(): number {
  const tsc = compiler();
  if (tsc === undefined) {
    if (existsSync(join(dist, 'main.js'))) return 0;
    process.stderr.write('dist is missing and TypeScript is not installed: run npm ci without --omit=dev\n');
    return 1;
  }
  // Compiled beside dist and then put in its place: nothing stale stays, and a failed build leaves the old one.
  const fresh = join(root, `dist.${process.pid}.tmp`);
  try {
    const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', fresh];
    const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', cwd: root });
    if (status !== 0) return status ?? 1;
    chmodSync(join(fresh, 'main.js'), 0o755);
    rmSync(dist, { recursive: true, force: true });
    renameSync(fresh, dist);
    return 0;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

process.exitCode = build();
