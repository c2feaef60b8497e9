import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import type { Analysis, Contrast } from '../../src/analysis/analysis.ts';
import { ANALYSIS_VERSION } from '../../src/analysis/analysis.ts';
import { mayBeChance, primaryFamily } from '../../src/analysis/primary-family.ts';
import { upgradeAnalysis } from '../../src/analysis/upgrade-analysis.ts';
import { renderReport } from '../../src/report/formats.ts';
import { benjaminiHochberg, holm } from '../../src/statistics/multiplicity.ts';
import { SMALL_SERVICE } from '../fixtures/analysis/heap-model.ts';
import { syntheticRun, type SyntheticOptions } from '../fixtures/analysis/synthetic-run.ts';

const KUBO = new URL('../../results/reference/kubo-0.42.0/analysis.json', import.meta.url);

async function analysisOf(options: SyntheticOptions): Promise<Analysis> {
  const run = syntheticRun(options);
  return analyse({ manifest: run.manifest, trials: run.trials() });
}

test('primary contrasts of all workloads are one family after Holm, the rest after Benjamini and Hochberg, A/A in none', async () => {
  const { workloads } = await analysisOf({ workloads: { steady: 'http', bursty: 'http' }, blocks: 10, noise: 0.05 });
  const all = workloads.flatMap(({ contrasts }) => contrasts);
  for (const [family, correct] of [
    ['primary', holm],
    ['exploratory', benjaminiHochberg],
  ] as const) {
    const own = all.filter((one) => one.family === family && one.p !== null);
    assert.ok(own.length > 8);
    assert.deepEqual(
      own.map(({ adjustedP }) => adjustedP),
      correct(own.map(({ p }) => p as number)),
    );
    assert.ok(own.every(({ primary, kind }) => primary === (family === 'primary') && kind === 'level'));
  }
  const again = all.filter(({ kind }) => kind === 'a-a');
  assert.ok(again.length > 8 && again.every(({ family, adjustedP }) => family === 'a-a' && adjustedP === null));
});

test('each primary is asked once whether its levels differ at all, and each contrast says how much of the ranks agree', async () => {
  const { workloads, methods } = await analysisOf({ workloads: { steady: 'http', bursty: 'http' }, blocks: 8 });
  for (const { omnibus = [], contrasts } of workloads) {
    assert.deepEqual(
      omnibus.map(({ metric, cells, n }) => [metric, cells, n]),
      [
        ['memory.anon', 5, 8],
        ['cpu.per_request', 5, 8],
      ],
    );
    // GOGC from 25 to 400 is no close call: none of 9,999 draws lies as far apart.
    assert.ok(omnibus.every(({ p }) => p === 1 / 10_000));
    const memory = contrasts.filter(({ metric, kind }) => metric === 'memory.anon' && kind === 'level');
    assert.deepEqual(
      memory.map(({ rankBiserial }) => rankBiserial),
      [-1, -1, 1, 1],
    );
  }
  assert.ok(methods.some((sentence) => sentence.startsWith('Whether the levels differ at all')));
});

test('what may be chance among so many is said to, where blocks would have sufficed to tell', async () => {
  const contrast = {
    family: 'primary',
    p: 0.02,
    adjustedP: 0.16,
    difference: { n: 10 },
  } as unknown as Contrast;
  const clear = { ...contrast, p: 0.002, adjustedP: 0.016 };
  const family = primaryFamily({ confidence: 0.95 }, [{ contrasts: Array.from({ length: 8 }, () => contrast) }]);
  assert.deepEqual(family, { comparisons: 8, needed: 9, reachable: true });
  assert.equal(mayBeChance(contrast, family, 0.95), true);
  assert.equal(mayBeChance(clear, family, 0.95), false);
  assert.equal(mayBeChance({ ...contrast, family: 'exploratory' }, family, 0.95), false);
  assert.equal(mayBeChance(contrast, { ...family, reachable: false }, 0.95), false);
});

