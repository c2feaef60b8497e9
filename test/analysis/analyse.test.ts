import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { AnalysedTrial } from '../../src/analysis/analyse.ts';
import { analyse } from '../../src/analysis/analyse.ts';
import type { Analysis, CellAnalysis, Contrast, WorkloadAnalysis } from '../../src/analysis/analysis.ts';
import type { MetricId } from '../../src/metrics/metrics.ts';
import type { Outcome, Reading } from '../../src/results/format.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { cycleSeconds, gcCores, goalBytes, SMALL_SERVICE } from '../fixtures/analysis/heap-model.ts';
import { sampleAnalysis, sampleRun } from '../fixtures/analysis/sample-run.ts';
import type { SyntheticOptions } from '../fixtures/analysis/synthetic-run.ts';
import { syntheticRun, trueAnonBytes, trueRequestSeconds } from '../fixtures/analysis/synthetic-run.ts';
import { assertClose } from '../statistics/close.ts';
import { assertFinite } from './walk.ts';

/** Analyses a synthetic run, and holds every document to what any document must satisfy. */
async function analyseSynthetic(options: SyntheticOptions): Promise<Analysis> {
  const run = syntheticRun(options);
  const analysis = await analyse({ manifest: run.manifest, trials: run.trials() });
  assertSound(analysis);
  return analysis;
}

function assertSound(analysis: Analysis): void {
  assertFinite(analysis);
  const text = JSON.stringify(analysis);
  assert.equal(JSON.stringify(JSON.parse(text)), text);
  assert.ok(analysis.finding.length > 0);
  const ids = new Set(analysis.metrics.map(({ id }) => id));
  for (const { cells } of analysis.workloads) {
    for (const cell of cells) {
      for (const [metric, estimate] of Object.entries(cell.estimates)) {
        assert.ok(ids.has(metric as MetricId), `${metric} is not defined`);
        assert.equal(estimate.n, cell.values[metric as MetricId]?.length);
        assert.ok(estimate.n <= cell.valid);
      }
    }
  }
}

function first(analysis: Analysis): WorkloadAnalysis {
  const workload = analysis.workloads[0];
  assert.ok(workload);
  return workload;
}

function cellOf(analysis: Analysis, id: string): CellAnalysis {
  const cell = analysis.workloads.flatMap(({ cells }) => cells).find((one) => one.id === id);
  assert.ok(cell, `no cell ${id}`);
  return cell;
}

function contrastOf(analysis: Analysis, cell: string, metric: MetricId): Contrast {
  const contrast = first(analysis).contrasts.find((one) => one.cell === cell && one.metric === metric);
  assert.ok(contrast, `no contrast of ${cell} in ${metric}`);
  return contrast;
}

/** A service with so much GC that every level has many cycles in the window. */
const BUSY = { ...SMALL_SERVICE, allocPerSecond: 4 * SMALL_SERVICE.allocPerSecond };

function textOf(sentences: readonly { readonly text: string }[]): string {
  return sentences.map(({ text }) => text).join('\n');
}

