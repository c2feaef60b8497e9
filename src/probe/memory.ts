import { attachRuntime } from '../runtime-memory/attach.ts';
import { RuntimeRefused } from '../runtime-memory/refused.ts';
import type { ReadingKey } from '../results/format.ts';
import type { Figures, Probe } from './probe.ts';

/** What changes when a GC cycle ends: all that is kept of one that ends between two full readings. */
const OF_A_CYCLE: ReadonlySet<string> = new Set<ReadingKey>([
  'numGc',
  'numForcedGc',
  'lastGcUnixSeconds',
  'pauseTotalSeconds',
  'gcCpuFraction',
  'gcCpuSeconds',
  'gcIdleCpuSeconds',
  'classesTotalCpuSeconds',
  'liveHeapBytes',
  'nextGcBytes',
  'gogcPercent',
  'gomemlimitBytes',
  'scanStackBytes',
  'scanGlobalsBytes',
]);

/** The counters of the runtime of a Go process, out of its memory. Throws RuntimeRefused where it cannot be read. */
export async function memoryProbe(pid: number): Promise<Probe> {
  const reader = await attachRuntime(pid);
  let cycles: number | undefined;
  const read = (): Figures | undefined => {
    const figures = reader.read()?.figures;
    cycles = figures?.numGc;
    return figures;
  };
  /** The figures after another cycle; a look that cannot be made in peace is made again at the next. */
  const ended = (before: number | undefined): Figures | undefined => {
    try {
      return before === undefined || reader.cycles() === before ? undefined : read();
    } catch (error) {
      if (error instanceof RuntimeRefused) return undefined;
      throw error;
    }
  };
  return {
    id: 'memory',
    side: 'outside',
    read: async () => read(),
    cycle: () => {
      const before = cycles;
      const figures = ended(before);
      if (figures === undefined || figures.numGc === before) return undefined;
      return Object.fromEntries(Object.entries(figures).filter(([key]) => OF_A_CYCLE.has(key)));
    },
    [Symbol.asyncDispose]: async () => reader.close(),
  };
}
