import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Limits } from '../../src/experiment/experiment.ts';
import type { OutputLine } from '../../src/results/format.ts';
import type { Daemon, LaunchRequest } from '../../src/runner/runner.ts';
import type { Artifact } from '../../src/target/artifact.ts';

/** No limits but a generous one on processes. */
export const NO_LIMITS: Limits = { cpus: undefined, memoryBytes: undefined, pids: 512, pin: true, required: true };

/** A folder that is removed with the object. */
export interface Folder extends AsyncDisposable {
  readonly path: string;
}

export async function temporaryFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'gctune-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Builds one of the programs beside this file, statically unless told otherwise. */
export async function buildProgram(
  name: 'target' | 'init',
  folder: Folder,
  env: Readonly<Record<string, string>> = {},
): Promise<Artifact> {
  const reference = join(folder.path, [name, ...Object.values(env)].join('-'));
  await execa('go', ['build', '-o', reference, '.'], {
    cwd: join(import.meta.dirname, 'programs', name),
    env: { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod', ...env },
  });
  const digest = `sha256:${createHash('sha256')
    .update(await readFile(reference))
    .digest('hex')}`;
  const version = await execa('go', ['version', reference]);
  return {
    kind: 'binary',
    reference,
    digest,
    description: `the test's ${name}`,
    buildInfo: {
      goVersion: version.stdout.split(': ').at(-1) ?? '',
      path: `gctune.test/${name}`,
      mainModule: { path: `gctune.test/${name}`, version: '(devel)' },
      settings: { GOOS: env['GOOS'] ?? 'linux', ...(env['GOARCH'] === undefined ? {} : { GOARCH: env['GOARCH'] }) },
    },
  };
}

/** A request for a target with what the test does not care about filled in. */
export function requestFor(
  artifact: Artifact,
  args: readonly string[],
  more: Partial<LaunchRequest> = {},
): LaunchRequest {
  return {
    runId: `test-${process.pid}`,
    trialId: '001-01-gogc-100',
    artifact,
    args,
    env: {},
    port: undefined,
    ports: {},
    limits: NO_LIMITS,
    cpuset: undefined,
    workDirectory: undefined,
    dataDirectory: undefined,
    together: false,
    ...more,
  };
}

/** Reads lines until one has the text; the lines are kept for `rest`. */
export function follow(daemon: Daemon): {
  until(text: string): Promise<string>;
  rest(): Promise<readonly OutputLine[]>;
} {
  const lines = daemon.output[Symbol.asyncIterator]();
  const seen: OutputLine[] = [];
  return {
    until: async (text) => {
      for (;;) {
        const next = await lines.next();
        if (next.done === true) throw new Error(`ended without \`${text}\`: ${JSON.stringify(seen)}`);
        seen.push(next.value);
        if (next.value.text.includes(text)) return next.value.text;
      }
    },
    rest: async () => {
      for (let next = await lines.next(); next.done !== true; next = await lines.next()) seen.push(next.value);
      return seen;
    },
  };
}

/** All texts of one stream. */
export function texts(lines: readonly OutputLine[], stream: OutputLine['stream']): readonly string[] {
  return lines.filter((line) => line.stream === stream).map((line) => line.text);
}
