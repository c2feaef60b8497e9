import type { Warning } from '../../metrics/warning.ts';
import type { WorkloadAnalysis } from '../analysis.ts';
import { sizeWithInterval } from '../finding/words.ts';
import { METRICS } from '../../metrics/metrics.ts';

/** The levels that break the cost model although nothing explains it. */
export function modelWarnings(model: WorkloadAnalysis['model']): readonly Warning[] {
  return (model?.laws ?? []).flatMap(({ metric, cells }) =>
    cells.flatMap(({ cell, measured, leftOut, breaks }): Warning[] => {
      if (breaks !== true || leftOut === undefined) return [];
      const { unit, label } = METRICS[metric];
      const message =
        `${label} is ${sizeWithInterval({ ...leftOut, value: measured, low: null, high: null }, unit)}, but the other levels ` +
        `predict ${sizeWithInterval(leftOut, unit)}: something other than GOGC is at work`;
      return [{ code: 'breaks-cost-model', message, cell, metric }];
    }),
  );
}
