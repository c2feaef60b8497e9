import assert from 'node:assert/strict';
import { test } from 'node:test';

import { analyse } from '../../src/analysis/analyse.ts';
import type { Analysis, CellAnalysis, WorkloadAnalysis } from '../../src/analysis/analysis.ts';
import { contrastWarnings } from '../../src/analysis/inference/contrast-warnings.ts';
import { findingOf } from '../../src/analysis/finding/finding.ts';
import { infer } from '../../src/analysis/inference/infer.ts';
import type { Experiment } from '../../src/experiment/experiment.ts';
import type { MetricId } from '../../src/metrics/metrics.ts';
import { SMALL_SERVICE } from '../fixtures/analysis/heap-model.ts';
import type { SyntheticOptions } from '../fixtures/analysis/synthetic-run.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';
import { cellOf, experimentOf } from './recommend/simulated-sweep.ts';

async function analysisOf(options: SyntheticOptions): Promise<Told> {
  const run = syntheticRun(options);
  return told(await analyse({ manifest: run.manifest, trials: run.trials() }));
}

/** The finding as it is read: the workload before each sentence. */
type Told = Omit<Analysis, 'finding'> & { readonly finding: readonly string[] };

function told(analysis: Analysis): Told {
  return { ...analysis, finding: analysis.finding.map(({ workload, text }) => `${workload}: ${text}`) };
}

/** A service whose GC costs next to nothing, so that no level costs CPU. */
const LIGHT = { ...SMALL_SERVICE, secondsPerByte: 1e-14, secondsPerCycle: 1e-9 };

test('the finding of a clear run, word for word', async () => {
  const { finding } = await analysisOf({ gogc: [50, 100, 200], seed: 11 });
  assert.deepEqual(finding, EXPECTED);
});

test('where an interval includes zero the estimate stands beside it, and no difference is said to be none', async () => {
  const { finding } = await analysisOf({ gogc: [50, 100], model: () => LIGHT, seed: 12 });
  assert.match(
    finding[0] ?? '',
    /^steady: GOGC=50 \(lowest measured memory\) saves .*; changes CPU per request by [−+][\d.]+ %, not certain \(−[\d.]+ to \+[\d.]+\) against GOGC=100 \(n = 6 blocks\)\.$/,
  );
  assert.doesNotMatch(finding.join('\n'), /no difference/);
});

test('with too few blocks it refuses, says how many it needs, and praises no level', async () => {
  const { finding } = await analysisOf({ gogc: [50, 100], blocks: 4 });
  assert.match(
    finding[0] ?? '',
    /^steady: GOGC=50 measured [\d.]+ MiB less than 27\.\d MiB anonymous memory and measured [\d.]+ % more CPU per request against GOGC=100 \(n = 4 blocks; an interval needs 6\)\.$/,
  );
  assert.match(
    finding.at(-1) ?? '',
    /The noise of this machine is unknown: the A\/A cell has 4 blocks, and 6 are needed\./,
  );
  assert.doesNotMatch(finding.join('\n'), /saves|costs|the least/);
});

test('a level of which no trial counts cannot be judged', async () => {
  const { finding } = await analysisOf({
    gogc: [25, 50, 100],
    outcomes: ({ cell }) => [
      cell === 'gogc=25' ? { kind: 'oom-killed', phase: 'measure', limitBytes: 512 * 2 ** 20 } : { kind: 'completed' },
    ],
  });
  assert.ok(finding.includes('steady: GOGC=25 cannot be judged: 6 of 6 trials were OOM-killed (limit 512 MiB).'));
});

test('without an A/A cell that counts the noise is said not to be known', async () => {
  const { finding } = await analysisOf({
    outcomes: ({ cell }) => (cell.endsWith('(A/A)') ? [] : [{ kind: 'completed' }]),
  });
  assert.match(finding.at(-1) ?? '', /The noise of this machine is unknown: there is no usable A\/A cell/);
});

/** Six blocks of values that are those of the baseline times `ratios`. */
function cells(
  levels: readonly (readonly [gogc: number, role: 'level' | 'a-a', metrics: Partial<Record<MetricId, number[]>>])[],
): readonly CellAnalysis[] {
  return levels.map(([gogc, role, metrics]) => cellOf(gogc, role, metrics));
}

