import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { nightsDashboard } from '../../scripts/dashboards/nights-dashboard.ts';
import { runDashboard, STACK } from '../../scripts/dashboards/run-dashboard.ts';
import type { Night } from '../../src/history/night.ts';
import { openRun } from '../../src/results/run-folder.ts';
import { requirement } from '../requirements.ts';
import { dashboardQueries, filledIn, variablesOf } from './dashboard-queries.ts';
import { gctune, leftovers, main, root, scratch } from './gctune.ts';
import { freePort, loadOpenMetrics, startPrometheus, until, type Prometheus } from './prometheus.ts';

// What is exported and served, in a real Prometheus: loaded by its own tool, scraped over HTTP, and asked with the queries of
// the dashboards.

/** Two levels of heapd, long enough for rates. */
const EXPERIMENT = `name: stack
target:
  package: ${join(root, 'experiments/targets/heapd')}
  args: [--listen, "{host}:{port}", --live, 8MiB, --pointers, "0.2", --garbage, 512KiB]
  port: auto
  ready: { http: /healthz, within: 20s }
runner: process
gomaxprocs: 1
matrix: { gogc: [50, 100] }
workloads: { steady: { http: { path: /work, rate: 100/s } } }
phases: { warmup: 1s, measure: 7s }
validity: { drift: 100%, achieved_rate: 1%, lateness: 5s, cycles: 1 }
sampling: { inside: 4/s }
blocks: 2
seed: 1
`;