test('without noise the analysis finds what the model was given, at every level', async () => {
  const analysis = await analyseSynthetic({ noise: 0, model: () => BUSY });
  for (const gogc of [25, 50, 100, 200, 400] as const) {
    const { estimates } = cellOf(analysis, `gogc=${gogc}`);
    const of = (metric: MetricId): number => estimates[metric]?.value as number;
    // The readings of RSS scatter by 0.2 % about their level.
    assertClose(of('memory.anon'), trueAnonBytes(BUSY, gogc), 1e-3, 'RssAnon');
    assertClose(of('cpu.per_request'), trueRequestSeconds(BUSY, gogc), 1e-6, 'CPU per request');
    assertClose(of('cpu.used'), trueRequestSeconds(BUSY, gogc) * BUSY.requestsPerSecond, 1e-6, 'CPU');
    assertClose(of('gc.cpu_window'), gcCores(BUSY, gogc) / BUSY.gomaxprocs, 1e-6, 'GC CPU');
    const share = gcCores(BUSY, gogc) / (trueRequestSeconds(BUSY, gogc) * BUSY.requestsPerSecond);
    assertClose(of('gc.cpu_share'), share, 1e-5, 'GC share');
    assertClose(of('gc.cpu_per_request'), gcCores(BUSY, gogc) / BUSY.requestsPerSecond, 1e-5, 'GC per request');
    assertClose(of('heap.live'), BUSY.liveBytes, 1e-6, 'live heap');
    assertClose(of('heap.goal'), goalBytes(BUSY, gogc), 1e-6, 'heap goal');
    assertClose(of('alloc.rate'), BUSY.allocPerSecond, 1e-6, 'allocation rate');
    const cycles = (8 * BUSY.allocPerSecond) / (goalBytes(BUSY, gogc) - BUSY.liveBytes);
    assert.ok(Math.abs(of('gc.cycles') - cycles) <= 1, 'GC cycles');
    // The lifetime mean is diluted by the second in which the process did nothing.
    assertClose(of('gc.cpu_naive'), (of('gc.cpu_window') * 11) / 12, 0.01, 'GCCPUFraction');
  }
});

test('the GC CPU of /cpu/classes and of gctrace is that of GCCPUFraction at two edges', async () => {
  const [edges, classes, trace] = await Promise.all([
    analyseSynthetic({ noise: 0, model: () => BUSY }),
    analyseSynthetic({ noise: 0, model: () => BUSY, inside: 'prometheus' }),
    analyseSynthetic({ noise: 0, model: () => BUSY, inside: 'none', gctrace: true }),
  ]);
  for (const gogc of [25, 100, 400]) {
    const of = (analysis: Analysis): number =>
      cellOf(analysis, `gogc=${gogc}`).estimates['gc.cpu_window']?.value as number;
    assertClose(of(classes), of(edges), 1e-7);
    // gctrace is cut at the window's ends: a cycle more or less.
    const cycle = cycleSeconds(BUSY) / (8 * BUSY.gomaxprocs);
    assert.ok(Math.abs(of(trace) - of(edges)) <= cycle * 1.01, `${of(trace)}, ${of(edges)}`);
  }
});

test('a bursty load has the figures of a steady one of the same mean', async () => {
  const [steady, bursty] = await Promise.all([
    analyseSynthetic({ noise: 0, model: () => BUSY }),
    analyseSynthetic({ noise: 0, model: () => ({ ...BUSY, burst: 4 }) }),
  ]);
  for (const metric of ['cpu.per_request', 'gc.cpu_window', 'gc.cpu_share', 'alloc.per_request'] as const) {
    for (const gogc of [25, 400]) {
      const of = (analysis: Analysis): number => cellOf(analysis, `gogc=${gogc}`).estimates[metric]?.value as number;
      // One cycle more or less at the edges is 3 % of GC CPU at GOGC=400.
      assertClose(of(bursty), of(steady), metric === 'gc.cpu_window' ? 0.03 : 0.01, `${metric} at ${gogc}`);
    }
  }
});

test('with noise the intervals cover the true effects as often as they state, and zero where nothing differs', async () => {
  const model = SMALL_SERVICE;
  const truth = {
    'memory.anon': trueAnonBytes(model, 50) / trueAnonBytes(model, 100),
    'cpu.per_request': trueRequestSeconds(model, 50) / trueRequestSeconds(model, 100),
  };
  let [covered, stated, intervals] = [0, 0, 0];
  for (let seed = 1; seed <= 25; seed++) {
    const analysis = await analyseSynthetic({ blocks: 8, seed, gogc: [50, 100], measureSeconds: 4 });
    for (const metric of ['memory.anon', 'cpu.per_request'] as const) {
      const level = contrastOf(analysis, 'gogc=50', metric);
      const same = contrastOf(analysis, 'gogc=100 (A/A)', metric);
      assert.deepEqual([level.kind, same.kind, level.primary], ['level', 'a-a', true]);
      // Eight blocks that all agree have the least p that eight blocks can have.
      assert.equal(level.p, 2 ** -7);
      for (const [ratio, true_] of [
        [level.ratio, truth[metric]],
        [same.ratio, 1],
      ] as const) {
        if ((ratio?.low as number) <= true_ && true_ <= (ratio?.high as number)) covered++;
        stated += ratio?.confidence as number;
        intervals++;
      }
    }
  }
  const expected = stated / intervals;
  const slack = 3 * Math.sqrt((expected * (1 - expected)) / intervals);
  assert.ok(Math.abs(covered / intervals - expected) <= slack, `${covered} of ${intervals}, expected ${expected}`);
});

