import type { Analysis } from './analysis.ts';
import { ANALYSIS_VERSION } from './analysis.ts';
import { findingOf } from './finding.ts';
import { infer } from './infer.ts';
import { inferenceMethods } from './methods.ts';
import { defaultRecommendation } from './recommend/recommend.ts';

/** How the sentences began in which version 1 told of its inference. */
const OLD_METHODS = ['A contrast pairs the trials', 'The noise floor is'];

/**
 * Brings an analysis of an earlier version up to date: the cells hold every trial's value, so that what is concluded
 * from them is made anew. Undefined where the version is not one that this gctune knows.
 */
export function upgradeAnalysis(analysis: Analysis): Analysis | undefined {
  const version: unknown = analysis.analysisVersion;
  if (version === ANALYSIS_VERSION) return analysis;
  if (version !== 1) return undefined;
  const { run } = analysis;
  const workloads = infer(run, analysis.workloads);
  return {
    ...analysis,
    analysisVersion: ANALYSIS_VERSION,
    workloads,
    finding: findingOf(run.experiment, workloads),
    methods: [
      ...analysis.methods.filter((sentence) => !OLD_METHODS.some((begin) => sentence.startsWith(begin))),
      ...inferenceMethods(run.experiment, workloads),
    ],
    recommendation: defaultRecommendation({ run, workloads, trials: analysis.trials }),
  };
}