/** The sentences on cells of which only the values are known. */
function findingOn(
  measured: readonly CellAnalysis[],
  experiment: Partial<Experiment> = {},
): { readonly workload: WorkloadAnalysis; readonly finding: readonly string[] } {
  const whole = { ...experimentOf(), ...experiment };
  const { manifest } = syntheticRun();
  const own = { workload: 'bursty', description: '', unit: 'request', cells: measured } as const;
  const [workload] = infer({ experiment: whole, plan: manifest.plan }, [own]);
  assert.ok(workload !== undefined);
  return { workload, finding: findingOf(whole, [workload]).map(({ text }) => text) };
}

const SAME = [1, 1.1, 0.9, 1, 1.2, 0.8];
const mebibytes = (values: readonly number[]): number[] => values.map((value) => value * 2 ** 20);
const times = (ratios: readonly number[]): number[] => SAME.map((value, i) => value * (ratios[i] as number));

test('a change is shown by its own interval, whatever the same setting run twice differs by', () => {
  // The change, in per cent, is greater than what A/A shows, and in seconds it is smaller.
  const { workload, finding } = findingOn(
    cells([
      [100, 'level', { 'cpu.per_request': SAME }],
      [400, 'level', { 'cpu.per_request': times([0.523, 0.64, 0.66, 0.68, 0.71, 0.791]) }],
      [100, 'a-a', { 'cpu.per_request': times([0.696, 0.86, 0.94, 1, 1.05, 1.16]) }],
    ]),
    { primaries: ['cpu.per_request'] },
  );
  assert.equal(
    finding[0],
    'GOGC=400 (lowest measured CPU per request) saves 33.0 % (20.9–47.7) of CPU per request against GOGC=100 (n = 6 blocks).',
  );
  const [level, again] = workload.contrasts;
  assert.deepEqual(level?.verdict, { of: 'ratio', side: 'below', claim: 'better' });
  assert.deepEqual(again?.verdict, { of: 'ratio', side: 'includes', claim: 'not-shown' });
  assert.equal(level.adjustedP, 2 / 2 ** 6);
  assert.ok(Math.abs((again.ratio?.low ?? 0) - 0.696) < 1e-9 && Math.abs((again.ratio?.high ?? 0) - 1.16) < 1e-9);
  assert.match(
    finding.at(-2) ?? '',
    /^Noise: the difference between two trials of the same setting in one block has a standard deviation of 17\.\d % in CPU per request \(n = 6 blocks\); the A\/A check passes: none of their intervals excludes zero\.$/,
  );
  assert.match(
    finding.at(-1) ?? '',
    /^This run had 80 % power to detect differences of at least \d\d\.\d % in CPU per request\.$/,
  );
  // With the two cells of one setting renamed the scatter is the same.
  const renamed = findingOn(
    cells([
      [100, 'level', { 'cpu.per_request': times([0.696, 0.86, 0.94, 1, 1.05, 1.16]) }],
      [100, 'a-a', { 'cpu.per_request': SAME }],
    ]),
  );
  const relative = (one: WorkloadAnalysis): number => one.noise[0]?.relativeSd ?? NaN;
  assert.ok(Math.abs(relative(renamed.workload) - relative(workload)) < 1e-12);
});

test('what is in doubt in the middle of a list has its commas, and no two in a row', () => {
  const measured = cells([
    [100, 'level', { 'memory.rss': mebibytes(SAME), 'cpu.used': SAME, 'latency.p99': SAME }],
    [
      50,
      'level',
      {
        'memory.rss': mebibytes(times([0.7, 0.71, 0.72, 0.73, 0.74, 0.75])),
        'cpu.used': times([1.01, 1.02, 1.03, 1.04, 1.05, 0.99]),
        'latency.p99': times([1.11, 1.12, 1.13, 1.14, 1.15, 1.16]),
      },
    ],
  ]);
  const primaries = ['memory.rss', 'cpu.used', 'latency.p99'] as const;
  assert.equal(
    findingOn(measured, { primaries }).finding[0],
    'GOGC=50 (lowest measured memory) saves 289 KiB (205–327) or 27.5 % (25.0–30.0) of 1.00 MiB RSS; changes CPU by +2.5 %, not certain (−1.0 to +5.0); raises latency p99 by 13.5 % (11.0–16.0) against GOGC=100 (n = 6 blocks).',
  );
  assert.match(
    findingOn(measured, { primaries, matters: 0.2 }).finding[0] ?? '',
    /not certain \(−1\.0 to \+5\.0\); raises latency p99 by 13\.5 % \(11\.0–16\.0\) \(no larger than the smallest change that matters, 20 %\) against GOGC=100/,
  );
});

