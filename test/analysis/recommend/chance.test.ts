import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blocksForAnswer, chanceOfAnswer, measuredScatter } from '../../../src/analysis/recommend/chance.ts';
import { recommend } from '../../../src/analysis/recommend/recommend.ts';
import { seededStream } from '../../../src/statistics/random.ts';
import { drawCells, inputOf } from './simulated-sweep.ts';

const RUN = { levels: [50, 100, 200], baseline: 100, workloads: 1, confidence: 0.95 };

/** The chance of an answer for memory and for CPU by whole sweeps: trials, contrasts and the rule itself. */
function bySweeps(blocks: number, cpu: number, sweeps: number): readonly number[] {
  const answered = [0, 0];
  for (let i = 0; i < sweeps; i++) {
    const share = 0.01 * 20 ** seededStream(7, 'share', i).next();
    const cells = drawCells({
      levels: RUN.levels,
      blocks,
      truth: (gogc) => [1.3 + gogc / 100, 1 + (share * 100) / gogc, 1],
      noise: [0.01 / Math.SQRT2, cpu / Math.SQRT2, 0.1],
      drift: 0,
      seed: 1000 + i,
    });
    recommend(inputOf(cells)).answers.forEach(({ chosen }, j) => {
      if (chosen !== undefined) answered[j] = (answered[j] ?? 0) + 1;
    });
  }
  return answered.map((n) => n / sweeps);
}

test('the chance of an answer is that of whole sweeps under the same rule', (t) => {
  for (const [blocks, cpu] of [
    [7, 0.06],
    [12, 0.03],
  ] as const) {
    const { answers } = chanceOfAnswer({ ...RUN, blocks }, { cpu, memory: 0.01 });
    const sweeps = bySweeps(blocks, cpu, 80);
    t.diagnostic(
      `${blocks} blocks, ${cpu}: ${answers.map(({ share }) => share.toFixed(2)).join()} against ${sweeps.map((share) => share.toFixed(2)).join()}`,
    );
    // Three standard errors of 80 sweeps.
    answers.forEach(({ share }, i) => assert.ok(Math.abs(share - (sweeps[i] ?? NaN)) < 0.17, `${share} ${sweeps[i]}`));
  }
});

test('more blocks and less scatter answer more, and too few blocks nothing', () => {
  const all = (blocks: number, cpu: number): number => chanceOfAnswer({ ...RUN, blocks }, { cpu, memory: 0.01 }).all;
  assert.equal(all(5, 0.01), 0);
  assert.ok(all(30, 0.06) > all(7, 0.06) + 0.2);
  assert.ok(all(7, 0.01) > all(7, 0.1) + 0.3);
  assert.equal(all(7, 0.06), all(7, 0.06));
});

test('the blocks for an answer are the first number that reaches the share', () => {
  const scatter = { cpu: 0.03, memory: 0.01 };
  const blocks = blocksForAnswer(RUN, scatter, 0.8) ?? NaN;
  assert.ok(chanceOfAnswer({ ...RUN, blocks }, scatter).all >= 0.8);
  assert.ok(chanceOfAnswer({ ...RUN, blocks: blocks - 2 }, scatter).all < 0.8);
  assert.equal(blocksForAnswer(RUN, { cpu: 2, memory: 0.01 }, 0.99), undefined);
});

test('an earlier run’s A/A trials tell the scatter of a pair', () => {
  const cells = drawCells({
    levels: [100],
    blocks: 400,
    truth: () => [1, 1, 1],
    noise: [0.02, 0.05, 0.1],
    drift: 0.3,
    seed: 5,
  });
  const scatter = measuredScatter(inputOf(cells).workloads);
  // Of two trials √2 as much as of one; what a block has in common does not count.
  assert.ok(Math.abs((scatter?.cpu ?? NaN) / (0.05 * Math.SQRT2) - 1) < 0.1, String(scatter?.cpu));
  assert.ok(Math.abs((scatter?.memory ?? NaN) / (0.02 * Math.SQRT2) - 1) < 0.1, String(scatter?.memory));
  assert.equal(measuredScatter(inputOf(cells.slice(0, 1)).workloads), undefined);
});
