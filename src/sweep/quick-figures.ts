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
  #gcCpuFraction: number | undefined;

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
    this.#gcCpuFraction = v.gcCpuFraction ?? this.#gcCpuFraction;
  }

  /** The figures of the whole trial. */
  figures(record: TrialRecord): QuickFigures {
    const completed = record.work?.completed ?? 0;
    const cpu = (this.#lastCpuSeconds ?? 0) - (this.#firstCpuSeconds ?? 0);
    return {
      cell: this.#cell,
      ...(this.#anonCount === 0 ? {} : { anonBytes: this.#anonSum / this.#anonCount }),
      ...(this.#gcCpuFraction === undefined ? {} : { gcCpuFraction: this.#gcCpuFraction }),
      ...(completed === 0 || cpu <= 0 ? {} : { cpuPerRequestSeconds: cpu / completed }),
    };
  }
}
