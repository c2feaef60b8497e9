import { z } from 'zod';
import { ASSERTION_LEVELS } from './assertion.ts';
import { choice, leaf, text, wrongKind } from '../schema/leaf.ts';
import { METRIC_IDS } from '../../metrics/metrics.ts';
import { described, listOf } from '../schema/parts.ts';
import { harmlessLine } from '../schema/stored.ts';
import { quote } from '../../units/units.ts';

/** A quantity with its unit and perhaps a sign. Whether it fits the metric is told by `readBound`. */
const BOUND = /^[+-]?[0-9][0-9A-Za-z.%/]{0,39}$/;

function bound() {
  return leaf<string>(
    (value) => {
      // A bare number is read as if it had been quoted: of cores and counts, and for a hint that names the missing unit.
      const written = typeof value === 'number' ? String(value) : value;
      const hint = 'write a value of the metric, e.g. 40MiB, 20ms or 5%; against the baseline e.g. +10%';
      if (typeof written !== 'string') return wrongKind(value, 'a bound', hint);
      if (!BOUND.test(written)) return { code: 'bad-bound', problem: `${quote(written)} is not a bound`, hint };
      return { value: written };
    },
    { anyOf: [{ type: 'string', pattern: BOUND.source }, { type: 'number' }] },
    harmlessLine,
  );
}

const assertion = z
  .strictObject({
    metric: described(choice(METRIC_IDS, 'unknown-metric'), 'The metric to check; gctune help metrics lists them.', [
      'memory.anon',
    ]),
    cell: described(
      text('line').optional(),
      'The cells to check: levels of factors, written factor=level and separated by spaces. Default: every cell except the A/A cell.',
      ['gogc=50', 'gogc=50 workload=steady'],
    ),
    against: described(
      choice(['baseline']).optional(),
      'baseline: check the difference from the baseline of the same workload.',
      ['baseline'],
    ),
    min: described(
      bound().optional(),
      'The minimum, in the unit of the metric; against the baseline e.g. -10% or -5MiB.',
      ['1%'],
    ),
    max: described(
      bound().optional(),
      'The maximum, in the unit of the metric; against the baseline e.g. +10% or +5MiB.',
      ['40MiB', '+10%'],
    ),
    level: described(
      choice(ASSERTION_LEVELS).prefault('error'),
      'error: exit with 6 if it is shown not to hold. warn: only report it. off: do not check.',
      ['warn'],
    ),
  })
  .meta({ anyOf: [{ required: ['min'] }, { required: ['max'] }] });

/** The list of what must hold. */
export const assertSchema = described(
  listOf(assertion).optional(),
  'What must hold, judged by the ends of the intervals, e.g. in nightly runs. gctune run and gctune assert exit with 6 if it does not.',
  [[{ metric: 'memory.anon', cell: 'gogc=50', max: '40MiB' }]],
);