test('figures are paired by block: what moves a whole block moves no contrast', async () => {
  const run = syntheticRun({ noise: 0 });
  const spoilt = run.trials().map(({ record, readings }): AnalysedTrial => {
    const factor = 1 + record.block / 2;
    const scaled = [...(readings as Iterable<{ at: number; probe: 'proc'; v: Record<string, number> }>)].map(
      (reading) =>
        reading.v['rssAnonBytes'] === undefined
          ? reading
          : { ...reading, v: { ...reading.v, rssAnonBytes: reading.v['rssAnonBytes'] * factor } },
    );
    return { record, readings: scaled };
  });
  const analysis = await analyse({ manifest: run.manifest, trials: spoilt });
  const { ratio } = contrastOf(analysis, 'gogc=25', 'memory.anon');
  const truth = trueAnonBytes(SMALL_SERVICE, 25) / trueAnonBytes(SMALL_SERVICE, 100);
  for (const end of [ratio?.low, ratio?.value, ratio?.high]) assertClose(end as number, truth, 1e-3);
});

test('the same run gives the same document to the byte, in whatever order its trials come', async () => {
  const run = sampleRun();
  const expected = JSON.stringify(await sampleAnalysis());
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const trials = seededStream(seed, 'order').shuffle(run.trials());
      assert.equal(JSON.stringify(await analyse({ manifest: run.manifest, trials })), expected);
    }),
    { numRuns: 6 },
  );
});

test('readings may stream in', async () => {
  const run = syntheticRun({ blocks: 1, gogc: [100] });
  async function* streamed(): AsyncGenerator<AnalysedTrial> {
    for (const { record, readings } of run.trials()) {
      yield {
        record,
        readings: (async function* () {
          for await (const one of readings) yield one;
        })(),
      };
    }
  }
  const analysis = await analyse({ manifest: run.manifest, trials: streamed() });
  const other = await analyse({ manifest: run.manifest, trials: run.trials() });
  assert.deepEqual(analysis, other);
});

test('of a trial that does not count there is no figure but what its readings ask of a memory limit', async () => {
  const failed: Outcome = { kind: 'oom-killed', phase: 'measure', limitBytes: 1024 };
  const run = syntheticRun({ blocks: 1, outcomes: () => [failed] });
  const v = { sysBytes: 90, heapIdleBytes: 10, heapAllocBytes: 50, heapReleasedBytes: 5, nextGcBytes: 60 };
  const readings: Reading[] = [{ at: 1, probe: 'expvar', v }];
  const trials = run.trials().map(({ record }) => ({ record, readings }));
  const analysis = await analyse({ manifest: run.manifest, trials });
  assertSound(analysis);
  const cell = cellOf(analysis, 'gogc=25');
  assert.deepEqual([cell.outcomes, cell.values], [{ 'oom-killed': 1 }, {}]);
  assert.deepEqual(
    cell.limitNeed?.map(({ goalBytes, committedBytes }) => [goalBytes, committedBytes]),
    [[90, 85]],
  );
});

