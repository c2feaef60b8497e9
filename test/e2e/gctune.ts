import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'node:test';
import { ownerState } from '../../src/runner/owner.ts';
import { ownPlace } from '../../src/target/cache-directory.ts';

/** The checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url));
/** The program as the tests run it. */
export const main = join(root, 'src/main.ts');

/** How a run of gctune ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs gctune as a user does, without a terminal, and waits for its end. */
export async function gctune(
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly onSpawn?: (pid: number) => void;
  } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: options.cwd ?? root,
    env: { ...process.env, CI: 'true', NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) options.onSpawn?.(child.pid);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, stdout, stderr };
}

/** An experiment of heapd with one level, as short as its warm-up and window, whose trials count however noisy the machine is. */
export function tinyExperiment(name: string, blocks: number, phases: string): string {
  return `name: ${name}
target:
  package: ${join(root, 'experiments/targets/heapd')}
  args: [--listen, "{host}:{port}", --live, 2MiB]
  port: auto
  ready: { http: /healthz, within: 20s }
runner: process
matrix: { gogc: [100] }
workloads: { steady: { http: { path: /work, rate: 50/s } } }
phases: ${phases}
validity: { drift: 100%, achieved_rate: 1%, lateness: 5s }
blocks: ${blocks}
`;
}

/** The folders of the trials of the one run among some results. */
export async function trialFolders(results: string): Promise<readonly string[]> {
  const [run = ''] = await readdir(results);
  const trials = join(results, run, 'trials');
  return (await readdir(trials)).map((name) => join(trials, name));
}

/** A folder that is gone after the test. */
export async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** What was there before this file's tests, left by a gctune that was killed earlier: not theirs to answer for. */
const before: ReadonlySet<string> = new Set(await present());

/** What of ours has come onto the machine since this file's tests began, and is still there. */
export async function leftovers(): Promise<readonly string[]> {
  return (await present()).filter((item) => !before.has(item));
}

/** What of ours is on the machine, but for what a gctune that lives owns, since others may run one at the same time: containers, images and networks by label, processes by mark, scratch folders. */
async function present(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const place of [tmpdir(), ownPlace(process.env, 'scratch') ?? tmpdir()]) {
    for (const name of await readdir(place)) {
      if (!name.startsWith('gctune-scratch-')) continue;
      const mark = await readFile(join(place, name, '.gctune-owner.json'), 'utf8').catch(() => '{}');
      const { owner = '' } = JSON.parse(mark) as { owner?: string };
      if ((await ownerState(owner)) !== 'alive') found.push(`folder ${name}`);
    }
  }
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const owner = /(?:^|\0)GCTUNE_OWNER=([^\0]*)/.exec(environmentOf(pid))?.[1];
    if (owner !== undefined && (await ownerState(owner)) !== 'alive') found.push(`process ${pid}`);
  }
  for (const [kind, args, owner] of [
    ['container', ['ps', '-aq'], '{{index .Config.Labels "gctune.owner"}}'],
    ['network', ['network', 'ls', '-q'], '{{index .Labels "gctune.owner"}}'],
    ['image', ['images', '-q'], '{{index .Config.Labels "gctune.owner"}}'],
  ] as const) {
    for (const id of docker([...args, '--filter', 'label=gctune.run'])) {
      const [mark] = docker(['inspect', '--format', owner, id]);
      if (mark !== undefined && (await ownerState(mark)) !== 'alive') found.push(`${kind} ${id}`);
    }
  }
  return found;
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

function docker(args: readonly string[]): readonly string[] {
  try {
    return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}
