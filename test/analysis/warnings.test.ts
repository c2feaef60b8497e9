import assert from 'node:assert/strict';
import { test } from 'node:test';

import { analyse } from '../../src/analysis/analyse.ts';
import type { AnalysedTrial } from '../../src/analysis/analyse.ts';
import { foldWarnings } from '../../src/analysis/per-cell/fold-warnings.ts';
import { namedStrata } from '../../src/analysis/per-cell/stratum-warnings.ts';
import type { CellAnalysis } from '../../src/analysis/analysis.ts';
import type { Warning } from '../../src/metrics/warning.ts';
import type { Reading } from '../../src/results/format.ts';
import { SMALL_SERVICE } from '../fixtures/analysis/heap-model.ts';
import { sampleAnalysis } from '../fixtures/analysis/sample-run.ts';
import type { SyntheticOptions } from '../fixtures/analysis/synthetic-run.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';

/** The warnings of a synthetic run whose trials were tampered with. */
async function warningsOf(
  options: SyntheticOptions,
  tamper: (trial: AnalysedTrial & { readings: readonly Reading[] }) => AnalysedTrial,
): Promise<readonly Warning[]> {
  const run = syntheticRun(options);
  const trials = run
    .trials()
    .map(({ record, readings }) => tamper({ record, readings: [...(readings as Iterable<Reading>)] }));
  return (await analyse({ manifest: run.manifest, trials })).warnings;
}

const small = { gogc: [50, 100], blocks: 6 } as const;

test('warnings of one kind about one cell become one, with their number', () => {
  const warning = (trial: string, message = 'few cycles'): Warning => ({ code: 'few', message, cell: 'a', trial });
  assert.deepEqual(foldWarnings([warning('1'), warning('2'), { ...warning('3'), cell: 'b' }]), [
    { code: 'few', message: 'few cycles (in 2 trials)', cell: 'a' },
    { code: 'few', message: 'few cycles', cell: 'b', trial: '3' },
  ]);
  assert.equal(
    foldWarnings([warning('1', '8 cycles'), warning('2', '9 cycles')])[0]?.message,
    '8 cycles (and similarly in 1 more)',
  );
  const run = { code: 'host', message: 'the host was busy' };
  assert.deepEqual(foldWarnings([run, run]), [run]);
  assert.deepEqual(foldWarnings([]), []);
});

test('what is said of one version of several names it, what is said of all of them does not', () => {
  const strata = ['old', 'new'].map((version) => ({
    stratum: { workload: 'steady', factors: { version }, label: `version=${version}` },
    cells: [{ id: `gogc=100 version=${version}` } as unknown as CellAnalysis],
  }));
  const about = (cell: string, message: string): Warning => ({ code: 'too-few-trials', message, cell });
  const [old, other] = ['gogc=100 version=old', 'gogc=100 version=new'];
  const alike = [about(old, '2 trials are too few'), about(other, '2 trials are too few')];
  const unlike = [about(old, 'only 2 of 10 trials count'), about(other, 'only 3 of 10 trials count')];
  const general: Warning = { code: 'simulated', message: 'simulated' };
  assert.deepEqual(
    namedStrata([general, ...alike, ...unlike], strata).map(({ message }) => message),
    [
      'simulated',
      '2 trials are too few',
      '2 trials are too few',
      'version=old: only 2 of 10 trials count',
      'version=new: only 3 of 10 trials count',
    ],
  );
});

test('a cell over 1 % of whose periods were throttled is warned of, others are not', async () => {
  const { warnings } = await sampleAnalysis();
  const throttled = warnings.filter(({ code }) => code === 'throttled');
  assert.deepEqual(
    throttled.map(({ cell }) => cell),
    ['gogc=25 workload=bursty'],
  );
  assert.match(
    throttled[0]?.message ?? '',
    /up to 5\.\d % of the scheduling periods \(over 1 % in 4 of 7 trials\): GC CPU reads too high there/,
  );
});

