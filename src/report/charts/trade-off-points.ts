import type { CellAnalysis, WorkloadAnalysis } from '../../analysis/analysis.ts';
import type { UnitScale } from '../../units/format-units.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { baselineOf, contrastOf, metricName } from '../comparison.ts';
import { columnScale } from '../column-scale.ts';
import { figureLine, figureOf, mapped } from '../figure.ts';

/** A level against the baseline. */
export interface TradeOffPoint {
  readonly workload: WorkloadAnalysis;
  readonly cell: CellAnalysis;
  /** Change of the price, in per cent. */
  readonly x: Estimate;
  /** Memory saved, in units of the scale. */
  readonly y: Estimate;
}

/** What the levels save and cost against the baseline, of every workload that tells. */
export interface TradeOff {
  /** The baseline's label, which is the same under all workloads. */
  readonly baseline: string;
  /** What the baseline uses under each workload, as `168 MiB (165–170)`; empty where it has no figure. */
  readonly used: readonly { readonly workload: string; readonly memory: string }[];
  readonly points: readonly TradeOffPoint[];
  /** The A/A cells: what no difference looks like. */
  readonly repeats: readonly TradeOffPoint[];
  readonly scale: UnitScale;
  readonly memoryName: string;
  readonly costName: string;
}

/** Puts together what can be compared in both memory and price; undefined where nothing can. */
export function tradeOffOf(workloads: readonly WorkloadAnalysis[]): TradeOff | undefined {
  const found = workloads.flatMap((workload) => {
    const { memory, cost } = workload.axes;
    const baseline = baselineOf(workload);
    if (baseline === undefined || memory === undefined || cost === undefined) return [];
    const cells = workload.cells.flatMap((cell) => {
      const [saved, price] = [contrastOf(workload, cell, memory)?.difference, contrastOf(workload, cell, cost)?.ratio];
      return saved === undefined || price === undefined ? [] : [{ cell, saved, price }];
    });
    const used = baseline.estimates[memory];
    const names = { memory: metricName(workload, memory), cost: metricName(workload, cost) };
    return cells.some(({ cell }) => cell.role === 'level') ? [{ workload, baseline, used, cells, names }] : [];
  });
  const [first] = found;
  if (first === undefined) return undefined;
  const levels = found.flatMap(({ cells }) => cells.filter(({ cell }) => cell.role === 'level'));
  const scale = columnScale(
    levels.map(({ saved }) => saved),
    'bytes',
    'saving',
  );
  const level = columnScale(
    found.flatMap(({ used }) => used ?? []),
    'bytes',
    'level',
  );
  const percent = (ratio: Estimate): Estimate => mapped(ratio, (value) => (value - 1) * 100);
  const all = found.flatMap(({ workload, cells }) =>
    cells.map(({ cell, saved, price }) => ({
      workload,
      cell,
      x: percent(price),
      y: mapped(saved, (value) => -value / scale.divisor),
    })),
  );
  const same = (key: 'memory' | 'cost', otherwise: string): string =>
    found.every(({ names }) => names[key] === first.names[key]) ? first.names[key] : otherwise;
  return {
    baseline: first.baseline.label,
    used: found.flatMap(({ workload: { workload }, used }) =>
      used === undefined
        ? []
        : { workload, memory: figureLine(figureOf(used, { scale: level, kind: 'level' }), level.suffix) },
    ),
    points: all.filter(({ cell }) => cell.role === 'level'),
    repeats: all.filter(({ cell }) => cell.role === 'a-a'),
    scale,
    memoryName: same('memory', 'memory'),
    costName: same('cost', 'CPU'),
  };
}
