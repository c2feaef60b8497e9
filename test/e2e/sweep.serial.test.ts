import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Analysis, CellAnalysis } from '../../src/analysis/analysis.ts';
import type { MetricId } from '../../src/metrics/metrics.ts';
import { requirement } from '../requirements.ts';
import { gctune, leftovers, root, scratch } from './gctune.ts';

/** A sweep small enough for every test run, wide enough that GOGC must show: 25 against 400. */
const experiment = (runner: string): string => `name: small-sweep
target:
  package: ${join(root, 'experiments/targets/heapd')}
  args: [--listen, "{host}:{port}", --live, 6MiB, --pointers, "0.2", --garbage, 256KiB]
  port: auto
  ready: { http: /healthz, within: 20s }
limits: { cpus: 1, memory: 512MiB, required: false }
runner: ${runner}
matrix: { gogc: [25, 100, 400] }
workloads: { steady: { http: { path: /work, rate: 400/s } } }
phases: { warmup: 500ms, measure: 2s }
blocks: 6
validity: { retries: 3, drift: 100%, lateness: 250ms, achieved_rate: 95% }
`;

for (const runner of ['process', 'docker'] as const) {
  test(
    `a sweep with the ${runner} runner orders memory and GC CPU by GOGC and leaves nothing`,
    requirement('go', ...(runner === 'docker' ? (['docker'] as const) : [])),
    async (t) => {
      const folder = await scratch(t);
      const file = join(folder, 'experiment.yaml');
      const results = join(folder, 'results');
      await writeFile(file, experiment(runner));
      const ended = await gctune(['run', file, '--output', results, '--seed', '7']);
      assert.ok(ended.code === 0 || ended.code === 4, ended.stderr);
      assert.deepEqual(await leftovers(), []);
      const [run] = await readdir(results);
      assert.ok(run !== undefined);
      const files = await readdir(join(results, run));
      for (const name of [
        'README.txt',
        'run.json',
        'experiment.yaml',
        'journal.ndjson',
        'trials',
        'analysis.json',
        'report.html',
      ]) {
        assert.ok(files.includes(name), `${name} is in the run folder`);
      }
      assert.match(ended.stdout, /report\.html/);

      const analysis = JSON.parse(await readFile(join(results, run, 'analysis.json'), 'utf8')) as Analysis;
      assert.equal(analysis.run.runner, runner);
      const cells = analysis.workloads[0]?.cells.filter((cell) => cell.role === 'level') ?? [];
      assert.equal(cells.length, 3);
      for (const cell of cells)
        assert.ok(
          cell.valid >= 5,
          `${cell.label}: ${cell.valid} of ${cell.attempted} valid: ${JSON.stringify(cell.outcomes)}`,
        );
      ordered(cells, 'memory.anon', 'rising');
      ordered(cells, 'gc.cpu_window', 'falling');
      ordered(cells, 'gc.cycles', 'falling');
      const same = analysis.workloads[0]?.contrasts.find(
        (contrast) => contrast.kind === 'a-a' && contrast.metric === 'memory.anon',
      );
      assert.ok(
        same?.ratio !== undefined && Math.abs(same.ratio.value - 1) < 0.1,
        `A/A ratio of memory ${same?.ratio?.value}`,
      );

      const first = await readFile(join(results, run, 'report.html'), 'utf8');
      assert.equal((await gctune(['report', join(results, run)])).code, 0);
      assert.equal(
        await readFile(join(results, run, 'report.html'), 'utf8'),
        first,
        'the same folder gives the same bytes',
      );
    },
  );
}

test(
  'containers run with limits, without capabilities, and are bound to loopback',
  requirement('go', 'docker'),
  async (t) => {
    const folder = await scratch(t);
    const file = join(folder, 'experiment.yaml');
    await writeFile(file, experiment('docker').replace('blocks: 6', 'blocks: 1').replace('[25, 100, 400]', '[100]'));
    const ending = gctune(['run', file, '--output', join(folder, 'results')]);
    const over = ending.then(() => true);
    let inspected: ContainerInspection | undefined;
    while (inspected === undefined && !(await Promise.race([over, pause(50)]))) {
      const [id] = execFileSync('docker', ['ps', '-q', '--filter', 'label=gctune.run'], { encoding: 'utf8' }).split(
        '\n',
      );
      try {
        if (id !== undefined && id !== '')
          [inspected] = JSON.parse(
            execFileSync('docker', ['inspect', id], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
          ) as ContainerInspection[];
      } catch {
        // it ended in between
      }
    }
    assert.equal((await ending).code, 0);
    assert.ok(inspected !== undefined, 'a container was seen');
    assert.equal(inspected.HostConfig.Memory, 512 * 1024 * 1024);
    assert.equal(inspected.HostConfig.MemorySwap, 512 * 1024 * 1024);
    assert.equal(inspected.HostConfig.NanoCpus, 1e9);
    assert.deepEqual(inspected.HostConfig.CapDrop, ['ALL']);
    assert.ok(inspected.HostConfig.PidsLimit > 0);
    assert.ok(inspected.HostConfig.SecurityOpt.some((option) => option.startsWith('no-new-privileges')));
    for (const bindings of Object.values(inspected.HostConfig.PortBindings))
      for (const { HostIp } of bindings) assert.equal(HostIp, '127.0.0.1');
    assert.deepEqual(await leftovers(), []);
  },
);

/** Resolves with false after a while. */
const pause = (milliseconds: number): Promise<boolean> =>
  new Promise((resolve) => setTimeout(() => resolve(false), milliseconds));

interface ContainerInspection {
  readonly HostConfig: {
    readonly Memory: number;
    readonly MemorySwap: number;
    readonly NanoCpus: number;
    readonly CapDrop: readonly string[];
    readonly PidsLimit: number;
    readonly SecurityOpt: readonly string[];
    readonly PortBindings: Readonly<Record<string, readonly { readonly HostIp: string }[]>>;
  };
}

function ordered(cells: readonly CellAnalysis[], metric: MetricId, direction: 'rising' | 'falling'): void {
  const values = cells.map((cell) => cell.estimates[metric]?.value ?? NaN);
  const sorted = values.toSorted((a, b) => (direction === 'rising' ? a - b : b - a));
  assert.deepEqual(values, sorted, `${metric} is ${direction} over GOGC`);
}