test('a cgroup that is short of memory is warned of, by what the kernel says of it', async () => {
  const short = await warningsOf(small, (trial) => ({
    ...trial,
    readings: trial.readings.map((reading) =>
      reading.probe === 'cgroup' && trial.record.cell === 'gogc=50'
        ? {
            ...reading,
            v: { ...reading.v, memoryPressureSeconds: reading.at / 20, highEvents: Math.floor(reading.at) },
          }
        : reading,
    ),
  }));
  const found = short.filter(({ code }) => ['memory-pressure', 'memory-high', 'refaults'].includes(code));
  assert.deepEqual(
    found.map(({ code, cell }) => [code, cell]),
    [
      ['memory-high', 'gogc=50'],
      ['memory-pressure', 'gogc=50'],
    ],
  );
  assert.match(found[1]?.message ?? '', /waited for memory in up to 5\.?0? % of the window/);
});

test('under the wanted number of cycles there is a warning, under five a refusal', async () => {
  const slow = await warningsOf(
    { ...small, model: () => ({ ...SMALL_SERVICE, allocPerSecond: 20 * 2 ** 20 }) },
    (trial) => trial,
  );
  assert.deepEqual(
    slow.filter(({ metric }) => metric === 'gc.cpu_window').map(({ code }) => code),
    ['too-few-cycles', 'too-few-cycles', 'too-few-cycles'],
  );
  const idle = await warningsOf(
    { ...small, model: () => ({ ...SMALL_SERVICE, allocPerSecond: 2 ** 20 }) },
    (trial) => trial,
  );
  const refused = idle.filter(({ metric }) => metric === 'gc.cpu_window');
  assert.ok(refused.length > 0 && refused.every(({ code }) => code === 'gc-figures-refused'));
  assert.match(refused[0]?.message ?? '', /GC CPU is not given with fewer than 5/);
});

test('an A/A contrast that leaves out zero is warned of', async () => {
  const warnings = await warningsOf(small, ({ record, readings }) => ({
    record,
    readings: record.cell.endsWith('(A/A)') ? scaled(readings, 'rssAnonBytes', 1.1) : readings,
  }));
  const warning = warnings.find(({ code }) => code === 'a-a-differs');
  assert.equal(warning?.metric, 'memory.anon');
  assert.equal(warning.cell, 'gogc=100 (A/A)');
});

test('memory that falls as GOGC grows is noted, clear of its interval only', async () => {
  const disorder = async (factor: number): Promise<readonly Warning[]> =>
    (
      await warningsOf({ ...small, gogc: [100, 200] }, ({ record, readings }) => ({
        record,
        readings: record.cell === 'gogc=200' ? scaled(readings, 'rssAnonBytes', factor) : readings,
      }))
    ).filter(({ code }) => code === 'not-monotone');
  assert.deepEqual(await disorder(1), []);
  const found = await disorder(0.3);
  assert.match(found[0]?.message ?? '', /^memory should grow with GOGC but falls from GOGC=100 to GOGC=200/);
});

test('figures of different origin within a cell are named', async () => {
  const warnings = await warningsOf(small, ({ record, readings }) => ({
    record,
    readings:
      record.block === 2 && record.cell === 'gogc=50' ? readings.filter(({ probe }) => probe !== 'proc') : readings,
  }));
  const mixed = warnings.find(({ code, metric }) => code === 'mixed-sources' && metric === 'memory.anon');
  assert.equal(mixed?.cell, 'gogc=50');
  assert.match(mixed.message, /the source of memory\.anon differs between trials: cgroup and proc/);
});

test('a target that was started anew within the window has no counters, and is named', async () => {
  const warnings = await warningsOf(small, ({ record, readings }) => ({
    record,
    readings:
      record.block === 3 && record.cell === 'gogc=50'
        ? readings.map((one) => (one.probe === 'expvar' && one.at > 8 ? { ...one, v: { ...one.v, numGc: 2 } } : one))
        : readings,
  }));
  const found = warnings.find(({ code }) => code === 'counter-went-back');
  assert.equal(found?.cell, 'gogc=50');
  assert.match(found.message, /^numGc of expvar went backwards/);
});

