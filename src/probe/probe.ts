import type { Sampling } from '../experiment/experiment.ts';
import type { ProbeId } from '../experiment/probe-ids.ts';
import type { Reading, TriedSource } from '../results/format.ts';
import type { Daemon } from '../runner/runner.ts';

/** The figures of a reading. */
export type Figures = Reading['v'];

/** Reads one source. */
export interface Probe extends AsyncDisposable {
  readonly id: ProbeId;
  /** `outside`: read by the kernel's or engine's files, does not disturb the target; `inside`: the target does work to answer. */
  readonly side: 'outside' | 'inside';
  /** One sample, or undefined where the source has nothing to say any more (the process is gone). Throws on anything unexpected. */
  read(signal: AbortSignal): Promise<Figures | undefined>;
  /** Of one that notices each GC cycle: what the last of those left that ended since it was read, undefined where none has. Takes next to no time. */
  readonly cycle?: () => Figures | undefined;
}

/** What a target was found to offer. */
export interface Detection {
  readonly probes: readonly Probe[];
  /** Inside probes that are read only at the two ends of the window, for what the main source does not tell (effective settings, live heap). */
  readonly edges?: readonly Probe[];
  /** What the target tells of its runtime and its memory does not, in words; its memory is not used then. */
  readonly disagreement?: string | undefined;
  /** Each source that was tried and what it said. */
  readonly tried: readonly TriedSource[];
}

/** Finds the probes for a daemon; asks each source once. */
export type DetectProbes = (daemon: Daemon, sampling: Sampling, signal: AbortSignal) => Promise<Detection>;
