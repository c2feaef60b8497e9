import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import { watchWidths } from '../../src/analysis/contrast-widths.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';

test('the widths of a run that goes on are those of the intervals of its report', async () => {
  const run = syntheticRun({ blocks: 7, noise: 0.05, workloads: { steady: 'http', bursty: 'http' } });
  const { workloads } = await analyse({ manifest: run.manifest, trials: run.trials() });
  const watch = watchWidths(run.manifest);
  for (const trial of run.trials()) await watch.add(trial);
  const expected = run.manifest.experiment.primaries.flatMap((metric) =>
    workloads.flatMap(({ contrasts }) =>
      contrasts
        .filter((one) => one.metric === metric && one.kind === 'level')
        .map(({ cell, ratio }) => ({
          cell,
          metric,
          halfWidth: ((ratio?.high as number) - (ratio?.low as number)) / 2,
        })),
    ),
  );
  assert.ok(expected.length > 8);
  assert.deepEqual(watch.widths(), expected);
});

test('a trial is read once, and an interval that cannot be had is null', async () => {
  const run = syntheticRun({ blocks: 3, gogc: [50, 100], noise: 0.05 });
  const watch = watchWidths(run.manifest);
  let reads = 0;
  for (let round = 0; round < 2; round++) {
    for (const { record, readings } of run.trials()) {
      const counted = {
        [Symbol.iterator]: () => {
          reads++;
          return (readings as Iterable<never>)[Symbol.iterator]();
        },
      };
      await watch.add({ record, readings: counted });
    }
  }
  assert.equal(reads, run.trials().length);
  assert.deepEqual(
    watch.widths().map(({ cell, halfWidth }) => [cell, halfWidth]),
    [
      ['gogc=50', null],
      ['gogc=50', null],
    ],
  );
});
