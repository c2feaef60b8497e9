import type { Warning } from '../../metrics/warning.ts';

/**
 * Warnings of one code about one cell and metric made one, with how many trials have it in its message. The first
 * stays where it is, so that the order is that of the input.
 */
export function foldWarnings(warnings: readonly Warning[]): readonly Warning[] {
  const groups = Map.groupBy(warnings, ({ code, cell, metric }) => JSON.stringify([code, cell, metric]));
  return [...groups.values()].map(folded);
}

function folded(group: readonly Warning[]): Warning {
  const first = group[0] as Warning;
  const trials = new Set(group.flatMap(({ trial }) => trial ?? [])).size;
  if (trials < 2) return first;
  const { trial: _, ...shared } = first;
  const alike = group.every(({ message }) => message === first.message);
  return {
    ...shared,
    message: `${first.message} (${alike ? `in ${trials} trials` : `and similarly in ${trials - 1} more`})`,
  };
}
