import { join } from 'node:path';
import { analyse, type AnalysedTrial } from '../analysis/analyse.ts';
import { ANALYSIS_VERSION, type Analysis } from '../analysis/analysis.ts';
import { upgradeAnalysis } from '../analysis/upgrade-analysis.ts';
import { ExitCode, UserError } from '../errors.ts';
import { renderReport } from '../report/formats.ts';
import { checked, openRun, parseJson, type RunFolder } from '../results/run-folder.ts';
import { publishedAnalysis } from './analysis-shape.ts';
import { builtPageScript } from './page-script.ts';
import { withReduction } from './reduced-trial.ts';

/** A run's analysis, and the files that were made from it. */
export interface RunReport {
  readonly analysis: Analysis;
  readonly analysisFile: string;
  readonly reportFile: string;
}

/** Analyses a run and writes nothing. Throws UserError where the folder is not a run. */
export async function analyseRun(folder: string): Promise<Analysis> {
  return analysisOf(await openRun(folder), { keep: false });
}

/** Writes `analysis.json` and `report.html` into the folder of a run, and beside each trial what it was reduced to. */
export async function reportRun(folder: string): Promise<RunReport> {
  const run = await openRun(folder);
  const analysis = await analysisOf(run, { keep: true });
  const analysisFile = await run.writeDerived('analysis.json', await renderReport(analysis, 'json'));
  const reportFile = await run.writeDerived(
    'report.html',
    await renderReport(analysis, 'html', { script: await builtPageScript() }),
  );
  return { analysis, analysisFile, reportFile };
}

async function analysisOf(run: RunFolder, options: { readonly keep: boolean }): Promise<Analysis> {
  const kept = await run.analysisWithoutTrials();
  if (kept === undefined) {
    return analyse({
      manifest: run.manifest,
      trials: reducedTrials(run, options),
      damage: () => run.damage(),
      journal: run.journal(),
      ended: await run.ended(),
    });
  }
  const path = join(run.folder, 'analysis.json');
  const value = parseJson(kept, path);
  if (!isNewer(value)) {
    const analysis = upgradeAnalysis(run.manifest, checked(publishedAnalysis, value, path));
    if (analysis !== undefined) return analysis;
  }
  throw new UserError(
    {
      code: 'newer-format',
      message: `${run.folder} has no trials, and its analysis.json was written by a newer version of gctune`,
      hint: 'write the report where the trials are, or with the gctune that wrote the analysis',
    },
    ExitCode.corruptResults,
  );
}

async function* reducedTrials(run: RunFolder, options: { readonly keep: boolean }): AsyncIterable<AnalysedTrial> {
  for await (const trial of run.trials()) yield withReduction(trial, options);
}

function isNewer(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('analysisVersion' in value)) return false;
  return typeof value.analysisVersion === 'number' && value.analysisVersion > ANALYSIS_VERSION;
}
