import { METRIC_IDS, METRICS } from '../experiment/metrics.ts';
import type { RunManifest } from '../results/format.ts';
import type { Analysis } from './analysis.ts';
import { ANALYSIS_VERSION } from './analysis.ts';
import { evaluateAssertions } from './assert/evaluate-assertions.ts';
import { findingOf } from './finding.ts';
import { infer, type MeasuredWorkload } from './infer.ts';
import { inferenceMethods } from './methods.ts';
import { defaultRecommendation } from './recommend/recommend.ts';

/** How the sentences began in which version 1 told of its inference. */
const OLD_METHODS = ['A contrast pairs the trials', 'The noise floor is'];

/** What a published analysis is believed: what was measured. What it concludes from that is made anew. */
export interface PublishedAnalysis extends Pick<Analysis, 'analysisVersion' | 'trials' | 'warnings' | 'methods'> {
  readonly workloads: readonly MeasuredWorkload[];
}

/**
 * Makes the analysis of a run from a published one, of this version or an earlier one: the cells hold every trial's
 * value, so that what is concluded from them need not be believed. Undefined where the version is not one that this
 * gctune knows.
 */
export function upgradeAnalysis(run: RunManifest, published: PublishedAnalysis): Analysis | undefined {
  const { analysisVersion, trials, warnings, methods } = published;
  if (analysisVersion > ANALYSIS_VERSION) return undefined;
  const workloads = infer(run, published.workloads);
  const known = new Set(workloads.flatMap(({ cells }) => cells.flatMap((cell) => Object.keys(cell.estimates))));
  const { assert: asserted } = run.experiment;
  return {
    analysisVersion: ANALYSIS_VERSION,
    run,
    metrics: METRIC_IDS.filter((id) => known.has(id)).map((id) => METRICS[id]),
    workloads,
    trials,
    finding: findingOf(run.experiment, workloads),
    warnings,
    methods:
      analysisVersion < ANALYSIS_VERSION
        ? [
            ...methods.filter((sentence) => !OLD_METHODS.some((begin) => sentence.startsWith(begin))),
            ...inferenceMethods(run.experiment, workloads),
          ]
        : methods,
    recommendation: defaultRecommendation({ run, workloads, trials }),
    ...(asserted === undefined ? {} : { assertions: evaluateAssertions(asserted, workloads) }),
  };
}
