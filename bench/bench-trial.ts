import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrialRecord } from '../src/results/format.ts';
import { cpuSeconds, measured, middle, statusBytes } from './measure.ts';
import type { BenchRow } from './row.ts';

const target = (root: string): string => `target:
  package: ${join(root, 'experiments/targets/heapd')}
  args: [--listen, "{host}:{port}"]
  port: auto
  ready: { http: /healthz, within: 20s }
limits: { cpus: 1, required: false }
`;

/** What is not measuring: launch, ready and stop of each trial. */
export async function benchOverhead(
  root: string,
  runner: 'process' | 'docker',
  limitSeconds: number,
): Promise<readonly BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-bench-'));
  try {
    const file = join(folder, 'overhead.yaml');
    await writeFile(
      file,
      `name: overhead\n${target(root)}runner: ${runner}\nmatrix: { gogc: [50, 100] }\nworkloads: { idle: { idle: {} } }\nphases: { warmup: 100ms, measure: 300ms }\nblocks: 6\n`,
    );
    const run = await measured(process.execPath, [
      join(root, 'dist/main.js'),
      'run',
      file,
      '--output',
      join(folder, 'results'),
    ]);
    const [name] = await readdir(join(folder, 'results')).catch(() => []);
    if (name === undefined)
      return [
        {
          name: `launch to ready plus teardown, ${runner}`,
          value: 'failed',
          limit: `≤ ${limitSeconds} s`,
          ok: false,
          detail: run.stderr.slice(-200),
        },
      ];
    const seconds: number[] = [];
    for (const trial of await readdir(join(folder, 'results', name, 'trials'))) {
      const record = JSON.parse(
        await readFile(join(folder, 'results', name, 'trials', trial, 'trial.json'), 'utf8'),
      ) as TrialRecord;
      const idle = record.phases.filter((phase) => ['launch', 'ready', 'stop'].includes(phase.name));
      seconds.push(idle.reduce((sum, phase) => sum + phase.endSeconds - phase.startSeconds, 0));
    }
    const value = middle(seconds);
    return [
      {
        name: `launch to ready plus teardown a trial, ${runner}`,
        value: `${value.toFixed(2)} s`,
        limit: `≤ ${limitSeconds} s`,
        ok: value <= limitSeconds,
        detail: `median of ${seconds.length} trials, largest ${Math.max(...seconds).toFixed(2)} s; ${(value / 0.4).toFixed(1)} × the 0.4 s measured in each`,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** CPU and memory of gctune itself while it samples at 10 Hz, with its display, over one long idle trial. */
export async function benchSampler(root: string): Promise<readonly BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-bench-'));
  try {
    const file = join(folder, 'sampler.yaml');
    const seconds = 60;
    await writeFile(
      file,
      `name: sampler\n${target(root)}runner: process\nmatrix: { gogc: [100] }\nworkloads: { idle: { idle: {} } }\nphases: { warmup: 2s, measure: ${seconds}s }\nblocks: 1\n`,
    );
    const child = spawn(
      process.execPath,
      [join(root, 'dist/main.js'), 'run', file, '--output', join(folder, 'results'), '--progress', 'tty'],
      { stdio: 'ignore' },
    );
    const ended = new Promise((resolve) => child.on('exit', resolve));
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    await sleep(8000);
    const pid = child.pid ?? 0;
    const before = { cpu: cpuSeconds(pid), at: performance.now() };
    const early = await meanRss(pid, 10_000);
    await sleep(15_000);
    const late = await meanRss(pid, 10_000);
    const share = (cpuSeconds(pid) - before.cpu) / ((performance.now() - before.at) / 1000);
    child.kill('SIGTERM');
    await ended;
    return [
      {
        name: 'sampler and display at 10 Hz, share of one core',
        value: `${(share * 100).toFixed(1)} %`,
        limit: '≤ 3 %',
        ok: share <= 0.03,
        detail: `over ${((performance.now() - before.at) / 1000).toFixed(0)} s of one trial`,
      },
      {
        name: 'own memory late ÷ early in one trial',
        value: (late / early).toFixed(3),
        limit: '≤ 1.1',
        ok: late / early <= 1.1,
        detail: `${(early / 2 ** 20).toFixed(1)} → ${(late / 2 ** 20).toFixed(1)} MiB RSS, means of 10 s, 25 s apart`,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function meanRss(pid: number, milliseconds: number): Promise<number> {
  let sum = 0;
  let count = 0;
  const until = performance.now() + milliseconds;
  while (performance.now() < until) {
    sum += statusBytes(pid, 'VmRSS');
    count++;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return sum / count;
}
