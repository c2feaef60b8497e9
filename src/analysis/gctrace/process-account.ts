import { goalBounds, type GoReading, inferGogc } from '../../go/effective-gogc.ts';
import { cycleFigures, endSeconds, type GcCycle } from '../../go/gctrace-line.ts';
import type { LineOrigin } from '../../go/gctrace-processes.ts';
import { HEAP_MINIMUM_BYTES } from '../../go/pacer.ts';
import type { GcCpuSums, SpanHeap, TracedProcess } from './gctrace-document.ts';
import { PauseCounts } from './pause-counts.ts';
import { spiralOf } from './spiral.ts';
import { joinedHeaps, TimeSpans } from './time-spans.ts';

/** Rows of the table over time. */
const OVERVIEW = 8;
/** So many of the latest cycles tell the GOGC in force. */
const LATEST = 64;
/** A goal that is no more than so much above the live heap that set it leaves hardly anything to allocate. */
const TIGHT = 1.1;

/** Unix seconds as ISO 8601; undefined beyond what a calendar has. */
export type DateOf = (unixSeconds: number) => string | undefined;

/** Sums up the cycles of one process as they come; in bounded memory. */
export class ProcessAccount {
  readonly #number: number;
  readonly #first: GcCycle;
  readonly #startSeconds: number;
  readonly #source: string | undefined;
  readonly #spans: TimeSpans;
  readonly #stops = { sweepTermination: new PauseCounts(), markTermination: new PauseCounts() };
  readonly #latest: GoReading[] = [];
  readonly #sums: { -readonly [Key in keyof GcCpuSums]: number } = {
    capacitySeconds: 0,
    gcSeconds: 0,
    assistSeconds: 0,
    stopSeconds: 0,
    idleSeconds: 0,
    runningSeconds: 0,
  };
  #last: GcCycle | undefined;
  #untilSeconds: number;
  #heap: SpanHeap | undefined;
  #startedUnixSeconds: number | undefined;
  #cycles = 0;
  #missing = 0;
  #ambiguous = 0;
  #forced = 0;
  #procs: TracedProcess['procs'];

  constructor(number: number, first: GcCycle, source: string | undefined) {
    this.#number = number;
    this.#first = first;
    this.#source = source;
    // Of what was before the first line nothing is known, unless that is the first cycle.
    this.#startSeconds = first.cycle === 1 ? 0 : first.startSeconds;
    this.#untilSeconds = this.#startSeconds;
    this.#spans = new TimeSpans(this.#startSeconds);
    this.#procs = { least: first.procs, most: first.procs };
  }

  /** Cycles that were read. */
  get cycles(): number {
    return this.#cycles;
  }

  /** Takes the next cycle. */
  add(cycle: GcCycle, gap: number, ambiguous: boolean, origin: LineOrigin): void {
    this.#cycles += 1;
    this.#missing += gap;
    if (ambiguous) this.#ambiguous += 1;
    if (cycle.forced) this.#forced += 1;
    if (origin.dated && origin.seconds !== undefined) {
      this.#startedUnixSeconds = Math.min(this.#startedUnixSeconds ?? Infinity, origin.seconds - endSeconds(cycle));
    }
    const { least, most } = this.#procs;
    this.#procs = { least: Math.min(least, cycle.procs), most: Math.max(most, cycle.procs) };
    this.#addTime(cycle);
    this.#addHeap(cycle);
    this.#addGoal(cycle);
    this.#last = cycle;
  }

  /** What has come together. */
  finish(dateOf: DateOf): TracedProcess {
    const last = this.#last ?? this.#first;
    const heap = this.#heap ?? heapOf(last);
    const spans = this.#spans.finish(this.#untilSeconds);
    const { leastLiveBytes, mostLiveBytes, lastLiveBytes, mostBytes, lastGoalBytes, mostGoalBytes } = heap;
    return {
      number: this.#number,
      source: this.#source,
      startedAt: this.#startedUnixSeconds === undefined ? undefined : dateOf(this.#startedUnixSeconds),
      firstCycle: this.#first.cycle,
      lastCycle: last.cycle,
      cycles: this.#cycles,
      missing: this.#missing,
      ambiguous: this.#ambiguous,
      forced: this.#forced,
      startSeconds: this.#startSeconds,
      endSeconds: this.#untilSeconds,
      procs: this.#procs,
      lifetimePercent: last.lifetimePercent,
      cpu: { ...this.#sums },
      pauses: {
        sweepTermination: this.#stops.sweepTermination.figures(),
        markTermination: this.#stops.markTermination.figures(),
      },
      heap: {
        firstLiveBytes: this.#first.heapLiveBytes,
        lastLiveBytes,
        leastLiveBytes,
        mostLiveBytes,
        mostBytes,
        lastGoalBytes,
        mostGoalBytes,
      },
      impliedGogc: inferGogc(this.#latest),
      spiral: spiralOf(spans),
      spans,
      overview: this.#spans.finish(this.#untilSeconds, OVERVIEW),
    };
  }

  #addTime(cycle: GcCycle): void {
    const end = Math.max(this.#untilSeconds, endSeconds(cycle));
    const capacity = { capacitySeconds: cycle.procs * (end - this.#untilSeconds) };
    const { gcCpuSeconds, assistCpuSeconds, stopCpuSeconds, idleCpuSeconds } = cycle;
    const own = {
      gcSeconds: gcCpuSeconds,
      assistSeconds: assistCpuSeconds,
      stopSeconds: stopCpuSeconds,
      idleSeconds: idleCpuSeconds,
      runningSeconds: endSeconds(cycle) - cycle.startSeconds,
    };
    this.#spans.spread(this.#untilSeconds, end, capacity);
    this.#spans.spread(cycle.startSeconds, endSeconds(cycle), own);
    for (const [key, amount] of Object.entries({ ...capacity, ...own }) as [keyof GcCpuSums, number][])
      this.#sums[key] += amount;
    this.#untilSeconds = end;
    const stops = [cycle.sweepTerminationSeconds, cycle.markTerminationSeconds];
    this.#stops.sweepTermination.add(cycle.sweepTerminationSeconds);
    this.#stops.markTermination.add(cycle.markTerminationSeconds);
    const span = this.#spans.at(cycle.startSeconds);
    span.cycles += 1;
    span.forced += cycle.forced ? 1 : 0;
    span.stoppedSeconds += cycle.sweepTerminationSeconds + cycle.markTerminationSeconds;
    span.longestPauseSeconds = Math.max(span.longestPauseSeconds, ...stops);
  }

  #addHeap(cycle: GcCycle): void {
    const span = this.#spans.at(cycle.startSeconds);
    const heap = heapOf(cycle);
    span.heap = span.heap === undefined ? heap : joinedHeaps(span.heap, heap);
    this.#heap = this.#heap === undefined ? heap : joinedHeaps(this.#heap, heap);
  }

  #addGoal(cycle: GcCycle): void {
    const reading = { v: cycleFigures(cycle) };
    const before = this.#latest.at(-1);
    this.#latest.push(reading);
    if (this.#latest.length > LATEST) this.#latest.shift();
    const last = this.#last;
    if (last === undefined || last.cycle !== cycle.cycle - 1 || last.heapLiveBytes < 2 * HEAP_MINIMUM_BYTES) return;
    const span = this.#spans.at(cycle.startSeconds);
    span.judged += 1;
    if (cycle.heapGoalBytes <= TIGHT * last.heapLiveBytes) span.tight += 1;
    const implied = goalBounds(reading, before);
    if (implied === undefined || implied.pushed || implied.percent < 0) return;
    span.gogcSum += implied.percent;
    span.gogcCount += 1;
  }
}

function heapOf({ heapLiveBytes, heapStartBytes, heapEndBytes, heapGoalBytes }: GcCycle): SpanHeap {
  return {
    leastLiveBytes: heapLiveBytes,
    mostLiveBytes: heapLiveBytes,
    lastLiveBytes: heapLiveBytes,
    mostBytes: Math.max(heapStartBytes, heapEndBytes),
    lastGoalBytes: heapGoalBytes,
    mostGoalBytes: heapGoalBytes,
  };
}
