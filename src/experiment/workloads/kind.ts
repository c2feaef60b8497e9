import type { z } from 'zod';
import type { Problem } from '../check/diagnose.ts';

/** What a rule about one workload may know of the rest of the file. */
export interface Surroundings {
  /** The names of its services. */
  readonly services: readonly string[];
  /** Whether the target has a port, and the names of its further ones. */
  readonly port: boolean;
  readonly ports: readonly string[];
}

/** All that the rest of the house must know of one kind of workload, `S` being what the file says of one. */
export interface KindOfWorkload<S> {
  /** Reads what stands under the key of the kind. */
  readonly schema: z.ZodType<S | undefined>;
  /** The piece of work that figures are per; requests are sent by a process of their own, and each has a latency. */
  readonly unit: 'request' | 'run' | 'none';
  /** Whether a simulated target can be asked for it. */
  readonly simulated: boolean;
  /** In one phrase: `http, 400 requests/s, evenly spaced`. */
  readonly describe: (spec: S) => string;
  /** What is well written and cannot be meant; `path` is the place of the kind's key. */
  readonly check?: (spec: S, path: Problem['path'], around: Surroundings) => Problem[];
  /** How long a run may take; undefined: a trial takes the phases of the experiment. */
  readonly withinSeconds?: (spec: S) => number;
  /** The most requests per second that are ever sent. */
  readonly peakPerSecond?: (spec: S) => number;
  /** Requests that are sent before the warm-up. */
  readonly preloaded?: (spec: S) => number;
  /** The same work under a spike, `rate` times as much of it on a live heap `heap` times as large where that can be had. */
  readonly spike?: (spec: S, rate: number, heap: number) => S;
}
