import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { analyse } from '../../src/analysis/analyse.ts';
import type { Reading, TrialRecord } from '../../src/results/format.ts';
import type { SyntheticOptions } from '../fixtures/analysis/synthetic-run.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';
import { altered, assertSound, coded, SMALL, type Values } from './altered-run.ts';
import { assertFinite } from './walk.ts';

const all = (v: Values, value: unknown): Values =>
  Object.fromEntries(Object.keys(v).map((key) => [key, value])) as Values;

for (const value of [NaN, Infinity, -Infinity, null, 1e308]) {
  test(`readings of ${value} are left out, and named with their trial`, async () => {
    const broken = (record: TrialRecord, i: number): boolean =>
      record.cell === 'gogc=50' && record.block === 2 && i % 3 === 1;
    for (const more of [{}, { inside: 'prometheus', gctrace: true }, { inside: 'none', gctrace: true }] as const) {
      const options = { ...SMALL, ...more };
      const analysis = await altered(options, ({ v }, record, i) => (broken(record, i) ? all(v, value) : undefined));
      const without = await altered(options, (_, record, i) => (broken(record, i) ? {} : undefined));
      assert.deepEqual(
        analysis.workloads.map(({ cells, contrasts }) => [cells.map(({ values }) => values), contrasts]),
        without.workloads.map(({ cells, contrasts }) => [cells.map(({ values }) => values), contrasts]),
      );
      const [warning, ...others] = coded(analysis, 'not-a-number');
      assert.deepEqual(others, []);
      assert.equal(warning?.cell, 'gogc=50');
      assert.match(warning?.trial ?? '', /^002-\d\d-gogc-50$/);
      assert.match(
        warning?.message ?? '',
        /^values in block 2 that are not finite numbers are left out: \w+ of (proc|cgroup) \(\d+ times\), .* and \d+ further figures$/,
      );
      assert.ok(!analysis.warnings.some(({ code }) => code === 'counter-went-back' || code === 'swapped'));
      await assertSound(analysis, ['not-a-number']);
    }
  });
}

test('whatever readings are no numbers, the document holds none', async () => {
  const odd = fc.constantFrom(NaN, Infinity, -Infinity, null);
  await fc.assert(
    fc.asyncProperty(
      fc.array(odd, { minLength: 1, maxLength: 7 }),
      fc.integer({ min: 1, max: 40 }),
      async (values, every) => {
        let n = 0;
        const replaced = ({ v }: Reading): Values =>
          Object.fromEntries(
            Object.entries(v).map(([key, own]) => [key, n++ % every === 0 ? values[n % values.length] : own]),
          ) as Values;
        const options: SyntheticOptions = {
          gogc: [50, 100],
          blocks: 2,
          measureSeconds: 4,
          inside: 'prometheus',
          gctrace: true,
        };
        const analysis = await altered(options, replaced);
        assertFinite(analysis);
        assert.ok(coded(analysis, 'not-a-number').length > 0);
      },
    ),
    { numRuns: 10 },
  );
});

test('a record’s own figures that are no numbers make no figure, and are named', async () => {
  const analysis = await altered(
    SMALL,
    () => undefined,
    (record) => {
      const { work } = record;
      if (record.cell !== 'gogc=50' || work?.latency === undefined) return record;
      return {
        ...record,
        work: { ...work, completed: Infinity, latency: { ...work.latency, p99Seconds: NaN, hdr: '' } },
      };
    },
  );
  assert.equal(
    coded(analysis, 'not-a-number')[0]?.message,
    'values in block 1 that are not finite numbers are left out: work.completed and latency.p99Seconds (and similarly in 6 more)',
  );
  const cell = analysis.workloads[0]?.cells.find(({ id }) => id === 'gogc=50');
  assert.equal(cell?.estimates['cpu.per_request'], undefined);
  assert.equal(cell?.estimates['latency.p99'], undefined);
  assert.equal(cell?.estimates['cpu.used']?.n, 7);
  await assertSound(analysis, ['not-a-number']);
});

test('a window without a finite length does not count, and a reading without a time is left out', async () => {
  for (const endSeconds of [NaN, Infinity, null]) {
    const analysis = await altered(
      { ...SMALL, blocks: 2 },
      () => undefined,
      (record) =>
        record.block === 1 ? { ...record, window: { startSeconds: 4.1, endSeconds: endSeconds as number } } : record,
    );
    assert.match(
      coded(analysis, 'no-window')[0]?.message ?? coded(analysis, 'too-few-trials')[0]?.message ?? '',
      /count/,
    );
    assert.ok(
      analysis.trials.filter(({ block }) => block === 1).every(({ warnings }) => warnings[0]?.code === 'no-window'),
    );
    assert.equal(analysis.workloads[0]?.cells[0]?.valid, 1);
    await assertSound(analysis, ['too-few-trials']);
  }
  const run = syntheticRun({ gogc: [50, 100], blocks: 1 });
  const trials = run.trials().map(({ record, readings }) => ({
    record,
    readings: [...(readings as Iterable<Reading>), { at: NaN, probe: 'proc', v: { rssBytes: 1 } } as const],
  }));
  const analysis = await analyse({ manifest: run.manifest, trials });
  assert.equal(
    coded(analysis, 'not-a-number')[0]?.message,
    'values in block 1 that are not finite numbers are left out: the time of proc',
  );
  assertFinite(analysis);
});
