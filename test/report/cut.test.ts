import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import type { Analysis } from '../../src/analysis/analysis.ts';
import { renderReport } from '../../src/report/formats.ts';
import type { RunEnd } from '../../src/results/format.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';

async function analysed(why: RunEnd | undefined): Promise<Analysis> {
  const run = syntheticRun({
    gogc: [50, 100],
    outcomes: ({ block }) =>
      block > 3 ? [] : block === 3 ? [{ kind: 'aborted', phase: 'measure' }] : [{ kind: 'completed' }],
  });
  return analyse({
    manifest: run.manifest,
    trials: run.trials(),
    ended: why === undefined ? undefined : { why, blocks: undefined },
  });
}

test('every format says at its head that a run was cut short, and why', async () => {
  for (const [why, words] of [
    ['interrupted', 'it was interrupted'],
    ['failed', 'it failed'],
    [undefined, 'it was killed, or is still running'],
  ] as const) {
    const analysis = await analysed(why);
    assert.deepEqual(analysis.cut, { run: 6, planned: 18, why: why ?? 'unknown' });
    for (const format of ['text', 'md', 'html', 'csv', 'benchfmt'] as const) {
      const text = (await renderReport(analysis, format)).replace(/<(style|script)[\s\S]*?<\/\1>/g, '');
      const at = text.replace(/\s+/g, ' ').indexOf(`Cut short: 6 of 18 planned trials were run; ${words}`);
      assert.ok(at >= 0 && at < 3_000, `${format}: ${at}`);
    }
    assert.match(await renderReport(analysis, 'json'), /^\{"analysisVersion":3,"cut":\{"run":6,"planned":18,/);
  }
});

test('a run that ended by its own rule was not cut short', async () => {
  for (const why of ['precision-reached', 'budget-spent', 'plan-done'] as const) {
    assert.equal((await analysed(why)).cut, undefined);
  }
});
