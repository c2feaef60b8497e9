import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import type { Address } from '../src/runner/runner.ts';
import { defaultCacheDirectory } from '../src/target/cache-directory.ts';
import { platformOfNode } from '../src/executable/platform.ts';
import { resolveTarget } from '../src/target/resolve-target.ts';

const kubo = {
  kind: 'module',
  package: 'github.com/ipfs/kubo/cmd/ipfs',
  version: 'v0.42.0',
  replaces: [],
  flags: [],
} as const;

/**
 * The path of kubo's program, which is built once per machine: about two minutes and 1.2 GB of Go's caches. The first
 * test that needs it waits. GCTUNE_TEST_KUBO names a program that is there already.
 */
export async function kuboBinary(): Promise<string> {
  const given = process.env['GCTUNE_TEST_KUBO'];
  if (given !== undefined) return given;
  const { reference } = await resolveTarget(kubo, {
    cacheDirectory: defaultCacheDirectory(process.env, process.platform),
    platform: platformOfNode(process.platform, process.arch),
    owner: '-',
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  return reference;
}

/** A kubo daemon that talks to nobody but itself and whom it is told to. Disposing it ends it and deletes its data. */
export interface KuboNode extends AsyncDisposable {
  /** Of its RPC API. */
  readonly address: Address;
  /** Posts a command and returns what is answered; throws on anything but 200. */
  rpc(command: string): Promise<unknown>;
}

/** Starts a daemon on free ports of loopback; `--offline` daemons know no other nodes. */
export async function startKubo(...args: readonly '--offline'[]): Promise<KuboNode> {
  const program = await kuboBinary();
  const folder = await mkdtemp(join(tmpdir(), 'gctune-kubo-'));
  const env = { IPFS_PATH: join(folder, 'data'), IPFS_TELEMETRY: 'off' };
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await execa(program, ['init', '--profile=test'], { env });
    await configure(join(env.IPFS_PATH, 'config'));
    const daemon = execa(program, ['daemon', ...args], { env, stdin: 'ignore', reject: false, all: true });
    const stop = async (): Promise<void> => {
      daemon.kill('SIGKILL');
      await daemon;
      await remove();
    };
    const port = await rpcPort(daemon).catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    const rpc = async (command: string): Promise<unknown> => {
      const response = await fetch(`http://127.0.0.1:${port}/api/v0/${command}`, { method: 'POST' });
      const text = await response.text();
      if (!response.ok) throw new Error(`${command}: ${response.status} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    };
    return { address: { host: '127.0.0.1', port }, rpc, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** What the `test` profile leaves that would ask others. */
async function configure(file: string): Promise<void> {
  const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, Record<string, unknown>>;
  config['Addresses'] = { ...config['Addresses'], API: '/ip4/127.0.0.1/tcp/0', Gateway: [] };
  config['Routing'] = { Type: 'none' };
  config['Provide'] = { Enabled: false };
  config['HTTPRetrieval'] = { Enabled: false };
  await writeFile(file, JSON.stringify(config));
}

/** The port that the daemon says it serves on, once it is ready. */
async function rpcPort(daemon: { readonly all: NodeJS.ReadableStream }): Promise<number> {
  let port: number | undefined;
  const lines: string[] = [];
  for await (const line of createInterface(daemon.all)) {
    lines.push(line);
    const found = /^RPC API server listening on \/ip4\/127\.0\.0\.1\/tcp\/(\d+)/.exec(line)?.[1];
    if (found !== undefined) port = Number(found);
    if (line.includes('Daemon is ready') && port !== undefined) return port;
  }
  throw new Error(`kubo ended before it was ready:\n${lines.join('\n')}`);
}