test('a repeated trial counts with its valid attempt, and both attempts are on the list', async () => {
  const analysis = await sampleAnalysis();
  const cell = cellOf(analysis, 'gogc=50 workload=steady');
  assert.deepEqual([cell.valid, cell.attempted, cell.outcomes], [7, 8, { completed: 7, invalid: 1 }]);
  const attempts = analysis.trials.filter(({ cell: id, block }) => id === cell.id && block === 3);
  assert.deepEqual(
    attempts.map(({ attempt, outcome, gcCycles }) => [attempt, outcome.kind, gcCycles !== undefined]),
    [
      [1, 'invalid', false],
      [2, 'completed', true],
    ],
  );
});

test('a block that lost one side of a pair is out of that contrast only', async () => {
  const analysis = await sampleAnalysis();
  const bursty = analysis.workloads.find(({ workload }) => workload === 'bursty');
  const n = (cell: string): number | undefined =>
    bursty?.contrasts.find((one) => one.cell === cell && one.metric === 'memory.anon')?.difference.n;
  assert.equal(n('gogc=400 workload=bursty'), 6);
  assert.equal(n('gogc=25 workload=bursty'), 7);
});

test('the document has the cells in the order of the matrix, the A/A cell last, and every metric with its definition', async () => {
  const analysis = await sampleAnalysis();
  assertSound(analysis);
  assert.deepEqual(
    first(analysis).cells.map(({ label }) => label),
    ['GOGC=25', 'GOGC=50', 'GOGC=100', 'GOGC=200', 'GOGC=400', 'GOGC=100 (A/A)'],
  );
  assert.deepEqual(
    analysis.workloads.map(({ description }) => description),
    [
      'http, 200 requests/s, evenly spaced',
      'http, 100 requests/s with bursts of 600 requests/s for 400ms every 2s, evenly spaced',
    ],
  );
  // Without p99.9, for which 1,600 requests are too few.
  assert.equal(analysis.metrics.length, 20);
  assert.ok(!analysis.metrics.some(({ id }) => id === 'batch.duration' || id === 'latency.p999'));
  const cell = cellOf(analysis, 'gogc=25 workload=steady');
  assert.deepEqual(
    cell.latency.map(({ quantile }) => quantile),
    [0.5, 0.75, 0.9, 0.95, 0.99],
  );
  assert.equal(cell.courses.length, 7);
  assert.ok(cell.courses.every(({ seconds }) => seconds.length <= 151));
});

test('a run that was killed early is analysed as far as it went', async () => {
  const analysis = await analyseSynthetic({
    outcomes: ({ block, position }) => (block === 1 || (block === 2 && position <= 2) ? [{ kind: 'completed' }] : []),
  });
  assert.equal(analysis.trials.length, 8);
  const estimate = cellOf(analysis, 'gogc=25').estimates['memory.anon'];
  assert.ok(estimate && estimate.low === null && estimate.warnings.length === 1);
  assert.match(
    textOf(analysis.methods),
    /36 were planned in 6 randomised blocks \(seed 5530\), 8 were run, and 8 count\./,
  );
  assert.match(textOf(analysis.methods), /is incomplete/);
});

test('a run of no trial at all is a document too', async () => {
  const analysis = await analyseSynthetic({ outcomes: () => [] });
  assert.deepEqual(analysis.metrics, []);
  assert.deepEqual(
    analysis.finding.map(({ text }) => text),
    ['No comparison is possible: no trial of the baseline GOGC=100 counts (none was run).'],
  );
  assert.equal(analysis.warnings.filter(({ code }) => code === 'no-trials').length, 6);
});

test('a run of which no trial counts says so, cell by cell', async () => {
  const invalid: Outcome = { kind: 'invalid', reason: 'generator-late', message: 'late', apparatus: true };
  const analysis = await analyseSynthetic({ outcomes: () => [invalid, invalid] });
  assert.deepEqual(
    analysis.finding.map(({ text }) => text),
    [
      'No comparison is possible: no trial of the baseline GOGC=100 counts (12 of 12 trials had a load generator that fell behind).',
    ],
  );
  const codes = analysis.warnings.map(({ code }) => code);
  assert.deepEqual(new Set(codes), new Set(['no-valid-trials']));
  assert.equal(codes.length, 6);
});

