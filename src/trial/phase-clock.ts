import type { Phase } from '../results/format.ts';

/** The clock of one trial: monotonic seconds since its start, and the phases it went through. */
export class PhaseClock {
  readonly startedAt = new Date();
  /** Unix seconds with fraction at the clock's zero. Never from performance.timeOrigin: over a long run the two clocks part by seconds. */
  readonly startUnixSeconds = this.startedAt.getTime() / 1000;
  readonly #zero = performance.now();
  readonly #ended: Phase[] = [];
  readonly #onPhase: (name: Phase['name']) => void;
  #current: { readonly name: Phase['name']; readonly startSeconds: number } | undefined;

  constructor(onPhase: (name: Phase['name']) => void) {
    this.#onPhase = onPhase;
  }

  /** Seconds since the trial's start. */
  now(): number {
    return (performance.now() - this.#zero) / 1000;
  }

  /** Ends the phase that is under way and begins another. */
  enter(name: Phase['name']): void {
    this.leave();
    this.#current = { name, startSeconds: this.now() };
    this.#onPhase(name);
  }

  /** Ends the phase that is under way. */
  leave(): void {
    if (this.#current !== undefined) this.#ended.push({ ...this.#current, endSeconds: this.now() });
    this.#current = undefined;
  }

  /** The phase under way, or the last one. */
  get phase(): Phase['name'] {
    return this.#current?.name ?? this.#ended.at(-1)?.name ?? 'launch';
  }

  /** The phases that have ended. */
  get phases(): readonly Phase[] {
    return this.#ended;
  }
}
