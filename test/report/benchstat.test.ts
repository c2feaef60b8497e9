import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Analysis } from '../../src/analysis/analysis.ts';
import { analyse } from '../../src/analysis/analyse.ts';
import { compareRuns } from '../../src/analysis/compare/compare-runs.ts';
import { renderReport } from '../../src/report/formats.ts';
import { SMALL_SERVICE } from '../fixtures/analysis/heap-model.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';
import { requirement } from '../requirements.ts';
import { SAMPLES } from './samples.ts';

const run = promisify(execFile);

let folder = '';
/** Why there is no benchstat; undefined where there is one. */
let absent: string | undefined;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gctune-benchstat-'));
  if (requirement('go').skip !== false) return;
  try {
    await run('go', ['install', 'golang.org/x/perf/cmd/benchstat@latest'], {
      env: { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod' },
    });
  } catch (error) {
    // No module proxy is no fault of ours; where Go is required, so is benchstat.
    if ((process.env['GCTUNE_REQUIRE'] ?? '').split(',').includes('go')) throw error;
    absent = 'benchstat could not be installed';
  }
});
after(() => rm(folder, { recursive: true, force: true }));

test('benchstat reads the trials, and its medians are ours', { ...requirement('go'), timeout: 300_000 }, async (t) => {
  if (absent !== undefined) return t.skip(absent);
  const analysis = (await SAMPLES['plain']?.()) as Analysis;
  const file = join(folder, 'run.txt');
  await writeFile(file, await renderReport(analysis, 'benchfmt'));
  const { stdout, stderr } = await run(join(folder, 'benchstat'), ['-format', 'csv', '-col', '/gogc', file]);
  // In CSV its footnotes are on stderr: that samples are few or all equal is true of the run, anything else is our fault.
  assert.deepEqual(
    stderr.split('\n').filter((line) => line !== '' && !/need >= \d+ samples|all samples are equal/.test(line)),
    [],
  );

  const medians = readTables(stdout);
  let compared = 0;
  for (const { workload, cells } of analysis.workloads) {
    for (const cell of cells) {
      const column = `${cell.levels.gogc}${cell.role === 'a-a' ? 'aa' : ''}`;
      for (const metric of analysis.metrics) {
        const ours = cell.estimates[metric.id]?.value;
        if (ours === undefined) continue;
        const unit = [...medians.keys()].find((key) => key.startsWith(`${metric.id}-`));
        const theirs = medians
          .get(unit ?? '')
          ?.get(`Gctune/workload=${workload}-${analysis.run.gomaxprocs}`)
          ?.get(column);
        assert.ok(theirs !== undefined, `${unit} ${workload} ${column}`);
        assert.ok(Math.abs(theirs - ours) <= Math.abs(ours) * 1e-9, `${metric.id} ${column}: ${theirs}, ours ${ours}`);
        compared++;
      }
    }
  }
  assert.ok(compared > 200);
  const { stdout: table } = await run(join(folder, 'benchstat'), ['-col', '/gogc', file]);
  assert.match(table, /│\s+100\s+│\s+25\s+│/, 'the baseline is the first column');
  assert.match(table, /│\s+100aa\s+│/, 'the A/A cell is a column of its own');
  assert.match(table, /MiB?\b|Mi ±/, 'bytes have binary prefixes');
  assert.doesNotMatch(table, /vary in|benchmark set differs/, 'nothing was folded together');
});

test(
  'of two runs benchstat has the medians and the p of gctune compare',
  { ...requirement('go'), timeout: 300_000 },
  async (t) => {
    if (absent !== undefined) return t.skip(absent);
    const options = { gogc: [50, 100, 200], blocks: 8, noise: 0.02 } as const;
    const dearer = (): typeof SMALL_SERVICE => ({
      ...SMALL_SERVICE,
      requestSeconds: SMALL_SERVICE.requestSeconds * 1.02,
    });
    const analyses = await Promise.all(
      [
        { ...options, seed: 1 },
        { ...options, seed: 2, model: dearer },
      ].map(async (one) => {
        const made = syntheticRun(one);
        return analyse({ manifest: made.manifest, trials: made.trials() });
      }),
    );
    const [base, other] = analyses as [Analysis, Analysis];
    for (const [name, analysis] of [
      ['base', base],
      ['new', other],
    ] as const) {
      await writeFile(join(folder, `${name}.txt`), await renderReport(analysis, 'benchfmt'));
    }
    const files = ['base', 'new'].map((name) => `${name}=${join(folder, `${name}.txt`)}`);
    const { stdout } = await run(join(folder, 'benchstat'), ['-ignore', 'gctune-run', '-format', 'csv', ...files]);
    const comparison = compareRuns(base, other, { margin: 0 });
    let compared = 0;
    const ps = new Set<number>();
    for (const { levels, metrics } of comparison.cells) {
      for (const { metric, base: median0, new: median1, p } of metrics) {
        const row = rowOf(stdout, metric, `gogc=${levels.gogc}-`);
        if (row === undefined) continue;
        const [, median, , newMedian, , , tested] = row;
        for (const [theirs, ours] of [
          [median, median0],
          [newMedian, median1],
        ] as const) {
          assert.ok(
            Math.abs(Number(theirs) / (ours?.value ?? NaN) - 1) < 1e-9,
            `${metric}: ${theirs}, ours ${ours?.value}`,
          );
        }
        const stated = /^p=([\d.]+) /.exec(tested ?? '')?.[1];
        // It tests values that are all equal too, and calls that p = 1.
        assert.ok(
          stated !== undefined && Math.abs(Number(stated) - (p ?? 1)) <= 0.0005 + 1e-9,
          `${metric}: ${tested}, ours ${p}`,
        );
        ps.add(p ?? 1);
        compared++;
      }
    }
    assert.ok(compared > 30 && ps.size > 10, `${compared} compared, ${ps.size} different p`);
  },
);

/** The fields of the row of a benchmark in the table of a metric. */
function rowOf(csv: string, metric: string, benchmark: string): readonly string[] | undefined {
  const table = csv.split('\n\n').find((text) => text.includes(`,${metric}-`));
  return table
    ?.split('\n')
    .find((line) => line.startsWith('Gctune') && line.includes(benchmark))
    ?.split(',');
}

/** benchstat's CSV: unit → benchmark → column → median. */
function readTables(csv: string): ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, number>>> {
  const tables = new Map<string, Map<string, Map<string, number>>>();
  let columns: string[] = [];
  let units: string[] = [];
  for (const line of csv.split('\n')) {
    const fields = line.split(',');
    if (line === '') [columns, units] = [[], []];
    else if (fields[0] === '' && columns.length === 0) columns = fields;
    else if (fields[0] === '' && units.length === 0) units = fields;
    else if (units.length > 0 && fields[0]?.startsWith('Gctune')) {
      const unit = units[1] ?? '';
      const rows = tables.get(unit) ?? new Map<string, Map<string, number>>();
      tables.set(unit, rows);
      const row = new Map<string, number>();
      for (const [i, own] of units.entries()) if (own === unit) row.set(columns[i] ?? '', Number(fields[i]));
      rows.set(fields[0], row);
    }
  }
  return tables;
}
