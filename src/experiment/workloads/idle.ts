import { z } from 'zod';
import { leaf, wrongKind } from '../schema/leaf.ts';
import { described } from '../schema/parts.ts';
import type { KindOfWorkload } from './kind.ts';

/** No requests are sent to the target; it is only observed. */
export interface IdleWorkload {
  readonly kind: 'idle';
}

const idle = leaf<IdleWorkload>(
  (value) => {
    const nothing =
      value === null || (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0);
    return nothing ? { value: { kind: 'idle' } } : wrongKind(value, 'nothing', 'write idle: {}');
  },
  { anyOf: [{ type: 'null' }, { type: 'object', maxProperties: 0 }] },
  z.object({ kind: z.literal('idle') }),
);

/** `idle`. */
export const IDLE = {
  schema: described(idle.optional(), 'No requests are sent to the target; it is only observed.', [{}]),
  unit: 'none',
  simulated: true,
  describe: () => 'idle, no requests are sent',
} as const satisfies KindOfWorkload<IdleWorkload>;
