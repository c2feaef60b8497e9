import type { Analysis } from '../analysis/analysis.ts';
import type { Recommendation } from '../analysis/recommend/recommendation.ts';
import { MISSING_BLOCKS, type Warning } from '../metrics/warning.ts';
import { shortCautions } from './recommend/recommend-words.ts';
import { differingStrata } from './recommend/strata-words.ts';
import { cutText, warningGroups } from './words.ts';

/** Something that could change an answer, in a line. Untrusted text. */
export interface Doubt {
  /** A warning's own code; else what it is about: of a setting without figures `lost`, of one that lacks trials `shortfall`. */
  readonly code: string;
  readonly message: string;
  /** The cells, or trials, that it is about, where the text does not name them. */
  readonly places: readonly string[];
}

/** What says that a cell, or a trial, had not reached steady state. */
export const UNSTEADY: ReadonlySet<string> = new Set(['cell-drifts', 'drift-differs', 'cpu-drifts']);
/** What says that two identical cells differ. */
export const APART = 'a-a-differs';

/**
 * What could change an answer, that which could change it most first: the run is no measurement of what was asked, the
 * answer holds for a part only, p99, a setting of the answer that lacks trials, warnings, other settings that lack trials.
 * Every output takes this order, and leaves out what it says elsewhere.
 */
export function doubtsOf(analysis: Analysis, recommendation: Recommendation): readonly Doubt[] {
  const said = (code: string, texts: readonly string[]): readonly Doubt[] =>
    texts.map((message) => ({ code, message, places: [] }));
  const cut = cutText(analysis);
  // Of what is missing the head has said all already.
  const warnings = warningGroups(bearingWarnings(analysis, recommendation)).filter(
    ({ code }) => code !== MISSING_BLOCKS || analysis.cut?.why !== MISSING_BLOCKS,
  );
  const chosen = new Set(recommendation.answers.map((answer) => answer.chosen?.label ?? recommendation.baseline));
  const shortfalls = analysis.workloads.flatMap(({ cells, stratum }) =>
    cells.flatMap(({ label, shortfall, role, valid }) =>
      shortfall === undefined || role === 'a-a'
        ? []
        : [
            {
              text: `${stratum === undefined ? label : `${label} ${stratum.label}`}: ${shortfall}`,
              lost: valid === 0,
              grave: valid === 0 || chosen.has(label),
            },
          ],
    ),
  );
  const lacking = (grave: boolean): readonly Doubt[] =>
    shortfalls
      .filter((one) => one.grave === grave)
      .flatMap(({ text, lost }) => said(lost ? 'lost' : 'shortfall', [text]));
  const all = [
    ...said('cut', cut === undefined ? [] : [cut]),
    ...warnings.filter(({ code }) => code === 'simulated'),
    ...said('strata', differingStrata(recommendation)),
    ...said('latency', recommendation.answers.flatMap(shortCautions)),
    ...lacking(true),
    ...warnings.filter(({ code }) => code !== 'simulated'),
    ...lacking(false),
  ];
  return all.filter(({ message }, i) => all.findIndex((other) => other.message === message) === i);
}

/** The warnings that bear on an answer: of the run as a whole, and of the cells and metrics that it compares. */
export function bearingWarnings(
  { warnings, workloads }: Pick<Analysis, 'warnings' | 'workloads'>,
  { answers }: Recommendation,
): readonly Warning[] {
  const metrics = new Set<string | undefined>([
    undefined,
    'cpu.used',
    ...workloads.flatMap(({ axes }) => [axes.memory, axes.cost, axes.latency]),
    ...answers.flatMap(({ settings }) => settings.flatMap(({ judgements }) => judgements.map(({ metric }) => metric))),
  ]);
  const compared = new Set(
    answers.flatMap(({ chosen, settings }) =>
      settings.filter(({ label, baseline }) => baseline || label === chosen?.label).flatMap(({ cells }) => cells),
    ),
  );
  const known = new Set(workloads.flatMap(({ cells }) => cells.map(({ id }) => id)));
  return warnings.filter(
    ({ code, cell, metric }) =>
      metrics.has(metric) && (cell === undefined || compared.has(cell) || !known.has(cell) || code === APART),
  );
}
