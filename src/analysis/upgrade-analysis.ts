import type { Analysis, Method } from './analysis.ts';
import { ANALYSIS_VERSION } from './analysis.ts';
import { findingOf } from './finding.ts';
import { infer } from './infer.ts';
import { inferenceMethods } from './methods.ts';
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

/** An analysis of version 1 or 2, as far as it differs. */
interface Older extends Omit<Analysis, 'finding' | 'methods'> {
  readonly methods: readonly string[];
}

/**
 * Brings an analysis of an earlier version up to date: the cells hold every trial's value, so that what is concluded
 * from them is made anew. Undefined where the version is not one that this gctune knows.
 */
export function upgradeAnalysis(analysis: Analysis | Older): Analysis | undefined {
  const version: unknown = analysis.analysisVersion;
  if (version === ANALYSIS_VERSION) return analysis as Analysis;
  if (version !== 1 && version !== 2) return undefined;
  const older = analysis as Older;
  const { run, warnings } = older;
  const workloads = infer(run, older.workloads);
  return {
    ...older,
    analysisVersion: ANALYSIS_VERSION,
    workloads,
    finding: findingOf(run.experiment, workloads),
    warnings: warnings.filter(({ code }) => !OLD_WARNINGS.has(code)),
    methods: [
      ...older.methods
        .filter((text) => !OLD_FAMILY.test(text) && !OLD_INFERENCE.some((begin) => text.startsWith(begin)))
        .map((text): Method => ({ about: 'measurement', text })),
      ...inferenceMethods(run.experiment, workloads),
    ],
    recommendation: defaultRecommendation({ run, workloads }),
  };
}