test('an A/A cell that differs is named, with how often such a check fails by chance', () => {
  const measured = cells([
    [100, 'level', { 'cpu.per_request': SAME }],
    [100, 'a-a', { 'cpu.per_request': times([1.01, 1.02, 1.03, 1.04, 1.05, 1.06]) }],
  ]);
  const { workload, finding } = findingOn(measured);
  assert.match(finding.join('\n'), /; the A\/A check fails for CPU per request\./);
  assert.equal(workload.noise[0]?.holdsZero, false);
  const [warning] = contrastWarnings(experimentOf(), workload.cells, workload.contrasts);
  assert.match(
    `${warning?.code}: ${warning?.message}`,
    /^a-a-differs: the A\/A cell differs from the baseline in cpu\.per_request by \+3\.5 % \(\+1\.0 to \+6\.0\), .* By chance alone, 3\.1 % of such checks fail\. /,
  );
});

test('a primary that is neither memory nor CPU is spoken of too', async () => {
  const run = syntheticRun({ gogc: [50, 100] });
  const experiment = {
    ...run.manifest.experiment,
    primaries: ['memory.anon', 'cpu.per_request', 'latency.p99'] as const,
  };
  const { finding } = told(await analyse({ manifest: { ...run.manifest, experiment }, trials: run.trials() }));
  assert.match(finding[0] ?? '', /CPU per request; changes latency p99 by [−+][\d.]+ %, not certain \(/);
  assert.match(finding.at(-1) ?? '', /at least .* in anonymous memory, .* in CPU per request and .* in latency p99\.$/);
});

test('several workloads each have their finding', async () => {
  const { finding } = await analysisOf({ gogc: [50, 100], workloads: { steady: 'http', quiet: 'idle' } });
  assert.ok(finding.some((sentence) => sentence.startsWith('steady: ')));
  assert.ok(finding.some((sentence) => sentence.startsWith('quiet: ')));
});

const EXPECTED: readonly string[] = [
  'steady: GOGC=50 (lowest measured memory) saves 6.45 MiB (5.91–6.72) or 23.8 % (22.0–24.5) of 27.2 MiB anonymous memory and costs +17.8 % (15.2–20.3) CPU per request against GOGC=100 (n = 6 blocks).',
  'steady: GOGC=200 (lowest measured CPU per request) takes 12.4 MiB (11.8–13.2) or 45.3 % (43.2–48.7) on top of 27.2 MiB anonymous memory and saves 7.9 % (6.2–10.3) of CPU per request against GOGC=100 (n = 6 blocks).',
  'steady: GC CPU is 4.5 % (4.4–4.5) of GOMAXPROCS × time at GOGC=50, which is 28.9 % (28.9–28.9) of the CPU time used (n = 6 trials) and 2.2 % (2.2–2.2) of GOMAXPROCS × time at GOGC=100, which is 16.9 % (16.9–16.9) of the CPU time used (n = 6 trials).',
  'steady: At GOGC=50, the target’s own GCCPUFraction is 4.1 % (4.0–4.2) (n = 6 trials), but GC CPU in the window was 4.5 % (4.4–4.5): GCCPUFraction is the mean since the process started, including start-up and warm-up.',
  'steady: Noise: the difference between two trials of the same setting in one block has a standard deviation of 1.7 % in anonymous memory and 1.6 % in CPU per request (n = 6 blocks); the A/A check passes: none of their intervals excludes zero.',
  'steady: This run had 80 % power to detect differences of at least 5.3 % in anonymous memory and 5.0 % in CPU per request.',
];
