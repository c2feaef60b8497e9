import type { Reading, ReadingKey, TrialRecord } from '../results/format.ts';
import { committedBytes } from '../go/memstats.ts';
import { labelText, type Labels } from './exposition.ts';
import { MEASURING, MEMORY_USED, READING_FAMILIES, type ReadingFamily } from './reading-families.ts';

/** Takes a sample of one series. They come in the order of their times, no two at the same one. */
export type PutSample = (unixMilliseconds: number, value: number) => void;
/** Begins a series: a family with the labels that tell it from the others, as text. */
export type BeginSeries = (family: ReadingFamily, labels: string) => PutSample;

/** What is known of the series of one probe. */
interface ProbeColumns {
  readonly byKey: Partial<Record<ReadingKey, PutSample>>;
  readonly labels: Labels;
  readonly text: string;
  lastMilliseconds: number;
  /** CPU seconds of the collector so far. */
  gcCpuSeconds: number;
  readonly derived: { gcCpu?: PutSample; stack?: PutSample; other?: PutSample };
}

/** What times of a trial are counted from. */
type TimedTrial = Pick<TrialRecord, 'startUnixSeconds' | 'processStartUnixSeconds' | 'phases' | 'window'>;

/** Prometheus takes a value for five minutes old; a state that holds for longer is told again each minute. */
const TOLD_EACH_SECONDS = 60;

/** Turns the readings of one trial into samples of its series. */
export class TrialSamples {
  readonly #labels: Labels;
  readonly #record: TimedTrial;
  readonly #gomaxprocs: number | undefined;
  readonly #begin: BeginSeries;
  readonly #probes = new Map<string, ProbeColumns>();

  constructor(
    labels: Labels,
    { record, gomaxprocs }: { readonly record: TimedTrial; readonly gomaxprocs: number | undefined },
    begin: BeginSeries,
  ) {
    this.#labels = labels;
    this.#record = record;
    this.#gomaxprocs = gomaxprocs;
    this.#begin = begin;
  }

  /** When the readings count; to be called before or after all of them. */
  window(): void {
    const { window, startUnixSeconds, phases } = this.#record;
    if (window === undefined) return;
    const put = this.#begin(MEASURING, labelText(this.#labels));
    const { startSeconds, endSeconds } = window;
    const tell = (seconds: number, value: number): void => put(milliseconds(startUnixSeconds + seconds), value);
    const first = Math.min(phases[0]?.startSeconds ?? 0, startSeconds - 0.001);
    for (let at = first; at < startSeconds - 0.0005; at += TOLD_EACH_SECONDS) tell(at, 0);
    for (let at = startSeconds; at < endSeconds - 0.0005; at += TOLD_EACH_SECONDS) tell(at, 1);
    tell(endSeconds, 0);
  }

  /** The samples of one reading. */
  reading({ at, probe, v }: Reading): void {
    const own = this.#columnsOf(probe);
    // Prometheus keeps milliseconds, and one value of a series for each.
    const ms = Math.max(milliseconds(this.#record.startUnixSeconds + at), own.lastMilliseconds + 1);
    own.lastMilliseconds = ms;
    for (const key in v) {
      // Of the runtime's own account and of others alike: see below.
      if (key === 'gcCpuSeconds') continue;
      const put = (own.byKey[key as ReadingKey] ??= this.#begin(READING_FAMILIES[key as ReadingKey], own.text));
      put(ms, v[key as ReadingKey] as number);
    }
    this.#used(own, ms, v);
    this.#gcCpu(own, ms, v);
  }

  #used(own: ProbeColumns, ms: number, v: Reading['v']): void {
    const used = committedBytes(v);
    if (used === undefined || v.stackInuseBytes === undefined) return;
    const { derived } = own;
    derived.stack ??= this.#beginUsed(own.labels, 'stack');
    derived.other ??= this.#beginUsed(own.labels, 'other');
    derived.stack(ms, v.stackInuseBytes);
    derived.other(ms, used - v.stackInuseBytes);
  }

  /** The collector's CPU time as a counter: it never falls, or a rate of it would take that for a new process. */
  #gcCpu(own: ProbeColumns, ms: number, v: Reading['v']): void {
    const told = this.#toldGcCpu(own, v);
    if (told === undefined) return;
    own.gcCpuSeconds = Math.max(own.gcCpuSeconds, told);
    own.derived.gcCpu ??= this.#begin(READING_FAMILIES.gcCpuSeconds, own.text);
    own.derived.gcCpu(ms, own.gcCpuSeconds);
  }

  #toldGcCpu(own: ProbeColumns, v: Reading['v']): number | undefined {
    if (v.gcCpuSeconds !== undefined) return v.gcCpuSeconds;
    if (v.cycleGcCpuSeconds !== undefined) return own.gcCpuSeconds + v.cycleGcCpuSeconds;
    const { gcCpuFraction, lastGcUnixSeconds, numGc } = v;
    const gomaxprocs = this.#gomaxprocs;
    if (gcCpuFraction === undefined || lastGcUnixSeconds === undefined || numGc === 0 || gomaxprocs === undefined)
      return undefined;
    // The runtime computes the mean since its start once, at the end of each cycle (runtime/mgc.go).
    const { processStartUnixSeconds, startUnixSeconds, phases } = this.#record;
    const launch = phases.find(({ name }) => name === 'launch');
    const began = processStartUnixSeconds ?? startUnixSeconds + (launch?.startSeconds ?? 0);
    return gcCpuFraction * Math.max(0, lastGcUnixSeconds - began) * gomaxprocs;
  }

  #columnsOf(probe: string): ProbeColumns {
    const known = this.#probes.get(probe);
    if (known !== undefined) return known;
    const labels = { ...this.#labels, probe };
    const made: ProbeColumns = {
      byKey: {},
      labels,
      // Made once: all series of a probe share it.
      text: labelText(labels),
      lastMilliseconds: -Infinity,
      gcCpuSeconds: 0,
      derived: {},
    };
    this.#probes.set(probe, made);
    return made;
  }

  #beginUsed(labels: Labels, type: 'stack' | 'other'): PutSample {
    return this.#begin(MEMORY_USED, labelText({ ...labels, go_memory_type: type }));
  }
}

function milliseconds(unixSeconds: number): number {
  return Math.round(unixSeconds * 1000);
}
