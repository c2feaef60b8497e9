/** What the runtime says at the end of a GC cycle. */
export interface GcEdge {
  /** GCCPUFraction: the mean since the process began. */
  readonly gcCpuFraction: number;
  /** LastGC − start of the process, in seconds. */
  readonly uptimeSeconds: number;
}

/**
 * The GC's fraction of GOMAXPROCS × time between the ends of two GC cycles, from the lifetime mean at both:
 * `w = (F2·u2 − F1·u1)/(u2 − u1)` (GOMAXPROCS cancels; runtime/mgc.go computes GCCPUFraction once, at the end of each
 * cycle, as GC CPU so far ÷ GOMAXPROCS × time so far). Undefined where no cycle ended between the two, or where the
 * figures cannot be of one process.
 */
export function windowedGcCpu(first: GcEdge, last: GcEdge): number | undefined {
  const seconds = last.uptimeSeconds - first.uptimeSeconds;
  if (!(seconds > 0) || !(first.uptimeSeconds >= 0)) return undefined;
  const fraction = (last.gcCpuFraction * last.uptimeSeconds - first.gcCpuFraction * first.uptimeSeconds) / seconds;
  return Number.isFinite(fraction) && fraction >= 0 ? fraction : undefined;
}
