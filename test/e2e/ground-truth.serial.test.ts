import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Analysis } from '../../src/analysis/analysis.ts';
import type { MetricId } from '../../src/metrics/metrics.ts';
import type { Reading, ReadingKey, TrialRecord } from '../../src/results/format.ts';
import { openRun } from '../../src/results/run-folder.ts';
import { requirement } from '../requirements.ts';
import { gctune, root, scratch } from './gctune.ts';

const mebibyte = 2 ** 20;
const liveBytes = 64 * mebibyte;

/** heapd with a known live heap and a busy start. Garbage comes slowly (30 MiB/s) against a heap that is marked fast (2 % pointers),
 * because what is allocated while the collector marks counts as live too, and that depends on the machine. */
const experiment = `name: ground-truth
target:
  package: ${join(root, 'experiments/targets/heapd')}
  args: [--listen, "{host}:{port}", --live, 64MiB, --pointers, "0.02", --garbage, 100KiB, --startup-burn, 3s]
  port: auto
  ready: { http: /healthz, within: 30s }
limits: { cpus: 1, required: false }
runner: process
gomaxprocs: 1
matrix: { gogc: [10, 25] }
baseline: { gogc: 25 }
workloads: { steady: { http: { path: /work, rate: 300/s, connections: 8 } } }
phases: { warmup: 2s, measure: 8s }
blocks: 1
sampling: { gctrace: true, inside: 5/s }
validity: { achieved_rate: 90%, lateness: 500ms, drift: 50%, retries: 2 }
`;

interface Truth {
  readonly record: TrialRecord;
  readonly readings: readonly Reading[];
  readonly value: (metric: MetricId) => number;
}

/** Runs the experiment once and gives each trial with its metrics. */
async function measure(t: TestContext): Promise<readonly { readonly gogc: number; readonly truth: Truth }[]> {
  const folder = await scratch(t);
  const file = join(folder, 'experiment.yaml');
  await writeFile(file, experiment);
  const ended = await gctune(['run', file, '--output', join(folder, 'results')]);
  const [name] = await readdir(join(folder, 'results'));
  assert.ok(name !== undefined, ended.stderr);
  const analysis = JSON.parse(await readFile(join(folder, 'results', name, 'analysis.json'), 'utf8')) as Analysis;
  const found: { gogc: number; truth: Truth }[] = [];
  for await (const { record, readings } of (await openRun(join(folder, 'results', name))).trials()) {
    if (record.outcome.kind !== 'completed') continue;
    const cell = analysis.workloads[0]?.cells.find((one) => one.id === record.cell);
    const value = (metric: MetricId): number =>
      cell?.values[metric]?.find((one) => one.trial === record.id)?.value ?? NaN;
    found.push({ gogc: Number(cell?.levels.gogc), truth: { record, readings: [...readings], value } });
  }
  assert.equal(found.length, 3, `${ended.stderr}\nevery trial of the block counts`);
  return found;
}

test('on heapd the figures agree with what is known in advance', requirement('go'), async (t) => {
  for (const { gogc, truth } of await measure(t)) {
    const { record, readings, value } = truth;
    const window = record.window ?? { startSeconds: NaN, endSeconds: NaN };
    const inWindow = readings.filter(({ at }) => at >= window.startSeconds && at <= window.endSeconds);
    const last = (key: ReadingKey): number => inWindow.findLast(({ v }) => v[key] !== undefined)?.v[key] ?? NaN;

    // domain: goal = live + (live + stacks + globals) · GOGC/100
    const live = liveBytes + 1.5 * mebibyte;
    const goal = live + ((live + last('scanStackBytes') + last('scanGlobalsBytes')) * gogc) / 100;
    close(t, `GOGC=${gogc}: heap goal`, value('heap.goal'), goal, 0.05);

    // The same GC edges: the runtime brings its CPU classes up to date when a cycle ends, so a read shows the last end before it.
    const edges = inWindow.filter(({ v }) => v.gcCpuSeconds !== undefined);
    const [from = NaN, to = NaN] = [edges.at(0)?.at, edges.at(-1)?.at];
    const cycles = readings.filter(({ probe }) => probe === 'gctrace');
    const traced = cycles.filter(({ at }) => at > from && at <= to);
    const cpu = traced.reduce((sum, { v }) => sum + (v.cycleGcCpuSeconds ?? 0), 0);
    const seconds = (traced.at(-1)?.at ?? NaN) - (cycles.findLast(({ at }) => at <= from)?.at ?? NaN);
    assert.ok(traced.length >= 10, `${traced.length} cycles in the window`);
    close(t, `GOGC=${gogc}: windowed GC CPU against gctrace`, value('gc.cpu_window'), cpu / seconds, 0.1);

    const naive = value('gc.cpu_naive');
    const apart = Math.abs(naive / value('gc.cpu_window') - 1);
    t.diagnostic(
      `GOGC=${gogc}: naive GCCPUFraction ${naive.toFixed(4)}, in the window ${value('gc.cpu_window').toFixed(4)}`,
    );
    assert.ok(apart > 0.1, 'the lifetime mean is off after a busy start');

    const largest = Math.max(...readings.map(({ v }) => v.rssBytes ?? 0));
    const peak = Math.max(...readings.map(({ v }) => v.peakRssBytes ?? 0));
    assert.ok(peak >= largest, `VmHWM ${peak} is not under the largest sampled RSS ${largest}`);
    // What was reached while the process started, before anything was sampled, is in the first reading of the peak.
    const before = readings.find(({ v }) => v.peakRssBytes !== undefined)?.v.peakRssBytes ?? 0;
    close(t, `GOGC=${gogc}: VmHWM against the largest RSS`, peak, Math.max(largest, before), 0.05);
    close(t, `GOGC=${gogc}: allocation per request`, value('alloc.per_request'), 100 * 1024, 0.05);
  }
});

test('a target that overrides GOGC is found out', requirement('go'), async (t) => {
  const folder = await scratch(t);
  const file = join(folder, 'experiment.yaml');
  await writeFile(
    file,
    experiment
      .replace('--startup-burn, 3s', '--gogc-override, "75"')
      .replace('[10, 25]', '[100, 50]')
      .replace('{ gogc: 25 }', '{ gogc: 50 }')
      .replace('warmup: 2s, measure: 8s', 'warmup: 500ms, measure: 2s'),
  );
  const ended = await gctune(['run', file, '--output', join(folder, 'results')]);
  assert.equal(ended.code, 5, ended.stderr);
  assert.match(ended.stderr + ended.stdout, /the target overrides GOGC: requested (50|100), effective 75/);
});

function close(t: TestContext, what: string, measured: number, known: number, within: number): void {
  const off = measured / known - 1;
  t.diagnostic(`${what}: ${measured.toPrecision(5)}, known ${known.toPrecision(5)} (${(off * 100).toFixed(2)} %)`);
  assert.ok(Math.abs(off) <= within, `${what}: ${measured} is not within ${within * 100} % of ${known}`);
}
