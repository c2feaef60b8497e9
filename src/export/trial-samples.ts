import type { Reading, ReadingKey, TrialRecord } from '../results/format.ts';
import { committedBytes } from '../go/memstats.ts';
import { labelText, type Labels } from './exposition.ts';
import { MEASURING, MEMORY_USED, READING_FAMILIES, type ReadingFamily } from './reading-families.ts';

/** A series of a trial: a family with the labels that tell it from the others, as text. */
export interface Column {
  readonly family: ReadingFamily;
  readonly labels: string;
}

/** Takes a sample of a series. Those of one series come in the order of their times, no two at the same one. */
export type PutSample = (column: Column, unixMilliseconds: number, value: number) => void;

/** What is known of the series of one probe. */
interface ProbeColumns {
  readonly byKey: Partial<Record<ReadingKey, Column>>;
  readonly labels: Labels;
  readonly text: string;
  lastMilliseconds: number;
  /** CPU seconds of the collector so far. */
  gcCpuSeconds: number;
  readonly derived: { gcCpu?: Column; stack?: Column; other?: Column };
}

/** Prometheus takes a value for five minutes old; a state that holds for longer is told again each minute. */
const TOLD_EACH_SECONDS = 60;

/** Turns the readings of one trial into samples of its series. */
export class TrialSamples {
  readonly #labels: Labels;
  readonly #record: Pick<TrialRecord, 'startUnixSeconds' | 'processStartUnixSeconds' | 'phases' | 'window'>;
  readonly #gomaxprocs: number;
  readonly #put: PutSample;
  readonly #probes = new Map<string, ProbeColumns>();

  constructor(
    labels: Labels,
    { record, gomaxprocs }: { readonly record: TrialRecord; readonly gomaxprocs: number },
    put: PutSample,
  ) {
    this.#labels = labels;
    this.#record = record;
    this.#gomaxprocs = gomaxprocs;
    this.#put = put;
  }

  /** When the readings count; to be called before or after all of them. */
  window(): void {
    const { window, startUnixSeconds, phases } = this.#record;
    if (window === undefined) return;
    const column = { family: MEASURING, labels: labelText(this.#labels) };
    const { startSeconds, endSeconds } = window;
    const tell = (seconds: number, value: number): void =>
      this.#put(column, milliseconds(startUnixSeconds + seconds), value);
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
      const column = (own.byKey[key as ReadingKey] ??= {
        family: READING_FAMILIES[key as ReadingKey],
        labels: own.text,
      });
      this.#put(column, ms, v[key as ReadingKey] as number);
    }
    this.#used(own, ms, v);
    this.#gcCpu(own, ms, v);
  }

  #used(own: ProbeColumns, ms: number, v: Reading['v']): void {
    const used = committedBytes(v);
    if (used === undefined || v.stackInuseBytes === undefined) return;
    const { derived } = own;
    derived.stack ??= usedColumn(own.labels, 'stack');
    derived.other ??= usedColumn(own.labels, 'other');
    this.#put(derived.stack, ms, v.stackInuseBytes);
    this.#put(derived.other, ms, used - v.stackInuseBytes);
  }

  /** The collector's CPU time as a counter: it never falls, or a rate of it would take that for a new process. */
  #gcCpu(own: ProbeColumns, ms: number, v: Reading['v']): void {
    const told = this.#toldGcCpu(own, v);
    if (told === undefined) return;
    own.gcCpuSeconds = Math.max(own.gcCpuSeconds, told);
    own.derived.gcCpu ??= { family: READING_FAMILIES.gcCpuSeconds, labels: own.text };
    this.#put(own.derived.gcCpu, ms, own.gcCpuSeconds);
  }

  #toldGcCpu(own: ProbeColumns, v: Reading['v']): number | undefined {
    if (v.gcCpuSeconds !== undefined) return v.gcCpuSeconds;
    if (v.cycleGcCpuSeconds !== undefined) return own.gcCpuSeconds + v.cycleGcCpuSeconds;
    const { gcCpuFraction, lastGcUnixSeconds, numGc } = v;
    if (gcCpuFraction === undefined || lastGcUnixSeconds === undefined || numGc === 0) return undefined;
    // The runtime computes the mean since its start once, at the end of each cycle (runtime/mgc.go).
    const { processStartUnixSeconds, startUnixSeconds, phases } = this.#record;
    const launch = phases.find(({ name }) => name === 'launch');
    const began = processStartUnixSeconds ?? startUnixSeconds + (launch?.startSeconds ?? 0);
    return gcCpuFraction * Math.max(0, lastGcUnixSeconds - began) * this.#gomaxprocs;
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
}

function usedColumn(labels: Labels, type: 'stack' | 'other'): Column {
  return { family: MEMORY_USED, labels: labelText({ ...labels, go_memory_type: type }) };
}

function milliseconds(unixSeconds: number): number {
  return Math.round(unixSeconds * 1000);
}
