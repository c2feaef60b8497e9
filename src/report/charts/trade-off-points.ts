import type { CellAnalysis, WorkloadAnalysis } from '../../analysis/analysis.ts';
import type { UnitScale } from '../../units/format-units.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { baselineOf, contrastOf, metricName } from '../comparison.ts';
import { columnScale } from '../column-scale.ts';
import { mapped } from '../figure.ts';

/** A level against the baseline. */
export interface TradeOffPoint {
  readonly cell: CellAnalysis;
  /** Change of the price, in per cent. */
  readonly x: Estimate;
  /** Memory saved, in units of the scale. */
  readonly y: Estimate;
}

/** What a workload's levels save and cost, against its baseline. */
export interface TradeOff {
  readonly baseline: CellAnalysis;
  readonly points: readonly TradeOffPoint[];
  readonly scale: UnitScale;
  readonly memoryName: string;
  readonly costName: string;
}

/** Puts together what can be compared in both memory and price; undefined where nothing can. */
export function tradeOffOf(workload: WorkloadAnalysis): TradeOff | undefined {
  const baseline = baselineOf(workload);
  const { memory, cost } = workload.axes;
  if (baseline === undefined || memory === undefined || cost === undefined) return undefined;
  const levels = workload.cells.flatMap((cell) => {
    const [saved, price] = [contrastOf(workload, cell, memory)?.difference, contrastOf(workload, cell, cost)?.ratio];
    return cell.role !== 'level' || saved === undefined || price === undefined ? [] : [{ cell, saved, price }];
  });
  if (levels.length === 0) return undefined;
  const scale = columnScale(
    levels.map(({ saved }) => saved),
    'bytes',
    'saving',
  );
  const percent = (ratio: Estimate): Estimate => mapped(ratio, (value) => (value - 1) * 100);
  return {
    baseline,
    points: levels.map(({ cell, saved, price }) => ({
      cell,
      x: percent(price),
      y: mapped(saved, (value) => -value / scale.divisor),
    })),
    scale,
    memoryName: metricName(workload, memory),
    costName: metricName(workload, cost),
  };
}
