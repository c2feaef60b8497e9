import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Address } from '../../src/runner/runner.ts';

/** A server that does next to nothing, in a process of its own. */
export interface TrivialServer extends AsyncDisposable {
  readonly address: Address;
  readonly language: 'Go' | 'Node.js';
}

/** Starts the trivial server under a command prefix (such as `taskset -c 0`): the Go one if Go is there. */
export async function startTrivialServer(prefix: readonly string[]): Promise<TrivialServer> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-bench-'));
  const program = join(folder, 'trivial-server');
  const build = await execa('go', ['build', '-o', program, source('main.go')], { reject: false, cwd: folder });
  const built = build.exitCode === 0;
  const argv = [...prefix, ...(built ? [program] : [process.execPath, source('server.ts')])];
  const child = execa(argv[0] ?? '', argv.slice(1), { reject: false, buffer: false, stdin: 'ignore' });
  const [host = '', port = ''] = String(await once(child.stdout, 'data'))
    .trim()
    .split(':');
  return {
    address: { host, port: Number(port) },
    language: built ? 'Go' : 'Node.js',
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await child;
      await rm(folder, { recursive: true });
    },
  };
}

function source(name: string): string {
  return fileURLToPath(new URL(`./trivial-server/${name}`, import.meta.url));
}