describe('results and readings in Prometheus', requirement('prometheus', 'go'), () => {
  let folder = '';
  let run = '';
  /** What was scraped of the sweep while it ran. */
  let scraped: Scraped;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gctune-test-'));
    scraped = await sweepUnderPrometheus(folder);
    const [name = ''] = readdirSync(join(folder, 'results'));
    run = join(folder, 'results', name);
  });
  after(async () => {
    await rm(folder, { recursive: true, force: true });
    assert.deepEqual(await leftovers(), []);
  });

  test('a running sweep is scraped: its progress, what is read of the trial under way, and estimates after a block', () => {
    const { planned, ended, heap, estimates, said, leftListening } = scraped;
    assert.equal(planned, 6);
    assert.ok(ended > 0, 'trials have ended');
    assert.ok(heap > 2 ** 20, `${heap} bytes of objects`);
    assert.ok(estimates > 0, 'there are estimates after the first block');
    assert.match(said, /^metrics of this sweep: http:\/\/127\.0\.0\.1:\d+\/metrics$/m);
    assert.equal(leftListening, false, 'nothing listens after the run');
  });

  test('the stack has the figures of the run’s own readings at three points in time', async (t) => {
    const prometheus = await loaded(t, run, ['readings']);
    const opened = await openRun(run);
    let points = 0;
    for await (const { record, readings } of opened.trials()) {
      const { window, startUnixSeconds, id } = record;
      if (window === undefined || record.block !== 1) continue;
      const inside = [...readings].filter(({ v, at }) => v.heapInuseBytes !== undefined && at > window.startSeconds);
      for (const share of [0.2, 0.5, 0.8]) {
        const reading = inside[Math.floor(share * inside.length)];
        assert.ok(reading !== undefined);
        const { v, at, probe } = reading;
        // A millisecond is what Prometheus keeps of a time.
        const time = startUnixSeconds + at + 0.001;
        const variables = new Map(Object.entries({ run: opened.manifest.id, trial: id, source: probe, over: '5s' }));
        const shown = await Promise.all(
          STACK.map(async ([, expr]) => {
            const [series, ...others] = await prometheus.instant(filledIn(expr, variables), time);
            assert.deepEqual(others, []);
            return Number(series?.values[0]?.[1]);
          }),
        );
        const { heapAllocBytes = NaN, heapInuseBytes = NaN, heapIdleBytes = NaN, heapReleasedBytes = NaN } = v;
        assert.deepEqual(shown, [
          heapAllocBytes,
          heapInuseBytes - heapAllocBytes,
          heapIdleBytes - heapReleasedBytes,
          heapReleasedBytes,
        ]);
        points++;
      }
    }
    assert.equal(points, 9, 'three points of each trial of the block');
  });

  test('every query of the dashboard of a run returns data', async (t) => {
    const prometheus = await loaded(t, run, ['readings']);
    await everyQueryAnswers(runDashboard(), prometheus, { step: 1 });
  });

  test('every query of the dashboard of nights returns data, the change that was planted among it', async (t) => {
    const history = join(folder, 'history');
    const kubo = await gctune(['record', 'results/reference/kubo-0.42.0', '--history', history]);
    assert.equal(kubo.code, 0, kubo.stderr);
    const own = await gctune(['record', run, '--history', history]);
    assert.equal(own.code, 0, own.stderr);
    const file = join(history, 'history.ndjson');
    writeFileSync(file, `${readFileSync(file, 'utf8')}${nightsAfter(readFileSync(file, 'utf8'))}`);
    const exported = join(folder, 'history.om');
    const { code, stderr } = await gctune(['export', history, '-o', exported]);
    assert.equal(code, 0, stderr);
    const data = await dataFolder(t);
    loadOpenMetrics(data, exported);
    const prometheus = await startPrometheus(t, await scratch(t), data);
    const planted = 'max_over_time(gctune_change_ratio{experiment="nightly",metric="memory.anon",of="daemon"}[1d])';
    const changes = await prometheus.instant(planted, Date.UTC(2026, 8, 10, 4) / 1000);
    assert.ok(changes.length > 0);
    for (const { values, metric } of changes) {
      assert.ok(Math.abs(Number(values[0]?.[1]) - 0.08) < 0.01, JSON.stringify(metric));
      assert.deepEqual([metric['from'], metric['to']], ['8'.padStart(40, '0'), '9'.padStart(40, '0')]);
    }
    await everyQueryAnswers(nightsDashboard(), prometheus, {
      step: 3600,
      wanted: { experiment: 'nightly', cell: /gogc=100 .*version=new/, metric: 'memory.anon' },
    });
  });

  test('a textfile is scraped through node_exporter', requirement('node_exporter'), async (t) => {
    const texts = await scratch(t);
    const { code, stderr } = await gctune(['export', run, '--format', 'prometheus', '-o', join(texts, 'gctune.prom')]);
    assert.equal(code, 0, stderr);
    const port = await freePort();
    const exporter = spawn(
      'prometheus-node-exporter',
      [
        '--collector.disable-defaults',
        '--collector.textfile',
        `--collector.textfile.directory=${texts}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
    t.after(() => exporter.kill());
    const prometheus = await startPrometheus(t, await scratch(t), await dataFolder(t), {
      scraped: [`127.0.0.1:${port}`],
    });
    const expr = 'gctune_result_memory_anon_bytes{bound="estimate",gogc="50"}';
    await until(async () => (await prometheus.instant(expr)).length > 0);
    const [failed] = await prometheus.instant('node_textfile_scrape_error');
    assert.equal(failed?.values[0]?.[1], '0');
    const analysis = JSON.parse(readFileSync(join(run, 'analysis.json'), 'utf8')) as {
      workloads: readonly {
        cells: readonly { id: string; estimates: Readonly<Record<string, { value: number }>> }[];
      }[];
    };
    const cell = analysis.workloads[0]?.cells.find(({ id }) => id === 'gogc=50');
    const [answered] = await prometheus.instant(expr);
    const value = cell?.estimates['memory.anon']?.value ?? NaN;
    assert.ok(Math.abs(Number(answered?.values[0]?.[1]) / value - 1) < 1e-8);
  });
});

interface Scraped {
  readonly planned: number;
  readonly ended: number;
  readonly heap: number;
  readonly estimates: number;
  readonly said: string;
  readonly leftListening: boolean;
}

/** Runs the experiment while Prometheus scrapes it. */
async function sweepUnderPrometheus(folder: string): Promise<Scraped> {
  const file = join(folder, 'stack.yaml');
  writeFileSync(file, EXPERIMENT);
  const port = await freePort();
  const cleanups: (() => unknown)[] = [];
  const t = { after: (clean: () => unknown) => cleanups.push(clean) } as unknown as TestContext;
  const data = join(folder, 'scraped');
  mkdirSync(data);
  const prometheus = await startPrometheus(t, folder, data, { scraped: [`127.0.0.1:${port}`] });
  try {
    const child = spawn(
      process.execPath,
      [main, 'run', file, '-o', join(folder, 'results'), '--metrics-port', String(port)],
      { cwd: folder, env: { ...process.env, CI: 'true', NO_COLOR: '1' }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.equal(code, 0, said);
    const most = async (expr: string): Promise<number> =>
      Number((await prometheus.instant(`max(max_over_time(${expr}[10m]))`))[0]?.values[0]?.[1]);
    return {
      planned: await most('gctune_sweep_planned_trials'),
      ended: await most('gctune_sweep_ended_trials{outcome="completed"}'),
      heap: await most('gctune_go_memstats_heap_alloc_bytes{gogc="100"}'),
      estimates: await most('gctune_result_memory_anon_bytes{bound="estimate"}'),
      said,
      leftListening: await fetch(`http://127.0.0.1:${port}/metrics`).then(
        () => true,
        () => false,
      ),
    };
  } finally {
    for (const clean of cleanups) await clean();
  }
}

