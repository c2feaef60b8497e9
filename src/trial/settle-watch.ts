import type { AutoWarmup, Experiment, Levels } from '../experiment/experiment.ts';
import type { Outcome, Reading } from '../results/format.ts';
import { LIVE_SOURCES, LiveHeapReader } from './live-heap.ts';
import { DriftWatch } from './steadiness.ts';
import { ThinnedSeries } from './thinned-series.ts';

/** The share of the warm-up, its latest part, that must be level. */
const LATEST = 0.5;
/** Of a slope's interval, which must lie within what is allowed. */
const CONFIDENCE = 0.9;
/** So many checks in a row must find it level: what turns is level for a moment. */
const CHECKS_IN_ROW = 4;
/** More readings of a quantity than this are thinned out. */
const MOST_READINGS = 4096;

/** What a warm-up that ends by itself asks for. */
export interface SettleRule extends AutoWarmup {
  /** How much RSS and live heap may change over the window, as a share of their level. */
  readonly drift: number;
  readonly windowSeconds: number;
}

/** How often a warm-up is asked whether it has ended, in seconds. */
export const SETTLE_CHECK_SECONDS = 0.5;

/** Where a warm-up stands: not over, over, or over without an end in sight, with what moves still, in words. */
export type SettleState =
  | { readonly kind: 'waits' }
  /** `warning`: what was asked for and did not come, in words. */
  | { readonly kind: 'settled'; readonly warning?: string }
  | { readonly kind: 'moves'; readonly what: string };

/** What the warm-up of an experiment asks for. */
export function settleRule({ phases, validity }: Pick<Experiment, 'phases' | 'validity'>): SettleRule {
  return { ...phases.autoWarmup, drift: validity.drift, windowSeconds: phases.measureSeconds };
}

/** Watches the readings of a warm-up and says when the target has settled, in bounded memory. */
export class SettleWatch {
  readonly #startSeconds: number;
  readonly #rule: SettleRule;
  readonly #collects: boolean;
  readonly #heap: LiveHeapReader;
  readonly #rss = new ThinnedSeries(MOST_READINGS);
  readonly #live = {
    told: new ThinnedSeries(MOST_READINGS),
    traced: new ThinnedSeries(MOST_READINGS),
    goal: new ThinnedSeries(MOST_READINGS),
  };
  #firstCycle: number | undefined;
  #lastCycle = 0;
  #levelInRow = 0;

  /** For a warm-up that began then, in seconds of the trial. */
  constructor(levels: Levels, startSeconds: number, rule: SettleRule) {
    this.#startSeconds = startSeconds;
    this.#rule = rule;
    this.#collects = levels.gogc !== 'off';
    this.#heap = new LiveHeapReader(levels);
  }

  /** Takes a reading, in the order of time. */
  add(reading: Reading): void {
    const { at, v } = reading;
    const { live } = this.#heap.take(reading);
    if (at < this.#startSeconds) return;
    const rss = v.rssBytes ?? v.cgroupAnonBytes;
    if (rss !== undefined) this.#rss.add(at, rss);
    for (const source of LIVE_SOURCES) {
      const bytes = live[source];
      if (bytes !== undefined) this.#live[source].add(at, bytes);
    }
    if (v.numGc === undefined) return;
    this.#firstCycle ??= v.numGc;
    this.#lastCycle = Math.max(this.#lastCycle, v.numGc);
  }

  /** Whether the target has settled by now, in seconds of the trial; to be asked every SETTLE_CHECK_SECONDS. */
  state(nowSeconds: number): SettleState {
    const from = nowSeconds - LATEST * (nowSeconds - this.#startSeconds);
    const cycles = this.#firstCycle === undefined ? undefined : this.#lastCycle - this.#firstCycle;
    const rss = this.#movement('RSS', this.#rss, from, nowSeconds);
    const lives = LIVE_SOURCES.map((source) => this.#movement('the live heap', this.#live[source], from, nowSeconds));
    // Nothing that can be read is nothing that could be waited for.
    const seen = [rss, lives.find((found) => found !== undefined)].filter((found) => found !== undefined);
    this.#levelInRow = rss !== undefined && seen.every(({ level }) => level) ? this.#levelInRow + 1 : 0;
    const collected = !this.#collects || cycles === undefined || cycles >= this.#rule.cycles;
    const { minSeconds, maxSeconds } = this.#rule;
    const elapsed = nowSeconds - this.#startSeconds;
    const level = this.#levelInRow >= CHECKS_IN_ROW;
    if (elapsed >= minSeconds && collected && level) return { kind: 'settled' };
    // What is level and collects so seldom is as warm now as it would be at the end.
    const pointless = level && cycles !== undefined && ((cycles + 1) / elapsed) * maxSeconds < this.#rule.cycles;
    if (elapsed >= minSeconds && elapsed < maxSeconds && pointless) {
      const ended = `${cycles} of ${this.#rule.cycles} GC cycles had ended after ${elapsed.toFixed(0)} s of the warm-up`;
      return { kind: 'settled', warning: `${ended}, and the rest would not have come within ${maxSeconds} s` };
    }
    if (elapsed < maxSeconds) return { kind: 'waits' };
    const moving = seen.find(({ moves }) => moves);
    if (moving !== undefined) return { kind: 'moves', what: moving.words };
    const over = `when the ${maxSeconds} s of the warm-up were over`;
    const what = level
      ? `${cycles} of ${this.#rule.cycles} GC cycles had ended`
      : 'it could not be told that memory was level';
    return { kind: 'settled', warning: `${what} ${over}` };
  }

  /** How a quantity moves over the latest share: undefined where too little was read of it. */
  #movement(what: string, series: ThinnedSeries, from: number, to: number): Movement | undefined {
    const watch = new DriftWatch(from, to - from, CONFIDENCE);
    for (const { at, value } of series.readings) watch.add(at, value);
    const drift = watch.drift();
    if (drift === undefined) return undefined;
    const scale = this.#rule.windowSeconds / (to - from);
    const widening = Math.sqrt(watch.dependence());
    const low = (drift.value - (drift.value - drift.low) * widening) * scale;
    const high = (drift.value + (drift.high - drift.value) * widening) * scale;
    const allowed = this.#rule.drift;
    const share = `${(Math.abs(drift.value) * 100).toFixed(1)} %`;
    return {
      level: low >= -allowed && high <= allowed,
      moves: low > allowed || high < -allowed,
      words: `${what} ${drift.value > 0 ? 'grew' : 'fell'} by ${share} in the last ${(to - from).toFixed(1)} s`,
    };
  }
}

/** The outcome of a trial whose target never settled. */
export function neverSettled({ maxSeconds }: AutoWarmup, what: string): Outcome {
  const message = `${what} of a warm-up of at most ${maxSeconds} s; phases.auto_warmup.max may be raised`;
  return { kind: 'invalid', reason: 'did-not-settle', message, apparatus: false };
}

/** How a quantity moves. What neither is level nor moves has not been read well enough to tell. */
interface Movement {
  /** In the window it would change by no more than is allowed, as far as its interval tells. */
  readonly level: boolean;
  /** It would surely change by more. */
  readonly moves: boolean;
  readonly words: string;
}
