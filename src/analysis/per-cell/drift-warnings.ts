import { counted as plural, percent } from '../../text/words.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import type { MetricId } from '../../metrics/metrics.ts';
import type { Warning } from '../../metrics/warning.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { hodgesLehmann } from '../../statistics/hodges-lehmann.ts';
import { leastN } from '../../statistics/least-n.ts';
import type { TrialDrift } from '../per-trial/drift-figures.ts';
import type { TrialFigures } from '../per-trial/reduce-trial.ts';
import { signedInterval } from '../finding/words.ts';

/** A drift under this moves the mean of a window by less than half of it, which nobody chooses a GOGC by. */
const LEAST_DRIFT = 0.01;
/** Many cells are looked at: one that is level must rarely be called drifting. */
const CONFIDENCE = 0.99;

const DRIFTS = [
  ['memory', 'memory.anon', 'anonymous memory'],
  ['cpuPerRequest', 'cpu.per_request', 'CPU per request'],
] as const satisfies readonly (readonly [keyof TrialDrift, MetricId, string])[];

type Remark = Omit<Warning, 'cell'>;

/**
 * Whether a cell's trials drift in common: the mean change from the first to the last third of the window, over blocks.
 * Chance goes up as often as down, so that this finds what no single trial can show.
 */
export function cellDrift(experiment: Experiment, counted: readonly TrialFigures[]): readonly Remark[] {
  return DRIFTS.flatMap(([key, metric, what]): Remark[] => {
    const changes = counted.flatMap(({ drift }) => drift?.[key] ?? []);
    const found = shown(changes, experiment.confidence);
    if (found === undefined) return [];
    const message =
      `${what} ${found.value > 0 ? 'rises' : 'falls'} during the window: ${size(found)} from the first to the last third, ` +
      `over ${plural(changes.length, 'trial')}; it has not reached steady state, so a longer warm-up is needed`;
    return [{ code: 'cell-drifts', message, metric }];
  });
}

/**
 * Whether a cell drifts otherwise than its baseline, block by block: then the difference between the two depends on when
 * it is measured. `subject` and `baseline` are counted trials.
 */
export function drivenApart(
  experiment: Experiment,
  subject: readonly TrialFigures[],
  baseline: readonly TrialFigures[],
): readonly Remark[] {
  const byBlock = new Map(baseline.map((trial) => [trial.record.block, trial.drift]));
  return DRIFTS.flatMap(([key, metric, what]): Remark[] => {
    const differences = subject.flatMap(({ record, drift }) => {
      const [own, other] = [drift?.[key], byBlock.get(record.block)?.[key]];
      return own === undefined || other === undefined ? [] : [own - other];
    });
    const found = shown(differences, experiment.confidence);
    if (found === undefined) return [];
    const message =
      `${what} drifts differently from the baseline during the window: ${size(found)} over ` +
      `${plural(differences.length, 'block')}; the difference between them depends on the length of the warm-up`;
    return [{ code: 'drift-differs', message, metric }];
  });
}

/** A drift that chance does not explain and that is large enough to matter. With few trials the surest interval there is. */
function shown(changes: readonly number[], confidence: number): Estimate | undefined {
  if (changes.length < leastN(confidence)) return undefined;
  const sure = leastN(CONFIDENCE) <= changes.length ? CONFIDENCE : confidence;
  const found = hodgesLehmann(changes, Math.max(sure, confidence));
  if (found.low === null || found.high === null || Math.abs(found.value) < LEAST_DRIFT) return undefined;
  return found.low > 0 || found.high < 0 ? found : undefined;
}

function size({ value, low, high, confidence }: Estimate): string {
  const ends = signedInterval(low ?? value, high ?? value, 'fraction');
  const sure = confidence === null ? '' : `, ${percent(Math.round(confidence * 1000) / 1000)} interval`;
  return `by ${signedInterval(value, value, 'fraction').split(' to ')[0]} % (${ends}${sure})`;
}
