import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Analysis } from '../../src/analysis/analysis.ts';
import type { TrialFigures } from '../../src/analysis/per-trial/reduce-trial.ts';
import type { Reading, TrialRecord } from '../../src/results/format.ts';
import { requirement } from '../requirements.ts';
import { gctune, leftovers, root, scratch, trialFolders } from './gctune.ts';

/** What the test looks at of a `reduced.json`. */
interface ReducedFile {
  readonly reduced: { readonly figures: TrialFigures['figures'] };
}

const experiment = (runner: string): string => `name: bare
target:
  package: ${join(root, 'experiments/targets/heapd')}
  args: [--listen, "{host}:{port}", --live, 8MiB, --endpoints, none]
  port: auto
  ready: { http: /healthz, within: 20s }
runner: ${runner}
matrix: { gogc: [50] }
baseline: { gogc: 50 }
workloads: { steady: { http: { path: "/work?garbage=1048576", rate: 100/s } } }
phases: { warmup: 500ms, measure: 2s }
validity: { drift: 100%, achieved_rate: 1%, lateness: 5s }
blocks: 1
`;

for (const runner of ['process', 'docker'] as const) {
  const options = { timeout: 180_000, ...requirement('go', ...(runner === 'docker' ? (['docker'] as const) : [])) };
  test(`a daemon that serves nothing has GC figures all the same: ${runner}`, options, async (t) => {
    const cwd = await scratch(t);
    await writeFile(join(cwd, 'e.yaml'), experiment(runner));
    const { code, stderr } = await gctune(['run', 'e.yaml', '--output', 'r'], { cwd });
    assert.equal(code, 0, stderr);
    const folders = await trialFolders(join(cwd, 'r'));
    for (const trial of folders) {
      const record = JSON.parse(await readFile(join(trial, 'trial.json'), 'utf8')) as TrialRecord;
      assert.equal(record.outcome.kind, 'completed');
      assert.ok(record.probes.includes('memory'), JSON.stringify(record.tried));
      assert.deepEqual([record.effective.gogcPercent, record.effective.gogcEvidence], [50, 'runtime-metrics']);
      assert.ok(!record.warnings.some(({ code: one }) => one === 'no-inside-source' || one === 'drift-unchecked'));
      const readings = (await readFile(join(trial, 'readings.ndjson'), 'utf8')).trimEnd().split('\n');
      const counts = readings
        .map((line) => JSON.parse(line) as Reading)
        .filter(({ probe }) => probe === 'memory')
        .map(({ v }) => v.numGc ?? NaN);
      const cycles = new Set(counts);
      assert.ok(cycles.size > 5, `${cycles.size} cycles`);
      assert.deepEqual(
        counts,
        counts.toSorted((a, b) => a - b),
      );
      const { reduced } = JSON.parse(await readFile(join(trial, 'reduced.json'), 'utf8')) as ReducedFile;
      for (const metric of ['gc.cpu_window', 'gc.cycles', 'heap.live', 'heap.goal'] as const) {
        const { value = NaN, source } = reduced.figures[metric] ?? {};
        assert.ok(value > 0, `${metric} is ${value}`);
        assert.equal(source, 'memory');
      }
    }
    const { methods } = JSON.parse(
      await readFile(join(folders[0] ?? '', '../..', 'analysis.json'), 'utf8'),
    ) as Analysis;
    assert.match(methods.map(({ text }) => text).join(' '), /read from the memory of the target’s process/);
    assert.deepEqual(await leftovers(), []);
  });
}
