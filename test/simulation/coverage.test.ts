import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MetricId } from '../../src/metrics/metrics.ts';
import type { Estimate } from '../../src/statistics/estimate.ts';
import { simulatedExperiment, simulatedRun } from './simulated-run.ts';

/** A noisy service on a machine that drifts slowly: shared by the cells of a block, so that pairing takes it out. */
const LAB = simulatedExperiment(
  `{ live: 10MiB, alloc_per_request: 320KiB, cpu_per_request: 5ms, mark_rate: 2GiB/s,
     noise: { memory: 2%, cpu: 2%, reading: 1% }, drift: { cpu: 2%, over: 1h } }`,
  'blocks: 6\nworkloads: { steady: { http: { path: /, rate: 100/s } } }',
);
const SWEEPS = 100;
const CONFIDENCE = 0.95;
/** Four standard errors of a share of independent sweeps: further off is no chance. */
const MARGIN = 4 * Math.sqrt((CONFIDENCE * (1 - CONFIDENCE)) / SWEEPS);
const METRICS = [
  'memory.anon',
  'memory.go',
  'cpu.per_request',
  'gc.cpu_per_request',
] as const satisfies readonly MetricId[];

const holds = ({ low, high }: Estimate, truth: number): boolean =>
  (low ?? -Infinity) <= truth && truth <= (high ?? Infinity);

describe(`${SWEEPS} simulated sweeps, from readings to intervals`, async () => {
  const covered = new Map<string, number>();
  let [saved, better, sweeps, false_] = [0, 0, 0, 0];
  for (let seed = 1; seed <= SWEEPS; seed++) {
    // One after the other: each is as large as a run.
    const { analysis, truth } = await simulatedRun(LAB, seed);
    sweeps++;
    for (const { metric, cell, difference, ratio } of analysis.workloads[0]?.contrasts ?? []) {
      if (!(METRICS as readonly MetricId[]).includes(metric)) continue;
      const [own, base] = [cell, 'gogc=100'].map((id) => truth.get(id)?.figures[metric]) as [number, number];
      // On a machine that is slow for a day every CPU second is longer, and so are their differences; ratios are not.
      const hit = metric.startsWith('memory')
        ? difference.low !== null && holds(difference, own - base)
        : ratio !== undefined && ratio.low !== null && holds(ratio, own / base);
      const key = `${metric} of ${cell}`;
      covered.set(key, (covered.get(key) ?? 0) + Number(hit));
      if (cell === 'gogc=10' && metric === 'memory.anon') saved += Number((difference.high ?? 0) < 0);
      if (cell === 'gogc=10' && metric === 'cpu.per_request') better += Number((difference.low ?? 0) > 0);
      if (cell.endsWith('(A/A)') && metric === 'memory.anon') false_ += Number(!holds(difference, 0));
    }
  }
  for (const [key, hits] of covered) {
    test(`the intervals of ${key} hold the truth as often as they say`, () => {
      assert.ok(hits / sweeps >= CONFIDENCE - MARGIN, `${hits} of ${sweeps}`);
    });
  }
  test('every metric of every contrast was looked at', () => assert.equal(covered.size, METRICS.length * 3));
  test('what GOGC=10 saves and what it costs is found in every sweep', () =>
    assert.deepEqual([saved, better], [sweeps, sweeps]));
  test('the same setting run twice seldom seems to differ', () =>
    assert.ok(false_ / sweeps <= 1 - CONFIDENCE + MARGIN, String(false_)));
  test('intervals are not so wide that they would hold anything: some miss', () => {
    const all = [...covered.values()].reduce((sum, hits) => sum + hits, 0) / (covered.size * sweeps);
    assert.ok(all < 1 && all > CONFIDENCE - MARGIN / 2, String(all));
  });
});
