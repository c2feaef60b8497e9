import { z } from 'zod';
import { text } from '../schema/leaf.ts';
import { described, tagged, type Frozen } from '../schema/parts.ts';
import type { KindOfWorkload } from './kind.ts';
import { duration } from './load.ts';

const batch = tagged(
  'batch',
  {
    args: described(
      z.array(text('optionalLine')).prefault([]),
      'Arguments added after those of the target. {work} stands for the run’s scratch folder.',
      [['-p', '{work}']],
    ),
    within: described(
      duration('60s').prefault('60s'),
      'Time limit of a run; a longer one is stopped and recorded as timed out.',
      ['60s'],
    ),
  },
  { within: 'withinSeconds' },
);

/** The target is a command that runs to its end; the trial is one run and the work is fixed. */
export type BatchWorkload = Frozen<z.output<typeof batch>>;

/** `batch`. */
export const BATCH = {
  schema: described(
    batch.optional(),
    'The target is a command that runs to completion: a trial is one run with a fixed amount of work.',
    [{ args: ['-p', '{work}'] }],
  ),
  unit: 'run',
  simulated: false,
  describe: () => 'batch, one complete run per trial',
  withinSeconds: (spec) => spec.withinSeconds,
} as const satisfies KindOfWorkload<BatchWorkload>;
