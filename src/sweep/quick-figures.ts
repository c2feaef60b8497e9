import { windowedGcCpu } from '../go/windowed-gc-cpu.ts';
import type { CellId } from '../experiment/plan/plan.ts';
import {
  CGROUP_PROBES,
  ENGINE_PROBES,
  OWN_CGROUP_PROBES,
  PROCESS_PROBES,
  type ProbeId,
} from '../experiment/probe-ids.ts';
import type { Phase, Reading, ReadingKey, TrialRecord } from '../results/format.ts';
import type { QuickFigures } from './event.ts';

/** Sources of a figure, best first, in the report's order. Two are never mixed: each counts from a beginning of its own. */
type Sources = readonly (readonly [ReadingKey, readonly ProbeId[]])[];
const ANON: Sources = [
  ['rssAnonBytes', PROCESS_PROBES],
  ['cgroupAnonBytes', CGROUP_PROBES],
];
const CPU: Sources = [
  ['cgroupCpuSeconds', OWN_CGROUP_PROBES],
  ['cpuSeconds', PROCESS_PROBES],
  ['cgroupCpuSeconds', ENGINE_PROBES],
];

const KEYS = new Set([...ANON, ...CPU].map(([key]) => key));

/** What one source told of one figure in the window. */
interface Told {
  readonly first: number;
  readonly last: number;
  readonly sum: number;
  readonly count: number;
}

/** Adds up a trial's figures for the live display, in constant memory. The report computes its own from the readings. */
export class QuickWatch {
  readonly #cell: CellId;
  #measuring = false;
  readonly #told = new Map<string, Told>();
  /** The readings of the first and the last GC cycle that ended within the window. */
  #firstCycle: Reading['v'] | undefined;
  #lastCycle: Reading['v'] | undefined;

  constructor(cell: CellId) {
    this.#cell = cell;
  }

  /** Only what is read in the measure phase counts. */
  phase(phase: Phase['name']): void {
    this.#measuring = phase === 'measure';
  }

  /** Takes a reading. */
  reading({ probe, v }: Reading): void {
    if (!this.#measuring) return;
    for (const key of KEYS) this.#tell(probe, key, v[key]);
    if (v.gcCpuFraction !== undefined && v.lastGcUnixSeconds !== undefined) {
      this.#firstCycle ??= v;
      this.#lastCycle = v;
    }
  }

  /** The figures of the whole trial. */
  figures(record: TrialRecord): QuickFigures {
    const completed = record.work?.completed ?? 0;
    const [anon, cpu] = [this.#best(ANON), this.#best(CPU)];
    const cpuSeconds = cpu === undefined ? 0 : cpu.last - cpu.first;
    const gcCpu = this.#gcCpu(record.startUnixSeconds);
    return {
      cell: this.#cell,
      ...(anon === undefined ? {} : { anonBytes: anon.sum / anon.count }),
      ...(gcCpu === undefined ? {} : { gcCpuFraction: gcCpu }),
      ...(completed === 0 || cpuSeconds <= 0 ? {} : { cpuPerRequestSeconds: cpuSeconds / completed }),
    };
  }

  #tell(probe: ProbeId, key: ReadingKey, value: number | undefined): void {
    if (value === undefined) return;
    const id = `${probe} ${key}`;
    const { first, sum, count } = this.#told.get(id) ?? { first: value, sum: 0, count: 0 };
    this.#told.set(id, { first, last: value, sum: sum + value, count: count + 1 });
  }

  #best(sources: Sources): Told | undefined {
    for (const [key, probes] of sources) {
      for (const probe of probes) {
        const told = this.#told.get(`${probe} ${key}`);
        if (told !== undefined) return told;
      }
    }
    return undefined;
  }

  /** Of the cycles that ended in the window, like the report’s; the process itself tells the mean since it began. */
  #gcCpu(startUnixSeconds: number): number | undefined {
    const edge = (v: Reading['v'] | undefined) => ({
      gcCpuFraction: v?.gcCpuFraction ?? NaN,
      uptimeSeconds: (v?.lastGcUnixSeconds ?? NaN) - startUnixSeconds,
    });
    return windowedGcCpu(edge(this.#firstCycle), edge(this.#lastCycle));
  }
}
