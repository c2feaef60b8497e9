import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultCase, Need } from './try-case.ts';

const answers = (program: string, ...args: readonly string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
};

const probes: Readonly<Record<Need, () => boolean>> = {
  root: () => process.getuid?.() === 0,
  docker: () => answers('docker', 'version', '--format', '{{.Server.Version}}'),
  dockerd: () => process.getuid?.() === 0 && answers('dockerd', '--version'),
  tmux: () => answers('tmux', '-V'),
  script: () => answers('script', '--version'),
  chattr: () => answers('sh', '-c', 'command -v chattr'),
};

const known = new Map<Need, boolean>();

/** What a case needs and this machine has not. */
export function absentOf({ runner, needs = [] }: FaultCase): readonly Need[] {
  const all = [...needs, ...(runner === 'docker' ? (['docker'] as const) : [])];
  return all.filter((need) => {
    const has = known.get(need) ?? probes[need]();
    known.set(need, has);
    return !has;
  });
}

/** The harness's target, built statically so that it runs in an empty image too; gone when disposed. */
export async function buildTarget(): Promise<AsyncDisposable & { readonly binary: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'gctune-faulty-'));
  const binary = join(folder, 'faulty');
  execFileSync('go', ['build', '-o', binary, '.'], {
    cwd: join(import.meta.dirname, 'target'),
    env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local' },
  });
  return { binary, [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }) };
}
