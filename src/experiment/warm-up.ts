import type { Phases } from './experiment.ts';

/** How long a warm-up takes at least, in seconds: one that ends by itself has a least time, any other takes what was said. */
export function leastWarmupSeconds({ warmupSeconds, autoWarmup }: Phases): number {
  return warmupSeconds === 'auto' ? autoWarmup.minSeconds : warmupSeconds;
}

/** Phases of which the warm-up takes a time that is known beforehand. */
export type FixedPhases = Phases & { readonly warmupSeconds: number };

/** The warm-up in words. */
export function warmupInWords({ warmupSeconds, autoWarmup }: Phases): string {
  if (warmupSeconds !== 'auto') return `${warmupSeconds} s`;
  const { minSeconds, cycles, maxSeconds } = autoWarmup;
  return `until settled (${minSeconds} to ${maxSeconds} s, at least ${cycles} GC cycles)`;
}
