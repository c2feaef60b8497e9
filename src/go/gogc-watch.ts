import { type GoalBounds, goalBounds, type GoReading } from './effective-gogc.ts';
import type { Gogc } from './settings.ts';

/**
 * So many goals in succession must speak against the GOGC that was asked for: one does by chance, where a large
 * allocation or unfinished sweeping moved it. gctrace has whole MiB and every cycle, the runtime's own figures are exact.
 */
const LEAST_GOALS = { gctrace: 5, exact: 3 } as const;

/** A GOGC that came into force although another was asked for. */
export interface GogcChange {
  /** Seconds since the trial's start. */
  readonly atSeconds: number;
  readonly percent: number;
  /** Whether goals before it showed the one that was asked for: else it was never in force. */
  readonly afterAsked: boolean;
}

/** Watches, goal by goal, whether the GOGC that was asked for stays in force; in constant memory. */
export class GogcWatch {
  readonly #asked: number;
  readonly #runs = { gctrace: new Run(LEAST_GOALS.gctrace), exact: new Run(LEAST_GOALS.exact) };
  #cycle: GoReading | undefined;

  constructor(asked: Gogc) {
    this.#asked = asked === 'off' ? -1 : asked;
  }

  /** Takes a reading, in the order of time. */
  add(reading: GoReading & { readonly at: number }): void {
    const traced = reading.v.cycle !== undefined;
    const goal = goalBounds(reading, traced ? this.#cycle : undefined);
    if (traced) this.#cycle = reading;
    if (goal !== undefined) this.#runs[traced ? 'gctrace' : 'exact'].add(reading.at, goal, this.#asked);
  }

  /** The first change that enough goals in succession show. */
  change(): GogcChange | undefined {
    return this.#runs.exact.change ?? this.#runs.gctrace.change;
  }
}

/** Goals in succession that speak against what was asked. */
class Run {
  readonly #least: number;
  #atSeconds = 0;
  #percents: number[] = [];
  #agreed = false;
  change: GogcChange | undefined;

  constructor(least: number) {
    this.#least = least;
  }

  add(at: number, { percent, low, high, pushed }: GoalBounds, asked: number): void {
    if (this.change !== undefined) return;
    // A goal that was pushed up says only how much GOGC can be at most.
    const against = asked > high || (!pushed && asked < low);
    if (!against) {
      this.#agreed = true;
      this.#percents = [];
      return;
    }
    if (this.#percents.length === 0) this.#atSeconds = at;
    this.#percents.push(percent);
    if (this.#percents.length < this.#least) return;
    const middle = this.#percents.toSorted((a, b) => a - b)[Math.floor(this.#least / 2)] as number;
    this.change = { atSeconds: this.#atSeconds, percent: middle, afterAsked: this.#agreed };
  }
}
