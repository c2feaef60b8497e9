import { percent } from '../../text/words.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { isCompared } from '../../experiment/workloads/kinds.ts';
import { METRIC_ENTRIES, METRIC_IDS, type MetricId } from '../../metrics/metrics.ts';
import type { Warning } from '../../metrics/warning.ts';
import type { CellAnalysis, Contrast } from '../analysis.ts';
import { judgedOf } from '../finding/finding-phrases.ts';
import { signedWithInterval } from '../finding/words.ts';

/** What the comparison of a workload's cells gives reason to doubt. */
export function contrastWarnings(
  experiment: Experiment,
  cells: readonly CellAnalysis[],
  contrasts: readonly Contrast[],
): readonly Warning[] {
  return [
    ...contrasts.filter(({ kind, primary }) => kind === 'a-a' && primary).flatMap(agreement),
    ...METRIC_IDS.flatMap((metric) => disorder(experiment, cells, metric)),
  ];
}

function agreement(contrast: Contrast): Warning[] {
  const { side } = contrast.verdict;
  if (side === 'includes' || side === 'unknown') return [];
  const { effect, scale } = judgedOf(contrast);
  const missed = percent(Number((1 - (effect.confidence ?? 1)).toPrecision(2)));
  return [
    {
      code: 'a-a-differs',
      message: `the A/A cell differs from the baseline in ${contrast.metric} by ${signedWithInterval(effect, scale)}, although both have the same setting. By chance alone, ${missed} of such checks fail. If this recurs in the next run, the machine shows effects where there are none, or the order of trials matters`,
      cell: contrast.cell,
      metric: contrast.metric,
    },
  ];
}

/** Neighbouring levels of GOGC whose intervals lie clear of each other against how theory has the metric go. */
function disorder(experiment: Experiment, cells: readonly CellAnalysis[], metric: MetricId): Warning[] {
  const { withGogc } = METRIC_ENTRIES[metric];
  if (withGogc === undefined) return [];
  return experiment.matrix.gomemlimit.flatMap((gomemlimit) => {
    const ordered = cells
      .filter(
        ({ role, levels, estimates }) => role === 'level' && levels.gomemlimit === gomemlimit && estimates[metric],
      )
      .filter(({ levels }) => isCompared(metric, experiment.workloads[levels.workload]))
      .toSorted((a, b) => gogcOrder(a) - gogcOrder(b));
    return ordered.slice(1).flatMap((cell, i) => {
      const before = ordered[i] as CellAnalysis;
      const [lesser, greater] = withGogc.direction === 1 ? [before, cell] : [cell, before];
      const low = lesser.estimates[metric]?.low ?? null;
      const high = greater.estimates[metric]?.high ?? null;
      if (low === null || high === null || high >= low) return [];
      const message = `${withGogc.words} from ${before.label} to ${cell.label}: something other than GOGC is at work`;
      return [{ code: 'not-monotone', message, cell: cell.id, metric }];
    });
  });
}

function gogcOrder({ levels }: CellAnalysis): number {
  return levels.gogc === 'off' ? Infinity : levels.gogc;
}
