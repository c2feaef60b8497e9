import type { HttpWorkload } from '../experiment/experiment.ts';
import type { WorkDone } from '../results/format.ts';
import type { Address } from '../runner/runner.ts';

/** What the generator's process is told. Ending it needs no message: it ends when its channel does. */
export type Command =
  | { readonly type: 'start'; readonly spec: HttpWorkload; readonly address: Address; readonly seed: number }
  | { readonly type: 'open' }
  | { readonly type: 'close'; readonly drainSeconds: number };

/** What it says: that it listens, that a command has been done, or why it cannot go on. */
export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'started' }
  | { readonly type: 'opened' }
  | { readonly type: 'closed'; readonly work: WorkDone };
