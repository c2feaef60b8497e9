import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import { analyseRun, reportRun } from '../../src/session/report-run.ts';
import { builtPageScript } from '../../src/session/page-script.ts';
import { renderReport } from '../../src/report/formats.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';

test('a published run, whose trials stayed out, is reported from its analysis', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-test-'));
  t.after(() => rm(folder, { recursive: true }));
  const run = syntheticRun();
  const analysis = await analyse({ manifest: run.manifest, trials: run.trials() });
  await writeFile(join(folder, 'run.json'), JSON.stringify(run.manifest));
  await writeFile(join(folder, 'analysis.json'), await renderReport(analysis, 'json'));
  assert.deepEqual((await analyseRun(folder)).finding, analysis.finding);
  await reportRun(folder);
  assert.equal(
    await readFile(join(folder, 'report.html'), 'utf8'),
    await renderReport(analysis, 'html', { script: await builtPageScript() }),
  );

  await writeFile(join(folder, 'analysis.json'), '{"analysisVersion":99}');
  await assert.rejects(analyseRun(folder), /has no trials, and its analysis.json was written by a newer version/);
});
