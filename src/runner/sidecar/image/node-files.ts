import { realpath } from 'node:fs/promises';
import { execa } from 'execa';
import { EnvironmentError } from '../../../errors.ts';
import type { ImageEntry } from './docker-archive.ts';

/** Where Node is in the image. */
export const NODE_PATH = '/usr/bin/node';

/** The Node that runs this, and the shared libraries and loader that it needs, each where it looks for it. Throws EnvironmentError `no-ldd`. */
export async function nodeFiles(): Promise<readonly ImageEntry[]> {
  const node = await realpath(process.execPath);
  const entries: ImageEntry[] = [{ kind: 'file', path: NODE_PATH.slice(1), from: node, mode: 0o755 }];
  for (const library of await librariesOf(node)) {
    entries.push({ kind: 'file', path: library.slice(1), from: await realpath(library), mode: 0o755 });
  }
  return entries;
}

/** Paths of the libraries and of the loader of a program; none of a static one. */
async function librariesOf(program: string): Promise<readonly string[]> {
  const ldd = await execa('ldd', [program], { reject: false, timeout: 30_000 });
  if (ldd.exitCode === undefined) {
    throw new EnvironmentError('no-ldd', 'there is no ldd, which shows the libraries that Node needs', {
      hint: 'on Debian it is in libc-bin',
      cause: ldd,
    });
  }
  const { found, missing } = parseLdd(ldd.stdout);
  if (missing.length > 0) {
    throw new EnvironmentError('node-incomplete', `Node’s own libraries are missing: ${missing.join(', ')}`);
  }
  return found;
}

/** Lines of ldd(1): `libm.so.6 => /lib/libm.so.6 (0x…)`, `/lib64/ld-linux-x86-64.so.2 (0x…)`, `libx.so => not found`. */
export function parseLdd(text: string): { readonly found: readonly string[]; readonly missing: readonly string[] } {
  const lines = text.split('\n');
  return {
    found: lines.flatMap((line) => /(?:^|=>)\s*(\/\S+) \(0x[0-9a-f]+\)$/.exec(line)?.[1] ?? []),
    missing: lines.flatMap((line) => /^\s*(\S+) => not found$/.exec(line)?.[1] ?? []),
  };
}