test('settings that were not those asked for, swap, and a trial without readings are named', async () => {
  const warnings = await warningsOf(small, ({ record, readings }) => {
    if (record.cell !== 'gogc=50') return { record, readings };
    if (record.block === 1) return { record: { ...record, effective: { gomaxprocs: 1 } }, readings };
    if (record.block === 2) {
      return { record: { ...record, effective: { gogcPercent: 75, gogcEvidence: 'runtime-metrics' } }, readings };
    }
    if (record.block === 3) return { record, readings: scaled(readings, 'swapBytes', 0, 4096) };
    if (record.block === 4) return { record, readings: [] };
    return { record, readings };
  });
  const message = (code: string): string => warnings.find((warning) => warning.code === code)?.message ?? '';
  assert.equal(message('gomaxprocs-differs'), 'GOMAXPROCS was 1, not the 2 requested');
  assert.equal(message('gogc-overridden'), 'the target overrides GOGC: requested 50, effective 75');
  assert.match(message('swapped'), /swapped out/);
  assert.equal(message('no-readings'), 'the window contains no reading');
});

test('what the run and the trials themselves warned of is passed on', async () => {
  const run = syntheticRun(small);
  const own = { code: 'host-busy', message: 'the load average was 7' };
  const trials = run.trials().map(({ record, readings }) => ({
    record: { ...record, warnings: [{ code: 'gctrace-gaps', message: 'a line was lost', trial: record.id }] },
    readings,
  }));
  const analysis = await analyse({ manifest: { ...run.manifest, warnings: [own] }, trials });
  assert.deepEqual(analysis.warnings[0], own);
  const gaps = analysis.warnings.filter(({ code }) => code === 'gctrace-gaps');
  assert.deepEqual(
    gaps.map(({ message }) => message),
    Array<string>(3).fill('a line was lost (in 6 trials)'),
  );
  assert.ok(analysis.trials.every(({ warnings }) => warnings.some(({ code }) => code === 'gctrace-gaps')));
});

function scaled(readings: readonly Reading[], key: 'rssAnonBytes' | 'swapBytes', factor: number, plus = 0): Reading[] {
  return readings.map((one) => {
    const value = one.v[key];
    return value === undefined ? one : { ...one, v: { ...one.v, [key]: value * factor + plus } };
  });
}

test('figures that gctrace alone tells say how far off they may be', async () => {
  const warnings = await warningsOf({ ...small, inside: 'none', gctrace: true }, (trial) => trial);
  const about = (code: string, metric: string) =>
    warnings.find((one) => one.code === code && one.metric === metric && one.cell === 'gogc=50')?.message ?? '';
  assert.match(
    about('gctrace-over-counts', 'gc.cpu_window'),
    /^GC CPU is summed from gctrace, the only source: .* 3 to 85 % above/,
  );
  assert.match(
    about('gctrace-floored', 'heap.live'),
    /^the live heap comes from gctrace, .* up to 1 MiB too low \(\d+ % of it\)/,
  );
  assert.match(about('gctrace-floored', 'heap.goal'), /^the heap goal comes from gctrace/);
  const told = await warningsOf({ ...small, gctrace: true }, (trial) => trial);
  assert.ok(!told.some(({ code }) => code.startsWith('gctrace-over')), 'the runtime’s own account goes first');
});

test('p99.9 of too few requests is refused with its reason, p99 of few slow ones is told', async () => {
  const warnings = await warningsOf({ ...small, measureSeconds: 4 }, (trial) => trial);
  const [refused] = warnings.filter(({ code }) => code === 'too-few-requests');
  assert.match(refused?.message ?? '', /^800 requests are too few for p99\.9, which needs 10000: 10 beyond it/);
  const [few] = warnings.filter(({ code }) => code === 'few-slow-requests');
  assert.match(few?.message ?? '', /^p99 of 800 requests rests on the 8 slowest/);
  assert.equal(few?.metric, 'latency.p99');
});

test('a cgroup whose CPU time goes back, and cycles of gctrace that do, are named', async () => {
  const warnings = await warningsOf({ ...small, gctrace: true }, ({ record, readings }) => ({
    record,
    readings: readings.map((one) => {
      if (record.block !== 2 || record.cell !== 'gogc=50' || one.at < 8) return one;
      if (one.probe === 'cgroup') return { ...one, v: { ...one.v, cgroupCpuSeconds: 0.001 * one.at } };
      return one.probe === 'gctrace' ? { ...one, v: { ...one.v, cycle: 3 } } : one;
    }),
  }));
  const messages = warnings.filter(({ code }) => code === 'counter-went-back').map(({ message }) => message);
  assert.ok(
    messages.some((message) => /cgroupCpuSeconds of cgroup went backwards/.test(message)),
    messages.join('; '),
  );
});
