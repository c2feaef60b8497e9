import type { Warning } from '../../metrics/warning.ts';
import type { WorkloadAnalysis } from '../analysis.ts';

/**
 * Warnings with the further factors of their cell named, since messages of the versions of a daemon are alike but for a figure:
 * `version=new: only 2 of 10 trials count …`. What is said of every stratum in the same words is no matter of one, and stays.
 */
export function namedStrata(
  warnings: readonly Warning[],
  workloads: readonly Pick<WorkloadAnalysis, 'stratum' | 'cells'>[],
): readonly Warning[] {
  const labels = new Map<string, string>(
    workloads.flatMap(({ stratum, cells }) =>
      stratum === undefined ? [] : cells.map(({ id }) => [id, stratum.label] as const),
    ),
  );
  const all = new Set(labels.values()).size;
  if (all < 2) return warnings;
  const labelOf = ({ cell = '' }: Warning): string | undefined => labels.get(cell);
  const said = Map.groupBy(warnings, ({ code, message }) => JSON.stringify([code, message]));
  const everywhere = new Set([...said.values()].filter((group) => new Set(group.map(labelOf)).size === all).flat());
  return warnings.map((warning) => {
    const label = labelOf(warning);
    return label === undefined || everywhere.has(warning)
      ? warning
      : { ...warning, message: `${label}: ${warning.message}` };
  });
}
