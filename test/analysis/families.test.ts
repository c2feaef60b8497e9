import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import type { Analysis, Contrast, WorkloadAnalysis } from '../../src/analysis/analysis.ts';
import { ANALYSIS_VERSION } from '../../src/analysis/analysis.ts';
import { primaryFamily } from '../../src/analysis/inference/primary-family.ts';
import { upgradeAnalysis } from '../../src/analysis/upgrade-analysis.ts';
import { renderReport } from '../../src/report/formats.ts';
import { standardDeviation } from '../../src/statistics/descriptive.ts';
import { maxT } from '../../src/statistics/max-t.ts';
import { benjaminiHochberg } from '../../src/statistics/multiplicity.ts';
import { seededStream } from '../../src/statistics/random.ts';
import { signedRankTest } from '../../src/statistics/signed-rank.ts';
import { SMALL_SERVICE } from '../fixtures/analysis/heap-model.ts';
import { syntheticRun, type SyntheticOptions } from '../fixtures/analysis/synthetic-run.ts';

const KUBO = new URL('../../test/fixtures/kubo-0.42.0/analysis.json', import.meta.url);

async function analysisOf(options: SyntheticOptions): Promise<Analysis> {
  const run = syntheticRun(options);
  return analyse({ manifest: run.manifest, trials: run.trials() });
}

test('primary contrasts of all workloads are one family by max-T, the rest after Benjamini and Hochberg, A/A in none', async () => {
  const { workloads } = await analysisOf({ workloads: { steady: 'http', bursty: 'http' }, blocks: 10, noise: 0.05 });
  const all = workloads.flatMap(({ contrasts }) => contrasts);
  const logs = (workload: WorkloadAnalysis, { cell, metric }: Contrast): readonly number[] => {
    const values = (id: string): readonly number[] =>
      (workload.cells.find((one) => one.id === id)?.values[metric] ?? []).map(({ value }) => value);
    const base = values(workload.cells.find(({ baseline }) => baseline)?.id ?? '');
    return values(cell).map((value, block) => Math.log(value / (base[block] as number)));
  };
  const primaries = workloads.flatMap((workload) =>
    workload.contrasts.filter(({ family }) => family === 'primary').map((one) => ({ one, row: logs(workload, one) })),
  );
  assert.equal(primaries.length, 16);
  const { adjusted, method } = maxT(
    primaries.map(({ row }) => row),
    seededStream(1, 'none is drawn'),
  );
  assert.equal(method, 'step-down max-T, exact');
  assert.deepEqual(
    primaries.map(({ one }) => one.adjustedP),
    primaries.map(({ one }, i) => Math.max(adjusted[i] as number, one.p as number)),
  );
  assert.deepEqual(
    primaries.map(({ one }) => one.p),
    primaries.map(({ row }) => signedRankTest(row).p),
  );
  const others = all.filter((one) => one.family === 'exploratory' && one.p !== null);
  assert.ok(others.length > 8 && others.every(({ primary, kind }) => !primary && kind === 'level'));
  assert.deepEqual(
    others.map(({ adjustedP }) => adjustedP),
    benjaminiHochberg(others.map(({ p }) => p as number)),
  );
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
  assert.ok(methods.some(({ text }) => text.startsWith('Omnibus test of whether the levels differ at all')));
});

test('a difference that may be chance among so many says so with its adjusted p, and as many blocks as an interval takes can show all', async () => {
  const light = { ...SMALL_SERVICE, secondsPerByte: 1e-14, secondsPerCycle: 1e-9 };
  let doubted = 0;
  for (let seed = 1; seed <= 12 && doubted === 0; seed++) {
    const options = { gogc: [25, 50, 75, 100, 150, 200, 300, 400], blocks: 11, noise: 0.02, model: () => light, seed };
    const { finding } = await analysisOf(options);
    doubted += finding.filter(({ text }) =>
      /, which may be chance among 14 comparisons \(adjusted p = 0\.\d+\)/.test(text),
    ).length;
  }
  assert.ok(doubted > 0, 'no seed gave a chance finding');
  const few = await analysisOf({ workloads: { steady: 'http', bursty: 'http' }, blocks: 6 });
  const all = few.workloads.flatMap(({ contrasts }) => contrasts.filter(({ family }) => family === 'primary'));
  assert.equal(all.length, 16);
  // Holm over 16 would need 10 blocks: 16 · 2 ÷ 2^6 is 0.5.
  assert.ok(all.filter(({ adjustedP }) => adjustedP === 2 / 2 ** 6).length >= 12);
  assert.deepEqual(
    new Set(all.filter(({ adjustedP }) => adjustedP === 2 / 2 ** 6).map(({ verdict }) => verdict.claim)),
    new Set(['better', 'worse']),
  );
});