test('a target without MemStats has GC CPU from gctrace, and no composition', async () => {
  const analysis = await analyseSynthetic({ inside: 'none', gctrace: true });
  const cell = cellOf(analysis, 'gogc=25');
  assert.equal(cell.composition, undefined);
  assert.ok((cell.estimates['gc.cpu_window']?.value as number) > 0);
  assertClose(cell.estimates['heap.live']?.value as number, 12 * 2 ** 20, 1e-12);
  assert.equal(cell.estimates['gc.cpu_naive'], undefined);
  assert.match(textOf(analysis.methods), /gc\.cpu_window from gctrace/);
});

test('a target that tells nothing from inside has memory and CPU, and no word of GC CPU', async () => {
  const analysis = await analyseSynthetic({ inside: 'none' });
  const { estimates } = cellOf(analysis, 'gogc=25');
  assert.ok(estimates['memory.anon'] && estimates['cpu.per_request']);
  assert.equal(estimates['gc.cpu_window'], undefined);
  assert.match(textOf(analysis.finding), /GC CPU is not available for GOGC=100, GOGC=25/);
});

test('a batch costs CPU per run and has a duration', async () => {
  const analysis = await analyseSynthetic({ workloads: { compile: 'batch' }, inside: 'none', gctrace: true });
  const { unit, description } = first(analysis);
  assert.deepEqual([unit, description], ['run', 'batch, one complete run per trial']);
  const { estimates } = cellOf(analysis, 'gogc=25');
  assert.equal(estimates['batch.duration']?.value, 12);
  assert.equal(estimates['memory.peak']?.value, 90 * 2 ** 20);
  assert.equal(estimates['latency.p50'], undefined);
  assert.match(textOf(analysis.finding), /CPU per run against GOGC=100/);
});

test('an idle target has no cost per request, but CPU and memory', async () => {
  const idle = { ...SMALL_SERVICE, allocPerSecond: 2 ** 20, requestsPerSecond: 1e-9 };
  const analysis = await analyseSynthetic({ workloads: { idle: 'idle' }, model: () => idle });
  const { estimates } = cellOf(analysis, 'gogc=100');
  assert.equal(estimates['cpu.per_request'], undefined);
  assert.equal(estimates['gc.cpu_per_request'], undefined);
  assert.ok(estimates['memory.anon'] && estimates['cpu.used']);
  assert.equal(estimates['gc.cpu_window'], undefined);
  assert.ok(analysis.warnings.some(({ code, cell }) => code === 'gc-figures-refused' && cell === 'gogc=100'));
});

test('GOGC=off collects nothing: no cycles is a figure, no GC CPU is not', async () => {
  const analysis = await analyseSynthetic({ gogc: [100, 'off'] });
  const { estimates, label } = cellOf(analysis, 'gogc=off');
  assert.equal(label, 'GOGC=off');
  assert.equal(estimates['gc.cycles']?.value, 0);
  for (const metric of ['gc.cpu_window', 'gc.cpu_naive', 'gc.cpu_share', 'heap.goal', 'heap.live'] as const) {
    assert.equal(estimates[metric], undefined, metric);
  }
  const difference = contrastOf(analysis, 'gogc=off', 'gc.cycles');
  assert.equal(difference.ratio, undefined);
  assert.match(textOf(analysis.finding), /GC CPU is not available for GOGC=off/);
});

test('a trial of a cell that the plan does not have is named, and does not count', async () => {
  const run = syntheticRun({ blocks: 1 });
  const [one, ...others] = run.trials() as [AnalysedTrial, ...AnalysedTrial[]];
  const stray = { ...one, record: { ...one.record, cell: 'gogc=1', id: '001-01-gogc-1' } };
  const analysis = await analyse({ manifest: run.manifest, trials: [stray, ...others] });
  assertSound(analysis);
  assert.equal(analysis.trials.length, 5);
  const warning = analysis.warnings.find(({ code }) => code === 'unknown-cell');
  assert.match(warning?.message ?? '', /trial 001-01-gogc-1 belongs to cell gogc=1,/);
});