/** A Prometheus with what a run exports. */
async function loaded(t: TestContext, run: string, what: readonly ('results' | 'readings')[]): Promise<Prometheus> {
  const files = await scratch(t);
  const data = await dataFolder(t);
  for (const one of what) {
    const file = join(files, `${one}.om`);
    const { code, stderr } = await gctune(['export', run, '--what', one, '-o', file]);
    assert.equal(code, 0, stderr);
    loadOpenMetrics(data, file);
  }
  return startPrometheus(t, files, data);
}

async function dataFolder(t: TestContext): Promise<string> {
  const data = join(await scratch(t), 'data');
  mkdirSync(data);
  return data;
}

/** Asks every query of a dashboard over all that is there, and expects numbers from each. */
async function everyQueryAnswers(
  dashboard: ReturnType<typeof runDashboard>,
  prometheus: Prometheus,
  { step, wanted = {} }: { readonly step: number; readonly wanted?: Readonly<Record<string, string | RegExp>> },
): Promise<void> {
  const extent = await extentOf(prometheus);
  const variables = await variablesOf(
    dashboard,
    prometheus,
    (name, value) => {
      const one = wanted[name];
      return one instanceof RegExp ? one.test(value) : one === value;
    },
    extent,
  );
  const queries = dashboardQueries(dashboard);
  assert.ok(queries.length > 10);
  const empty: string[] = [];
  for (const { where, expr } of queries) {
    const answered = await prometheus.range(filledIn(expr, variables), extent.from, extent.to, step);
    const numbers = answered.flatMap(({ values }) => values.filter(([, value]) => Number.isFinite(Number(value))));
    if (numbers.length === 0) empty.push(`${where}: ${filledIn(expr, variables)}`);
  }
  assert.deepEqual(empty, []);
}

/** Between which times there is anything. */
async function extentOf({ url }: Prometheus): Promise<{ readonly from: number; readonly to: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const of = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return { from: of('prometheus_tsdb_lowest_timestamp_seconds'), to: of('prometheus_tsdb_head_max_time_seconds') };
}

/**
 * Nights of an experiment with a canary, made from what the published run of kubo found: figures vary by up to 0.5 %, and from
 * the tenth night on the daemon takes 8 % more memory, and from the thirteenth on the machine answers more slowly. All figures of the run are in them, with their intervals.
 */
function nightsAfter(text: string): string {
  const nights = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Night);
  const base = nights.find(({ experiment }) => experiment.startsWith('kubo'));
  assert.ok(base !== undefined);
  const lines = Array.from({ length: 18 }, (_, index) => {
    const wave = 1 + 0.005 * Math.sin(index * 2.4);
    const scaled = (cell: Night['cells'][number], canary: boolean): Night['cells'][number] => ({
      cell: `${cell.cell} version=${canary ? 'released' : 'new'}`,
      ...(canary ? { canary } : {}),
      metrics: Object.fromEntries(
        Object.entries(cell.metrics).map(([metric, { value, low, high, n }]) => {
          const ofDaemon = metric === 'memory.anon' && index >= 9 ? 1.08 : 1;
          const ofMachine = metric === 'latency.p99' && index >= 12 ? 1.3 : 1;
          const ratioTo = wave * ofDaemon;
          const factor = ofMachine * (canary ? 1 + 0.5 * (wave - 1) : ratioTo);
          const times = (one: number | null): number | null => (one === null ? null : one * factor);
          const figure = { value: value * factor, low: times(low), high: times(high), n, noise: 0.004 };
          const ratio = { value: ratioTo, low: ratioTo * 0.995, high: ratioTo * 1.005, n };
          return [metric, canary ? figure : { ...figure, toCanary: ratio }];
        }),
      ),
    });
    const night: Night = {
      ...base,
      run: `night-${String(index).padStart(2, '0')}`,
      experiment: 'nightly',
      startedAt: new Date(Date.UTC(2026, 8, 1, 3) + index * 86_400_000).toISOString(),
      commit: String(index).padStart(40, '0'),
      canary: 'released',
      gate: { 'memory.anon': 0.02, 'cpu.per_request': 0.05 },
      cells: base.cells.flatMap((cell) => [scaled(cell, false), scaled(cell, true)]),
    };
    return `${JSON.stringify(night)}\n`;
  });
  return lines.join('');
}