test('noise is the standard deviation of a pair of trials, of the A/A cell and of each level, and what could be found falls with the blocks', async () => {
  const of = async (blocks: number) => {
    const { workloads } = await analysisOf({ gogc: [50, 100], blocks, noise: 0.05, seed: 7 });
    const noise = workloads[0]?.noise.find(({ metric }) => metric === 'memory.anon');
    const cells = workloads[0]?.cells ?? [];
    assert.ok(noise !== undefined);
    return { noise, cells };
  };
  const { noise, cells } = await of(20);
  const values = (id: string): readonly number[] =>
    (cells.find((cell) => cell.id === id)?.values['memory.anon'] ?? []).map(({ value }) => value);
  const pairsOf = (id: string, change: (value: number, base: number) => number): readonly number[] =>
    values(id).map((value, i) => change(value, values('gogc=100')[i] as number));
  const log = (value: number, base: number): number => Math.log(value / base);
  assert.equal(noise.sd, standardDeviation(pairsOf('gogc=100 (A/A)', (value, base) => value - base)));
  assert.equal(noise.relativeSd, standardDeviation(pairsOf('gogc=100 (A/A)', log)));
  assert.deepEqual(
    noise.cells.map(({ cell, relativeSd, n }) => [cell, relativeSd, n]),
    [['gogc=50', standardDeviation(pairsOf('gogc=50', log)), 20]],
  );
  assert.equal(noise.n, 20);
  assert.equal(noise.holdsZero, true);
  // It is noise that is told, not how many blocks there are: 5 % of either trial of a pair.
  for (const blocks of [8, 20, 60]) {
    const { relativeSd } = (await of(blocks)).noise;
    assert.ok(Math.abs((relativeSd as number) - 0.05 * Math.SQRT2) < 0.03, `${relativeSd} of ${blocks} blocks`);
  }
  assert.ok(((await of(8)).noise.detectable as number) > (noise.detectable as number));
  const two = (await of(2)).noise;
  assert.deepEqual([two.detectable, two.relativeDetectable, two.holdsZero], [null, null, null]);
  const one = (await of(1)).noise;
  assert.deepEqual([one.sd, one.relativeSd], [null, null]);
});

test('a constant metric has a detectable difference of nothing, not of NaN', async () => {
  const { workloads } = await analysisOf({ gogc: [50, 100], blocks: 6, noise: 0 });
  for (const { detectable, relativeDetectable, sd } of workloads.flatMap(({ noise }) => noise)) {
    for (const value of [detectable, relativeDetectable, sd]) assert.ok(value === null || Number.isFinite(value));
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
    after.map(({ difference, ratio }) => [difference, ratio]),
    before.map(({ difference, ratio }) => [difference, ratio]),
  );
  assert.equal(primaryFamily(now.workloads).length, 16);
  assert.ok(now.workloads.every(({ axes }) => axes.memory === 'memory.anon' && axes.cost === 'cpu.per_request'));
  const inference = (about: string): number => now.methods.filter((method) => method.about === about).length;
  assert.deepEqual([inference('measurement') > 3, inference('inference')], [true, 5]);
  assert.doesNotMatch(JSON.stringify([now.methods, now.warnings, now.finding]), /Holm|noise floor|within-noise/);
  assert.ok(now.workloads.every(({ noise, front }) => noise.length > 10 && front !== undefined));
  for (const format of ['text', 'md', 'csv', 'json', 'benchfmt', 'html'] as const) {
    assert.doesNotMatch(await renderReport(now, format), /\bNaN\b|\bundefined\b/, format);
  }
  assert.equal(upgradeAnalysis(old.run, { ...old, analysisVersion: 99 }), undefined);
  assert.deepEqual(upgradeAnalysis(now.run, now), now, 'what is concluded from the same values is the same');
});
