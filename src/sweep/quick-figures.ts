import { windowedGcCpu } from '../go/windowed-gc-cpu.ts';
import type { CellId } from '../experiment/plan/plan.ts';
import type { Phase, Reading, TrialRecord } from '../results/format.ts';
import type { QuickFigures } from './event.ts';

/** Adds up a trial's figures for the live display, in constant memory. The report computes its own from the readings. */
export class QuickWatch {
  readonly #cell: CellId;
  #measuring = false;
  #anonSum = 0;
  #anonCount = 0;
  #firstCpuSeconds: number | undefined;
  #lastCpuSeconds: number | undefined;
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
  reading({ v }: Reading): void {
    if (!this.#measuring) return;
    const anon = v.rssAnonBytes ?? v.cgroupAnonBytes;
    if (anon !== undefined) {
      this.#anonSum += anon;
      this.#anonCount++;
    }
    const cpu = v.cpuSeconds ?? v.cgroupCpuSeconds;
    if (cpu !== undefined) {
      this.#firstCpuSeconds ??= cpu;
      this.#lastCpuSeconds = cpu;
    }
    if (v.gcCpuFraction !== undefined && v.lastGcUnixSeconds !== undefined) {
      this.#firstCycle ??= v;
      this.#lastCycle = v;
    }
  }

  /** The figures of the whole trial. */
  figures(record: TrialRecord): QuickFigures {
    const completed = record.work?.completed ?? 0;
    const cpu = (this.#lastCpuSeconds ?? 0) - (this.#firstCpuSeconds ?? 0);
    const gcCpu = this.#gcCpu(record.startUnixSeconds);
    return {
      cell: this.#cell,
      ...(this.#anonCount === 0 ? {} : { anonBytes: this.#anonSum / this.#anonCount }),
      ...(gcCpu === undefined ? {} : { gcCpuFraction: gcCpu }),
      ...(completed === 0 || cpu <= 0 ? {} : { cpuPerRequestSeconds: cpu / completed }),
    };
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
