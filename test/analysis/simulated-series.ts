import { explainSeries, type SeriesExplanation, type SeriesLook } from '../../src/analysis/explain/series.ts';
import { gaussian } from '../../src/statistics/gaussian.ts';
import { seededStream, type RandomStream } from '../../src/statistics/random.ts';

const MIB = 2 ** 20;

/** A process whose memory is known, looked at from time to time. Rates are in MiB over the whole watch. */
export interface SimulatedProcess {
  readonly looks: number;
  readonly leak?: number;
  readonly fragmentation?: number;
  /** Rises by so much in the first third and not after. */
  readonly warmUp?: number;
  /** How much of its last deviation the load keeps from look to look. */
  readonly memory: number;
  /** Looks from one collection to the next, in the mean; below 1 several collections lie between two looks. */
  readonly cycle: number;
  /** Standard deviation of live heap and of room in spans, MiB. */
  readonly restless?: number;
  /** Whether the page tells the live heap, or only the goal, or neither (NextGC is missing). */
  readonly told?: 'runtime' | 'goal' | 'objects';
}

/** The looks at a simulated process: 100 MiB live in the mean, GOGC=100, a sawtooth that the looks meet at any phase. */
export function simulatedLooks(process: SimulatedProcess, stream: RandomStream): readonly SeriesLook[] {
  const { looks, leak = 0, fragmentation = 0, warmUp = 0, memory, cycle, restless = 3, told = 'goal' } = process;
  const walk = (): (() => number) => {
    let now = gaussian(stream);
    return () => (now = memory * now + Math.sqrt(1 - memory ** 2) * gaussian(stream));
  };
  const [load, spans] = [walk(), walk()];
  let [phase, numGc, live] = [stream.next(), 20, 100];
  return Array.from({ length: looks }, (_, i): SeriesLook => {
    const share = i / (looks - 1);
    const deviation = restless * load();
    const passed = (0.7 + 0.6 * stream.next()) / cycle;
    const ended = Math.floor(phase + passed);
    phase = phase + passed - ended;
    numGc += ended;
    if (i === 0 || ended > 0) live = 100 + leak * share + warmUp * Math.min(1, 3 * share) + deviation;
    const objects = live * (1 + phase);
    const unused = 20 + fragmentation * share + (restless / 2) * spans();
    const heapInuse = objects + unused;
    const heapSys = 260 + leak * 2 + fragmentation + 2 * warmUp;
    const bytes = (mib: number): number => Math.round(mib * MIB);
    const [inuse, sys] = [bytes(heapInuse), bytes(heapSys)];
    const other = {
      stackSysBytes: MIB,
      mspanSysBytes: MIB,
      mcacheSysBytes: 16384,
      buckHashSysBytes: MIB,
      gcSysBytes: 8 * MIB,
      otherSysBytes: MIB,
    };
    return {
      name: String(i),
      atSeconds: i * 10,
      figures: {
        counters: {
          ...other,
          heapAllocBytes: bytes(objects),
          heapInuseBytes: inuse,
          heapIdleBytes: sys - inuse,
          heapReleasedBytes: 0,
          heapSysBytes: sys,
          sysBytes: sys + Object.values(other).reduce((sum, one) => sum + one, 0),
          numGc,
          ...(told === 'objects' ? {} : { nextGcBytes: bytes(2 * live) }),
          ...(told === 'runtime' ? { liveHeapBytes: bytes(live) } : {}),
        },
      },
    };
  });
}

/** How often each answer is given about so many simulated watches. */
export function tallyAnswers(
  process: SimulatedProcess,
  rounds: number,
  seed: number,
): Readonly<Partial<Record<SeriesExplanation['answer'], number>>> {
  const stream = seededStream(seed, 'series', JSON.stringify(process));
  const tally: Partial<Record<SeriesExplanation['answer'], number>> = {};
  for (let round = 0; round < rounds; round++) {
    const { answer } = explainSeries(simulatedLooks(process, stream), true);
    tally[answer] = (tally[answer] ?? 0) + 1;
  }
  return tally;
}
