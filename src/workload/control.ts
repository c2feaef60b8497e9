import type { RequestWorkload } from '../experiment/workloads/kinds.ts';
import type { WorkDone } from '../results/format.ts';
import type { Address } from '../runner/runner.ts';
import type { LoadTiming, PreloadDone, ServiceAddresses } from './workload.ts';

/** What the generator's process is told. Ending it needs no message: it ends when its channel does. */
export type Command =
  | {
      readonly type: 'start';
      readonly spec: RequestWorkload;
      readonly address: Address;
      readonly services: ServiceAddresses;
      readonly timing: LoadTiming;
      readonly seed: number;
    }
  | { readonly type: 'preload' }
  | { readonly type: 'begin' }
  | { readonly type: 'open' }
  | { readonly type: 'close'; readonly drainSeconds: number };

/** What it says: that it listens, that a command has been done or cannot be, and why. */
export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'started' }
  | { readonly type: 'preloaded'; readonly done: PreloadDone }
  | { readonly type: 'begun' }
  | { readonly type: 'opened' }
  | { readonly type: 'closed'; readonly work: WorkDone }
  | { readonly type: 'failed'; readonly failure: Failure };

/** An EnvironmentError as it crosses from one process to the other. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly details: readonly string[];
  readonly hint: string | undefined;
}
