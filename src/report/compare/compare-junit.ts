import { counted } from '../../text/words.ts';
import type { ComparedMetric, RunComparison } from '../../analysis/compare/run-comparison.ts';
import { METRICS } from '../../metrics/metrics.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { columnScale } from '../column-scale.ts';
import { figureLine, figureOf } from '../figure.ts';
import { junitXml, type JunitCase } from '../junit.ts';
import { changeText, pText } from './compare-words.ts';

/**
 * A comparison for a CI system: a case for each primary metric in each cell. `worse` is a failure, whatever `--fail-on`
 * says of the exit code; what cannot be compared is skipped; where no change is shown the case has passed.
 */
export function comparisonJunit(comparisons: readonly RunComparison[]): string {
  const [first] = comparisons;
  if (first === undefined) throw new Error('nothing was compared');
  const { base, new: other, margin } = first;
  const warnings = comparisons.flatMap((one) => one.warnings);
  const name = first.by === undefined ? `${other.id} against ${base.id}` : `${base.run}, by ${first.by.factor}`;
  return junitXml('gctune compare', {
    name,
    measuredAt: other.startedAt,
    properties: [
      ['base', `${base.id}: ${base.artifact}`],
      ...comparisons.map(({ new: side }) => ['new', `${side.id}: ${side.artifact}`] as const),
      ['margin', String(margin)],
      ...warnings.map(({ message }) => ['warning', message] as const),
    ],
    cases: comparisonCases(comparisons),
  });
}

/** A case for each primary metric in each cell. */
export function comparisonCases(comparisons: readonly RunComparison[]): readonly JunitCase[] {
  return comparisons.flatMap(({ by, cells }) =>
    cells.flatMap(({ workload, label, metrics }) =>
      metrics
        .filter(({ family }) => family === 'primary')
        .map((one) =>
          caseOf(`${workload}: ${label}${by === undefined ? '' : `: ${by.factor}=${by.new}`}`, one, by !== undefined),
        ),
    ),
  );
}

function caseOf(cell: string, one: ComparedMetric, paired: boolean): JunitCase {
  const { metric, verdict, reason, adjustedP, difference } = one;
  const { label } = METRICS[metric];
  const change =
    difference === undefined || difference.low === null
      ? []
      : [
          `changed by ${changeText(one)}, n = ${paired ? counted(difference.n, 'block') : `${counted(difference.n, 'trial')} of each run at least`}, p ${pText(adjustedP)}`,
        ];
  const why = reason === undefined ? [] : [reason];
  const complaint = (kind: 'failure' | 'skipped', said: string): JunitCase['complaint'] => ({
    kind,
    type: said,
    message: [said, ...(kind === 'failure' ? change : []), ...why].join('; '),
  });
  return {
    name: `${cell}: ${label}`,
    className: 'gctune.compare',
    complaint:
      verdict === 'worse'
        ? complaint('failure', 'worse')
        : verdict === 'not-comparable'
          ? complaint('skipped', 'not comparable')
          : undefined,
    found: [
      `base ${levelText(one, one.base)}`,
      `new ${levelText(one, one.new)}`,
      ...change,
      `verdict ${verdict}`,
      ...why,
    ],
  };
}

function levelText({ metric }: ComparedMetric, estimate: Estimate | undefined): string {
  if (estimate === undefined) return 'no value';
  const scale = columnScale([estimate], METRICS[metric].unit);
  return figureLine(figureOf(estimate, { scale, kind: 'level' }), scale.suffix);
}
