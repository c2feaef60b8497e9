import { METRICS } from '../../metrics/metrics.ts';
import type { Warning } from '../../metrics/warning.ts';
import type { RunEnding, RunManifest } from '../../results/format.ts';
import { formatSeconds } from '../../units/format-units.ts';
import { counted } from '../../text/words.ts';
import { quantity } from '../finding/words.ts';
import type { TrialFigures } from '../per-trial/reduce-trial.ts';
import { widthsOf, type Width } from './contrast-widths.ts';

/** The code of what a run says that ended before it was as precise as it was asked to be. */
export const PRECISION_MISSED = 'precision-missed';

/**
 * That an adaptive run ended by its budget or with its last block before every primary contrast was known as precisely as was
 * asked, and how precisely the widest of each metric is. After the last block the rule is not asked any more, so it is here.
 * `names`: what each cell is called.
 */
export function missedPrecision(
  manifest: RunManifest,
  trials: readonly TrialFigures[],
  ended: RunEnding | undefined,
  names: ReadonlyMap<string, string>,
): readonly Warning[] {
  const { adaptive } = manifest.experiment;
  if (adaptive === undefined || (ended?.why !== 'budget-spent' && ended?.why !== 'plan-done')) return [];
  const missed = widthsOf(manifest, trials).filter(({ halfWidth }) => !(within(halfWidth) <= adaptive.precision));
  if (missed.length === 0) return [];
  const widest = [...Map.groupBy(missed, ({ metric }) => metric).values()].flatMap((own) =>
    own.toSorted((a, b) => within(b.halfWidth) - within(a.halfWidth)).slice(0, 1),
  );
  const why =
    ended.why === 'budget-spent'
      ? `its budget of ${formatSeconds(adaptive.budgetSeconds ?? NaN)} was spent after ${counted(ended.blocks ?? manifest.plan.blocks, 'block')}`
      : `it ended with the last of its ${counted(manifest.plan.blocks, 'block')}`;
  const message = `the asked precision of ±${quantity(adaptive.precision, 'fraction')} was not reached: ${widest
    .map((one) => knownText(one, names))
    .join(', ')}; ${why}`;
  return [{ code: PRECISION_MISSED, message }];
}

function within(halfWidth: number | null): number {
  return halfWidth ?? Infinity;
}

function knownText({ cell, metric, halfWidth }: Width, names: ReadonlyMap<string, string>): string {
  const how = halfWidth === null ? 'has no interval' : `is expected within ±${quantity(halfWidth, 'fraction')}`;
  return `${METRICS[metric].label} at ${names.get(cell) ?? cell} ${how}`;
}
