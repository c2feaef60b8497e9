import { SIMULATED_WARNING, type Warning } from '../../metrics/warning.ts';
import type { Analysis } from '../analysis.ts';
import { PRECISION_MISSED } from '../inference/missed-precision.ts';
import { noRatio } from '../inference/degenerate-warnings.ts';
import type { Difference } from './differences.ts';
import type { ComparedCell, RunComparison } from './run-comparison.ts';

/** What there is to doubt about a comparison. */
export function comparisonWarnings(
  differences: readonly Difference[],
  missing: RunComparison['missing'],
  cells: readonly ComparedCell[],
  base: Analysis,
  other: Analysis,
): readonly Warning[] {
  const drift = differences.filter(({ kind }) => kind === 'drift');
  return [
    ...[base, other]
      .flatMap(({ run }) => run.warnings.filter(({ code }) => code === SIMULATED_WARNING.code))
      .slice(0, 1),
    {
      code: 'not-interleaved',
      message:
        'the two runs were not interleaved: a change on the machine between them looks like a change of the target, and no interval here accounts for it',
    },
    ...drift.map((one) => ({
      code: 'accepted-drift',
      message: `${one.what} differs: ${one.base} in the base, ${one.new} in the new run`,
    })),
    ...missing.map((one) => ({
      code: 'cell-missing',
      message: `${one.workload}: ${one.cell} is only in the ${one.in === 'base' ? 'base' : 'new run'} and is not compared`,
    })),
    ...cells.flatMap(withoutRatio),
    ...[base, other].flatMap(leftOut),
    ...[base, other].flatMap(({ run, warnings }) =>
      warnings
        .filter(({ code }) => code === PRECISION_MISSED)
        .map(({ code, message }) => ({ code, message: `${run.id}: ${message}` })),
    ),
    ...[base, other].flatMap(({ run, trials }) => {
      const spoilt = trials.filter(({ outcome }) => outcome.kind !== 'completed').length;
      return spoilt === 0
        ? []
        : [{ code: 'trials-lost', message: `${spoilt} of ${trials.length} trials of ${run.id} do not count` }];
    }),
  ];
}

/** Where a cell of the base is not above zero, or a primary of either run: then the difference alone is told. */
export function withoutRatio({ workload, label, metrics }: ComparedCell): readonly Warning[] {
  const found = metrics.filter(
    ({ difference, ratio, base, family }) =>
      difference !== undefined && ratio === undefined && ((base?.value ?? 1) <= 0 || family === 'primary'),
  );
  if (found.length === 0) return [];
  return [
    noRatio(
      found.map(({ metric }) => metric),
      `${workload}: ${label}: `,
    ),
  ];
}

/** The readings of a run that were no numbers, cell by cell. */
function leftOut({ run, warnings }: Analysis): readonly Warning[] {
  return warnings
    .filter(({ code }) => code === 'not-a-number')
    .map(({ code, message, cell }) => ({ code, message: `${run.id}: ${cell ?? 'a trial'}: ${message}` }));
}
