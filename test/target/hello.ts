import { tmpdir } from 'node:os';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { execa } from 'execa';

/** A folder that goes with the test. */
export async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-target-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a module with one small program into a folder and returns it. */
export async function writeHello(folder: string, source = 'println("hello")'): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'go.mod'), 'module example.com/hello\n\ngo 1.19\n');
  await writeFile(join(folder, 'main.go'), `package main\n\nfunc main() { ${source} }\n`);
  return folder;
}

/** Builds a package with a go command and returns the binary's path. */
export async function goBuild(
  directory: string,
  output: string,
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
  go = 'go',
): Promise<string> {
  await execa(go, ['build', ...flags, '-o', output, '.'], {
    cwd: directory,
    env: { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '', ...env },
  });
  return output;
}
