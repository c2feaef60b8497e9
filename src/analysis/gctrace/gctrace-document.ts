import type { GogcEvidence } from '../../go/effective-gogc.ts';

/** Version of the document that `gctune gctrace --json` prints. */
export const GCTRACE_VERSION = 1;

/** What a log of gctrace says: what every rendering is a pure function of, and the JSON itself. Base units. */
export interface GctraceDocument {
  readonly formatVersion: number;
  /** The file, as the user named it; untrusted. */
  readonly source: string;
  readonly lines: number;
  readonly bytes: number;
  /** In the order in which their first cycle was read. */
  readonly processes: readonly TracedProcess[];
  /** Lines of other traces of the runtime: of the scavenger, the pacer, and what gctrace=2 adds. */
  readonly otherTraces: number;
  /** Cycles that the log holds twice; they count once. */
  readonly repeated: number;
  readonly unread: Unread;
  /** What makes the figures doubtful. */
  readonly warnings: readonly string[];
}

/** Cycles that do not count. */
export interface Unread {
  /** Lines that begin as a cycle does and have other output in their middle, or lack their end. */
  readonly broken: number;
  /** Lines of Go 1.5, which has five phases, and of older Go, which stops the world throughout. */
  readonly go15: number;
  readonly go14: number;
  /** Cycles of processes beyond the number that is told apart, and their GC CPU. */
  readonly beyond: { readonly cycles: number; readonly gcCpuSeconds: number };
  /** The first lines that were not read; untrusted, cut. */
  readonly first: readonly string[];
}

/** One process of a log. */
export interface TracedProcess {
  /** From 1, in the order in which the log shows them. */
  readonly number: number;
  /** What the log calls it: a unit with its pid, a pod, a container; untrusted. */
  readonly source: string | undefined;
  /** When its runtime began, by the time stamps of the log: ISO 8601, UTC. */
  readonly startedAt: string | undefined;
  readonly firstCycle: number;
  readonly lastCycle: number;
  /** Cycles that were read; of those between the first and the last `missing` were not. */
  readonly cycles: number;
  readonly missing: number;
  /** Cycles that another process could have written as well. */
  readonly ambiguous: number;
  /** By runtime.GC or debug.FreeOSMemory. */
  readonly forced: number;
  /** What the figures cover, in seconds since the runtime's start: from 0 where the first cycle was read. */
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** GOMAXPROCS. */
  readonly procs: { readonly least: number; readonly most: number };
  /** The runtime's own account at the last cycle: a whole percentage since its start. */
  readonly lifetimePercent: number;
  readonly cpu: GcCpuSums;
  readonly pauses: Readonly<Record<'sweepTermination' | 'markTermination', Pauses>>;
  readonly heap: HeapCourse;
  /** The GOGC that the last goals imply; undefined where the heap is too small to tell, or too few cycles succeed each other. */
  readonly impliedGogc: GogcEvidence | undefined;
  readonly spiral: Spiral;
  /** At most 120 spans of equal length, and the same in at most 8 for a table. */
  readonly spans: readonly TraceSpan[];
  readonly overview: readonly TraceSpan[];
}

/** CPU of the collector. */
export interface GcCpuSums {
  /** GOMAXPROCS × time. */
  readonly capacitySeconds: number;
  /** Assists, workers and stops; idle marking is apart. */
  readonly gcSeconds: number;
  readonly assistSeconds: number;
  /** The stops, which gctrace charges to every P. */
  readonly stopSeconds: number;
  readonly idleSeconds: number;
  /** Time during which a cycle was under way. */
  readonly runningSeconds: number;
}

/** The stops of one kind. Quantiles are values that were printed (nearest rank). */
export interface Pauses {
  readonly count: number;
  readonly totalSeconds: number;
  readonly medianSeconds: number;
  readonly p99Seconds: number;
  readonly longestSeconds: number;
  /** Stops that were printed as 0. */
  readonly zeros: number;
}

/** The heap from the first cycle to the last. Whole MiB. */
export interface HeapCourse {
  readonly firstLiveBytes: number;
  readonly lastLiveBytes: number;
  readonly leastLiveBytes: number;
  readonly mostLiveBytes: number;
  /** Most of the heap at the start of a cycle. */
  readonly mostBytes: number;
  readonly lastGoalBytes: number;
  readonly mostGoalBytes: number;
}

/** Whether the process collects and does little else. */
export interface Spiral {
  /**
   * `spiral`: for a while cycles came back to back and the goal was hardly above the live heap; `busy`: they came back to
   * back although the goal left room; `none`.
   */
  readonly kind: 'spiral' | 'busy' | 'none';
  /** For how long; from when to when the first and last of it was. */
  readonly seconds: number;
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** GC CPU and idle marking ÷ GOMAXPROCS × time, and the share of time in which a cycle was under way, meanwhile. */
  readonly share: number;
  readonly idleShare: number;
  readonly running: number;
}

/** A stretch of time. CPU and time are spread over the stretches that a cycle lasted; the rest is of cycles that began in it. */
export interface TraceSpan extends GcCpuSums {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly cycles: number;
  readonly forced: number;
  /** Wall time with the world stopped. */
  readonly stoppedSeconds: number;
  readonly longestPauseSeconds: number;
  readonly heap: SpanHeap | undefined;
  /** Cycles whose goal was hardly above the live heap that set it, and those of which that can be said. */
  readonly tight: number;
  readonly judged: number;
  /** GOGC as the goals imply it: the mean over those that tell. */
  readonly impliedGogc: number | undefined;
}

/** The heap of the cycles that began in a stretch of time. */
export interface SpanHeap {
  readonly leastLiveBytes: number;
  readonly mostLiveBytes: number;
  readonly lastLiveBytes: number;
  readonly mostBytes: number;
  readonly lastGoalBytes: number;
  readonly mostGoalBytes: number;
}
