import { METRIC_IDS, METRICS } from '../metrics/metrics.ts';
import type { RunManifest } from '../results/format.ts';
import type { Analysis, Method } from './analysis.ts';
import { ANALYSIS_VERSION } from './analysis.ts';
import { factorComparisons } from './compare/compare-by.ts';
import { evaluateAssertions } from './assert/evaluate-assertions.ts';
import { findingOf } from './finding/finding.ts';
import { infer, type MeasuredWorkload } from './inference/infer.ts';
import { nodesOf } from './inference/nodes.ts';
import { sensitivityOf } from './inference/sensitivity.ts';
import { inferenceMethods } from './finding/methods.ts';
import { defaultRecommendation } from './recommend/recommend.ts';

/** How the sentences began in which versions 1 and 2, which did not say what a sentence is about, told of inference. */
const OLD_INFERENCE = [
  'A contrast pairs the trials',
  'Whether the levels differ at all',
  'There are no primary contrasts',
  'The one primary contrast is',
  'The noise floor is',
];
const OLD_FAMILY = /^The \d+ primary contrasts are one family/;
/** Warnings that older versions gave and this one does not. */
const OLD_WARNINGS: ReadonlySet<string> = new Set(['within-noise-floor', 'significance-not-reachable']);

/** What a published analysis is believed: what was measured. What it concludes from that is made anew. */
export interface PublishedAnalysis extends Pick<
  Analysis,
  'analysisVersion' | 'cut' | 'sessions' | 'trials' | 'warnings'
> {
  readonly workloads: readonly MeasuredWorkload[];
  /** Of versions 1 and 2 bare sentences. */
  readonly methods: readonly (string | Method)[];
}

/**
 * Makes the analysis of a run from a published one, of this version or an earlier one: the cells hold every trial's
 * value, so that what is concluded from them need not be believed. Undefined where the version is not one that this
 * gctune knows.
 */
export function upgradeAnalysis(run: RunManifest, published: PublishedAnalysis): Analysis | undefined {
  const { analysisVersion, cut, sessions, trials, warnings, methods } = published;
  if (analysisVersion > ANALYSIS_VERSION) return undefined;
  const workloads = infer(run, published.workloads);
  const known = new Set(workloads.flatMap(({ cells }) => cells.flatMap((cell) => Object.keys(cell.estimates))));
  const { assert: asserted } = run.experiment;
  const factors = factorComparisons(run, workloads);
  const sensitivity = sensitivityOf(run, workloads, trials);
  const nodes = nodesOf(run, workloads);
  return {
    analysisVersion: ANALYSIS_VERSION,
    ...(cut === undefined ? {} : { cut }),
    ...(sessions === undefined ? {} : { sessions }),
    run,
    metrics: METRIC_IDS.filter((id) => known.has(id)).map((id) => METRICS[id]),
    workloads,
    trials,
    finding: findingOf(run.experiment, workloads),
    warnings: warnings.filter(({ code }) => !OLD_WARNINGS.has(code)),
    methods: [...methods.flatMap(measurementMethod), ...inferenceMethods(run.experiment, workloads)],
    recommendation: defaultRecommendation({ run, workloads, trials }),
    ...(factors.length === 0 ? {} : { factors }),
    ...(sensitivity === undefined ? {} : { sensitivity }),
    ...(nodes === undefined ? {} : { nodes }),
    ...(asserted === undefined
      ? {}
      : { assertions: evaluateAssertions(asserted, workloads, { confidence: run.experiment.confidence }) }),
  };
}

/** A sentence on how the figures were measured; those on what was concluded from them are written anew. */
function measurementMethod(method: string | Method): readonly Method[] {
  if (typeof method !== 'string') return method.about === 'measurement' ? [method] : [];
  const inference = OLD_FAMILY.test(method) || OLD_INFERENCE.some((begin) => method.startsWith(begin));
  return inference ? [] : [{ about: 'measurement', text: method }];
}