test('a finding that may be chance says so with its adjusted p; one that cannot be tested says it once for all', async () => {
  const light = { ...SMALL_SERVICE, secondsPerByte: 1e-14, secondsPerCycle: 1e-9 };
  let doubted = 0;
  for (let seed = 1; seed <= 12 && doubted === 0; seed++) {
    const options = { gogc: [25, 50, 75, 100, 150, 200, 300, 400], blocks: 11, noise: 0.02, model: () => light, seed };
    const { finding } = await analysisOf(options);
    doubted += finding.filter((text) =>
      /which among 14 comparisons may be chance \(adjusted p = 0\.\d+\)/.test(text),
    ).length;
    assert.ok(!finding.some((text) => text.startsWith('Each interval holds by itself')));
  }
  assert.ok(doubted > 0, 'no seed gave a chance finding');
  const few = await analysisOf({ gogc: [50, 100, 200], blocks: 6 });
  assert.equal(
    few.finding.filter((text) => text.startsWith('Each interval holds by itself: with 4 comparisons')).length,
    1,
  );
});

test('the noise of a metric is the farther end of the A/A interval, and what could be found falls with the blocks', async () => {
  const of = async (blocks: number) => {
    const { workloads } = await analysisOf({ gogc: [50, 100], blocks, noise: 0.05, seed: 7 });
    const [workload] = workloads;
    const noise = workload?.noise.find(({ metric }) => metric === 'memory.anon');
    const again = workload?.contrasts.find(({ kind, metric }) => kind === 'a-a' && metric === 'memory.anon');
    assert.ok(noise !== undefined && again !== undefined);
    return { noise, again };
  };
  const { noise, again } = await of(20);
  const { low, high } = again.difference;
  assert.equal(noise.floor, Math.max(Math.abs(low as number), Math.abs(high as number)));
  assert.equal(noise.n, 20);
  // 5 % of some 27 MiB on either side of a pair: (2.09 + 0.86) · √2 · 0.05 ÷ √20 = 4.7 %
  assert.ok(Math.abs((noise.relativeDetectable as number) - 0.047) < 0.02, String(noise.relativeDetectable));
  const wide = (await of(8)).noise;
  assert.ok((wide.detectable as number) > (noise.detectable as number));
  const two = (await of(2)).noise;
  assert.deepEqual([two.floor, two.detectable, two.relativeDetectable], [null, null, null]);
});

test('a constant metric has a detectable difference of nothing, not of NaN', async () => {
  const { workloads } = await analysisOf({ gogc: [50, 100], blocks: 6, noise: 0 });
  for (const { detectable, relativeDetectable, floor } of workloads.flatMap(({ noise }) => noise)) {
    for (const value of [detectable, relativeDetectable, floor]) assert.ok(value === null || Number.isFinite(value));
  }
});

test('an analysis of version 1 is brought up to date from its own values, and every format can be made of it', async () => {
  const old = JSON.parse(readFileSync(KUBO, 'utf8')) as Analysis;
  assert.equal(old.analysisVersion, 1);
  const now = upgradeAnalysis(old.run, old);
  assert.ok(now !== undefined);
  assert.equal(now.analysisVersion, ANALYSIS_VERSION);
  const [before, after] = [old.workloads[0]?.contrasts ?? [], now.workloads[0]?.contrasts ?? []];
  assert.deepEqual(
    after.map(({ difference, p }) => [difference, p]),
    before.map(({ difference, p }) => [difference, p]),
  );
  assert.equal(primaryFamily(now.run.experiment, now.workloads).comparisons, 16);
  assert.ok(now.workloads.every(({ noise, front }) => noise.length > 10 && front !== undefined));
  for (const format of ['text', 'md', 'csv', 'json', 'benchfmt', 'html'] as const) {
    assert.doesNotMatch(await renderReport(now, format), /\bNaN\b|\bundefined\b/, format);
  }
  assert.equal(upgradeAnalysis(old.run, { ...old, analysisVersion: 99 }), undefined);
  assert.deepEqual(upgradeAnalysis(now.run, now), now, 'what is concluded from the same values is the same');
});
