import type { HttpWorkload, Rate } from '../experiment/experiment.ts';
import type { WorkDone } from '../results/format.ts';
import type { Address } from '../runner/runner.ts';
import { seededStream } from '../statistics/random.ts';
import { arrivalTimes } from './arrivals.ts';
import { clientsFor, Connection } from './connection.ts';
import type { Client } from './http2-client.ts';
import type { OutgoingRequest, RequestSource } from './outgoing-request.ts';
import { Tally } from './tally.ts';

/** When requests fall due and how they are sent, whatever they ask. */
export type LoadShape = Pick<HttpWorkload, 'timeoutSeconds' | 'connections' | 'protocol'> &
  Partial<Pick<HttpWorkload, 'rate' | 'arrivals'>>;

/** Load of one phase: its own arrivals, requests and figures. Times are milliseconds of `performance.now()`. */
interface Stretch {
  readonly startMs: number;
  /** Arrivals due from here on belong to the next stretch; endless until that is known. */
  endMs: number;
  readonly arrivals: Iterator<number>;
  readonly draw: (seq: number) => OutgoingRequest;
  readonly tally: Tally;
  /** When each of its arrivals so far fell due, milliseconds after its start. */
  readonly due: number[];
}

/** Nearer than this, timers (whole milliseconds) are too coarse and the loop polls. */
const pollWithinMs = 1.5;

/** How much before it is wanted a timer is set to end, because it may come late by a part of a millisecond. */
const timerMarginMs = 0.5;

/** The most that a timer can hold. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Sends requests when they fall due, whether or not earlier ones have been answered, as wrk2 does. Where every
 * connection is busy an arrival waits, its latency counting from when it was due; it is dropped only when it has waited
 * for the whole request timeout. (k6 drops it at once, and so hides most of a stall from the percentiles.)
 *
 * The window gets arrivals and requests of its own from the seed, counted from the moment it opens: so every trial
 * with one seed measures the same requests at the same offsets, however long its warm-up took. Only `{seq}` goes on
 * from the warm-up, because it must never repeat.
 *
 * Between arrivals it sleeps; where the next is nearer than a timer can tell, it polls while answers are under way. So
 * it uses a part of its CPU at low rates, and from about a thousand requests a second on up to the whole of it.
 */
