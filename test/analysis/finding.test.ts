import assert from 'node:assert/strict';
import { test } from 'node:test';

import { analyse } from '../../src/analysis/analyse.ts';
import type { Analysis } from '../../src/analysis/analysis.ts';
import type { Reading } from '../../src/results/format.ts';
import { SMALL_SERVICE } from '../fixtures/analysis/heap-model.ts';
import type { SyntheticOptions } from '../fixtures/analysis/synthetic-run.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';

async function analysisOf(options: SyntheticOptions): Promise<Analysis> {
  const run = syntheticRun(options);
  return analyse({ manifest: run.manifest, trials: run.trials() });
}

/** A service whose GC costs next to nothing, so that no level costs CPU. */
const LIGHT = { ...SMALL_SERVICE, secondsPerByte: 1e-14, secondsPerCycle: 1e-9 };

test('the finding of a clear run, word for word', async () => {
  const { finding } = await analysisOf({ gogc: [50, 100, 200], seed: 11 });
  assert.deepEqual(finding, EXPECTED);
});

test('where an interval includes zero no difference is shown, which is not said to be none', async () => {
  const { finding } = await analysisOf({ gogc: [50, 100], model: () => LIGHT, seed: 12 });
  assert.match(
    finding[0] ?? '',
    /^steady: GOGC=50, measured with the least memory, saves .* and has no difference shown in CPU per request \(−?\+?[\d.]+ to \+[\d.]+ %\)/,
  );
  assert.doesNotMatch(finding.join('\n'), /no difference(?! shown)/);
});

test('with too few blocks it refuses, says how many it needs, and praises no level', async () => {
  const { finding } = await analysisOf({ gogc: [50, 100], blocks: 4 });
  assert.match(
    finding[0] ?? '',
    /^steady: GOGC=50 measured [\d.]+ MiB less than 27\.\d MiB anonymous memory and measured [\d.]+ % more CPU per request against GOGC=100 \(no interval can be given with n = 4 blocks, 6 are needed\)\.$/,
  );
  assert.match(
    finding.at(-1) ?? '',
    /the noise of this machine is not known: the A\/A cell has 4 blocks, 6 are needed\./,
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
  assert.ok(finding.includes('steady: GOGC=25 cannot be judged: 6 of 6 trials ran out of memory (limit 512 MiB).'));
});

test('without an A/A cell that counts the noise is said not to be known', async () => {
  const { finding } = await analysisOf({
    outcomes: ({ cell }) => (cell.endsWith('(A/A)') ? [] : [{ kind: 'completed' }]),
  });
  assert.match(finding.at(-2) ?? '', /the noise of this machine is not known: no A\/A cell counts/);
  assert.match(finding.at(-1) ?? '', /^Each interval holds by itself: with \d+ comparisons .* takes \d+ blocks/);
});

test('an effect within the noise is said to be no more than that, and is no best level', async () => {
  const run = syntheticRun({ gogc: [50, 100] });
  // The A/A cell is off by a third, now up, now down.
  const trials = run.trials().map(({ record, readings }) => ({
    record,
    readings: [...(readings as Iterable<Reading>)].map((one) => {
      const { rssAnonBytes } = one.v;
      if (!record.cell.endsWith('(A/A)') || rssAnonBytes === undefined) return one;
      return { ...one, v: { ...one.v, rssAnonBytes: rssAnonBytes * (record.block % 2 === 0 ? 1.33 : 0.67) } };
    }),
  }));
  const { finding, warnings } = await analyse({ manifest: run.manifest, trials });
  assert.match(
    finding[0] ?? '',
    /^steady: GOGC=50 saves .* anonymous memory, no more than the same setting run twice differs, and costs /,
  );
  assert.ok(
    warnings.some(
      ({ code, cell, metric }) => code === 'within-noise-floor' && cell === 'gogc=50' && metric === 'memory.anon',
    ),
  );
});

test('a primary that is neither memory nor CPU is spoken of too', async () => {
  const run = syntheticRun({ gogc: [50, 100] });
  const experiment = {
    ...run.manifest.experiment,
    primaries: ['memory.anon', 'cpu.per_request', 'latency.p99'] as const,
  };
  const { finding } = await analyse({ manifest: { ...run.manifest, experiment }, trials: run.trials() });
  assert.match(finding[0] ?? '', /CPU per request and has no difference shown in latency p99 \(/);
  assert.match(
    finding.at(-2) ?? '',
    /twice differs by .* in anonymous memory, .* in CPU per request and .* in latency p99/,
  );
});

test('several workloads each have their finding', async () => {
  const { finding } = await analysisOf({ gogc: [50, 100], workloads: { steady: 'http', quiet: 'idle' } });
  assert.ok(finding.some((sentence) => sentence.startsWith('steady: ')));
  assert.ok(finding.some((sentence) => sentence.startsWith('quiet: ')));
});

const EXPECTED: readonly string[] = [
  'steady: GOGC=50, measured with the least memory, saves 6.45 MiB (5.91–6.72) of 27.2 MiB anonymous memory and costs +17.8 % (15.2–20.3) CPU per request against GOGC=100 (n = 6 blocks).',
  'steady: GOGC=200, measured with the least CPU per request, takes 12.4 MiB (11.8–13.2) on top of 27.2 MiB anonymous memory and saves 7.9 % (6.2–10.3) of CPU per request against GOGC=100 (n = 6 blocks).',
  'steady: GC CPU is 4.5 % (4.4–4.5) of GOMAXPROCS × time at GOGC=50, which is 28.9 % (28.9–28.9) of the CPU time used (n = 6 trials) and 2.2 % (2.2–2.2) of GOMAXPROCS × time at GOGC=100, which is 16.9 % (16.9–16.9) of the CPU time used (n = 6 trials).',
  'steady: GCCPUFraction as the target prints it says 4.1 % (4.0–4.2) at GOGC=50 where the window had 4.5 % (4.4–4.5) (n = 6 trials): it is the mean since the process began, start and warm-up included.',
  'steady: the same setting run twice differs by −626 to +488 KiB in anonymous memory and −1.0 to +2.8 % in CPU per request (n = 6 blocks): smaller differences are no findings. From 831 KiB in anonymous memory and 2.9 % in CPU per request on, 4 of 5 such sweeps find a difference.',
  'Each interval holds by itself: with 4 comparisons in the primary metrics it takes 8 blocks before one can be significant after Holm’s correction at 95 %.',
];
