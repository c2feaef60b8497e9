import { analyse } from '../analysis/analyse.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { renderReport } from '../report/formats.ts';
import { openRun } from '../results/run-folder.ts';

/** A run's analysis, and the files that were made from it. */
export interface RunReport {
  readonly analysis: Analysis;
  readonly analysisFile: string;
  readonly reportFile: string;
  /** The finding and a short table, for a terminal. */
  readonly text: string;
}

/** Analyses a run. Throws UserError where the folder is not a run. */
export async function analyseRun(folder: string): Promise<Analysis> {
  const run = await openRun(folder);
  return analyse({ manifest: run.manifest, trials: run.trials() });
}

/** Writes `analysis.json` and `report.html` into the folder of a run. */
export async function reportRun(folder: string): Promise<RunReport> {
  const run = await openRun(folder);
  const analysis = await analyse({ manifest: run.manifest, trials: run.trials() });
  const analysisFile = await run.writeDerived('analysis.json', await renderReport(analysis, 'json'));
  const reportFile = await run.writeDerived('report.html', await renderReport(analysis, 'html'));
  return { analysis, analysisFile, reportFile, text: await renderReport(analysis, 'text') };
}