export class OpenLoop {
  readonly #shape: LoadShape;
  readonly #source: RequestSource;
  readonly #seed: number;
  readonly #patienceMs: number;
  readonly #clients: readonly Client[];
  readonly #connections: readonly Connection[];
  /** Free connections in the order in which they became free: all are used in turn, so that the target holds as many in every trial. */
  readonly #free: Connection[];
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(4));
  #stretch: Stretch;
  #next: Stretch | undefined;
  #dueMs: number;
  #seq = 0;
  #window: Stretch | undefined;
  /** Since when arrivals have had to wait for a connection; undefined while none does. */
  #blockedSinceMs: number | undefined;
  /** When a connection last became free while an arrival waited for one. */
  #freedMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #polling = false;
  #stopped = false;
  #onProgress: (() => void) | undefined;
  #cpuAtOpen: NodeJS.CpuUsage | undefined;
  readonly #onTimer = (): void => this.#turn();
  readonly #onPoll = (): void => this.#poll();

  constructor(shape: LoadShape, source: RequestSource, address: Address, seed: number) {
    this.#shape = shape;
    this.#source = source;
    this.#seed = seed;
    this.#patienceMs = shape.timeoutSeconds * 1000;
    const onFree = (connection: Connection): void => this.#release(connection);
    this.#clients = clientsFor(address, shape);
    this.#connections = Array.from(
      { length: shape.connections },
      (_, index) => new Connection(this.#clients[index % this.#clients.length] as Client, shape.timeoutSeconds, onFree),
    );
    this.#free = [...this.#connections];
    // Nothing is due before it begins.
    this.#stretch = this.#newStretch('warm-up');
    this.#dueMs = Number.POSITIVE_INFINITY;
  }

  /** The arrivals of the warm-up begin. */
  begin(): void {
    this.#stretch = this.#newStretch('warm-up');
    this.#dueMs = this.#draw();
    this.#turn();
  }

  /** Begins the measured window. */
  openWindow(): void {
    this.#cpuAtOpen = process.cpuUsage();
    this.#window = this.#newStretch('window');
    this.#next = this.#window;
    this.#stretch.endMs = this.#window.startMs;
    this.#turn();
  }

  /**
   * Ends the window. What fell due in it is still sent and awaited, for at most so long; what is unanswered then
   * counts as `unfinished`. Nothing is sent afterwards.
   */
  async closeWindow(drainSeconds: number): Promise<WorkDone> {
    const window = this.#window;
    if (window === undefined) throw new Error('the window was closed before it was opened');
    const endMs = performance.now();
    const cpu = process.cpuUsage(this.#cpuAtOpen);
    window.endMs = endMs;
    this.#turn();
    await this.#idle(window, drainSeconds);
    this.#stopped = true;
    clearTimeout(this.#timer);
    while (this.#current()) {
      this.#stretch.tally.dropped(performance.now() - this.#dueMs);
      this.#stretch.due.push(this.#dueMs - this.#stretch.startMs);
      this.#dueMs = this.#draw();
    }
    for (const connection of this.#connections) connection.giveUp('unfinished', window.tally);
    const lengthMs = endMs - window.startMs;
    const done = window.tally.workDone(lengthMs / 1000, (cpu.user + cpu.system) / 1e6);
    for (const connection of this.#connections) connection.dispose();
    await Promise.all(this.#clients.map((client) => client.destroy()));
    return { ...done, thirds: inThirds(window.due, lengthMs) };
  }

  #newStretch(phase: 'warm-up' | 'window'): Stretch {
    const own = this.#source.stretch?.(phase);
    const { rate, arrivals = 'uniform' } = this.#shape;
    if (own === undefined && rate === undefined) throw new Error('load without a rate');
    const random = seededStream(this.#seed, 'requests', phase);
    return {
      startMs: performance.now(),
      endMs: Number.POSITIVE_INFINITY,
      arrivals: own?.arrivals ?? arrivalTimes(rate as Rate, arrivals, seededStream(this.#seed, 'arrivals', phase)),
      draw: own === undefined ? (seq) => this.#source.draw(random, seq) : () => own.draw(),
      tally: new Tally(),
      due: [],
    };
  }

  #draw(): number {
    const next = this.#stretch.arrivals.next();
    return next.done === true ? Number.POSITIVE_INFINITY : this.#stretch.startMs + next.value * 1000;
  }

  /** Goes on to the next stretch where the head of the arrivals lies past the present one; false: there is none. */
  #current(): boolean {
    while (this.#dueMs >= this.#stretch.endMs) {
      if (this.#next === undefined) return false;
      this.#stretch = this.#next;
      this.#next = undefined;
      this.#dueMs = this.#draw();
    }
    return true;
  }

  /** Sends everything that is due, then sees to it that it is called again when there is more to do. */
  #turn(): void {
    if (this.#stopped) return;
    this.#sendDue();
    this.#arm();
    this.#onProgress?.();
  }

  #sendDue(): void {
    for (;;) {
      const nowMs = performance.now();
      if (!this.#current() || this.#dueMs > nowMs) {
        this.#blockedSinceMs = undefined;
        return;
      }
      const connection = this.#free.shift();
      if (connection === undefined) {
        this.#blockedSinceMs ??= nowMs;
        if (nowMs - this.#dueMs <= this.#patienceMs) return;
      }
      this.#consume(connection, nowMs);
    }
  }

  /** Takes the arrival at the head: sends it, or drops it where there is no connection. */
  #consume(connection: Connection | undefined, nowMs: number): void {
    const dueMs = this.#dueMs;
    const { tally, draw, due, startMs } = this.#stretch;
    if (this.#stretch === this.#window) due.push(dueMs - startMs);
    // Drawn for a dropped arrival too: the request of each arrival must not depend on how fast the target is.
    const request = draw(++this.#seq);
    this.#dueMs = this.#draw();
    if (connection === undefined) {
      tally.dropped(nowMs - dueMs);
      return;
    }
    // Lateness is the generator's own fault: the time until it saw that all connections were busy, and the time it took
    // once one was free. What lies between is the target's, and shows in the latency alone.
    const unseenMs = this.#blockedSinceMs === undefined ? 0 : Math.max(0, this.#blockedSinceMs - dueMs);
    tally.sent(unseenMs + nowMs - Math.max(dueMs, this.#freedMs));
    connection.send(request, dueMs, tally);
  }

  #release(connection: Connection): void {
    this.#free.push(connection);
    if (this.#blockedSinceMs === undefined) {
      this.#onProgress?.();
    } else {
      this.#freedMs = performance.now();
      this.#turn();
    }
  }

  /** Arranges the next turn: when the head falls due, or, while it waits for a connection, when its patience ends. */
  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#polling || !this.#current()) return;
    const blocked = this.#blockedSinceMs !== undefined;
    const waitMs = this.#dueMs + (blocked ? this.#patienceMs : 0) - performance.now();
    if (waitMs <= pollWithinMs) {
      this.#polling = true;
      setImmediate(this.#onPoll);
    } else if (waitMs < Number.POSITIVE_INFINITY) {
      this.#timer = setTimeout(this.#onTimer, Math.min(longestTimerMs, Math.floor(waitMs - timerMarginMs)));
    }
  }

  #poll(): void {
    this.#polling = false;
    const waitMs = this.#dueMs - performance.now();
    // With no answer under way there is nothing to poll for, and the thread can sleep to the microsecond.
    const quiet = this.#free.length === this.#connections.length;
    if (quiet && waitMs > 0 && waitMs <= pollWithinMs) Atomics.wait(this.#sleeper, 0, 0, waitMs);
    this.#turn();
  }

  /** Resolves when nothing of the window is left to send or in flight, or when the time is up. */
  #idle(window: Stretch, withinSeconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => finish(), withinSeconds * 1000);
      const finish = (): void => {
        clearTimeout(timer);
        this.#onProgress = undefined;
        resolve();
      };
      const look = (): void => {
        if (!this.#current() && window.tally.inFlight === 0) finish();
      };
      this.#onProgress = look;
      look();
    });
  }
}

function inThirds(due: readonly number[], lengthMs: number): readonly [number, number, number] {
  const thirds: [number, number, number] = [0, 0, 0];
  for (const ms of due) thirds[Math.min(2, Math.floor((3 * ms) / lengthMs)) as 0 | 1 | 2] += 1;
  return thirds;
}
