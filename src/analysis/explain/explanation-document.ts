import type { ExplainedFacts, ExplainedPoint } from './explanation.ts';
import type { ProcessView } from './process-view.ts';
import type { Reconciliation } from './reconcile.ts';

/** Version of the document that `gctune explain --json` prints. */
export const EXPLANATION_VERSION = 1;

/** Where the memory of one process is, explained: what every rendering is a pure function of, and the JSON itself. */
export interface ExplanationDocument {
  readonly formatVersion: number;
  readonly source: ExplanationSource;
  readonly figures: ExplainedFacts;
  readonly reconciliation: Reconciliation;
  readonly points: readonly ExplainedPoint[];
  /** What is in force, and what the kernel says of a living process in addition to RSS. */
  readonly view?: ProcessView | undefined;
  /** What makes the figures doubtful. */
  readonly warnings: readonly string[];
}

/** Where the figures are from. Texts in it are untrusted. */
export interface ExplanationSource {
  readonly kind: 'text' | 'process' | 'container';
  /** The file, the URL or the container, as the user named it. */
  readonly name: string;
  /** The form that the counters were written in: `expvar`, `prometheus`, `pprof`, `memstats`; `memory`: read from the memory of the process. */
  readonly form: string;
  readonly url?: string | undefined;
  readonly pid?: number | undefined;
  /** What built the program, where it was looked at. */
  readonly goVersion?: string | undefined;
  /** The process's arguments. */
  readonly commandLine?: readonly string[] | undefined;
  readonly sampling?: ExplanationSampling | undefined;
}

/** What one read of a living process cost, and how far apart its two halves were taken. */
export interface ExplanationSampling {
  /** From the request for the counters to the end of the answer; of a read from memory, how long it took. */
  readonly readSeconds: number;
  /** Undefined where nothing was asked: the counters were read from memory. */
  readonly answerBytes?: number | undefined;
  /** Between the two looks at /proc, with the read of the counters in between. */
  readonly apartSeconds?: number | undefined;
  readonly rssBeforeBytes?: number | undefined;
  readonly rssAfterBytes?: number | undefined;
}
