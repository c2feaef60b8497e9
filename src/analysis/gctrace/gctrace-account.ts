import type { GctraceFound } from '../../go/gctrace-line.ts';
import { GctraceProcesses, type LineOrigin } from '../../go/gctrace-processes.ts';
import { type GctraceDocument, GCTRACE_VERSION } from './gctrace-document.ts';
import { type DateOf, ProcessAccount } from './process-account.ts';

/** Processes beyond so many are summed up together. */
export const MOST_PROCESSES = 1000;
/** Lines that were not read are shown up to this number and length. */
const SHOWN_LINES = 3;
const SHOWN_LENGTH = 200;
/** So many steps down are no chance of several processes. */
const LEAST_DOWN = 3;
/** Stops that are printed as 0 in so large a part of the cycles show a clock that is coarser than they are. */
const COARSE = 0.2;

/** The log, and what was amiss with reading it. */
type Log = Pick<GctraceDocument, 'source' | 'lines' | 'bytes' | 'warnings'>;

/** Sums up a log of gctrace as its lines come; in bounded memory, however long it is and whatever is in it. */
export class GctraceAccount {
  readonly #processes = new GctraceProcesses(MOST_PROCESSES);
  readonly #accounts: ProcessAccount[] = [];
  readonly #unread = { broken: 0, go15: 0, go14: 0 };
  readonly #beyond = { cycles: 0, gcCpuSeconds: 0 };
  readonly #first: string[] = [];
  /** Cycles in a row of which the number goes up by one, and down by one. */
  #up = 0;
  #down = 0;
  #last: number | undefined;
  #otherTraces = 0;
  #periodic = 0;
  #repeated = 0;

  /** Takes what was found in a line; `text` is the line. */
  take(found: GctraceFound, origin: LineOrigin, text: string): void {
    switch (found.kind) {
      case 'cycle':
        this.#takeCycle(found.cycle, origin);
        break;
      case 'broken':
        this.#unread.broken += 1;
        this.#show(text);
        break;
      case 'old':
        this.#unread[found.go === '1.5' ? 'go15' : 'go14'] += 1;
        this.#show(text);
        break;
      case 'periodic':
        this.#periodic += 1;
        break;
      case 'other':
        this.#otherTraces += 1;
    }
  }

  /** Whether the log has its newest line first, as log viewers export it. */
  get newestFirst(): boolean {
    return this.#down >= LEAST_DOWN && this.#down > 2 * this.#up;
  }

  /** What has come together of a log. */
  finish(log: Log, dateOf: DateOf): GctraceDocument {
    const { warnings, ...rest } = log;
    const processes = this.#accounts.map((account) => account.finish(dateOf));
    const document = {
      formatVersion: GCTRACE_VERSION,
      ...rest,
      processes,
      otherTraces: this.#otherTraces,
      periodic: this.#periodic,
      repeated: this.#repeated,
      unread: { ...this.#unread, beyond: { ...this.#beyond }, first: [...this.#first] },
    };
    return { ...document, warnings: [...warnings, ...warningsOf(document)] };
  }

  #takeCycle(cycle: Extract<GctraceFound, { kind: 'cycle' }>['cycle'], origin: LineOrigin): void {
    if (this.#last !== undefined && cycle.cycle === this.#last + 1) this.#up += 1;
    if (this.#last !== undefined && cycle.cycle === this.#last - 1) this.#down += 1;
    this.#last = cycle.cycle;
    const found = this.#processes.assign(cycle, origin);
    if (found === undefined) {
      this.#beyond.cycles += 1;
      this.#beyond.gcCpuSeconds += cycle.gcCpuSeconds;
    } else if (found.repeated) this.#repeated += 1;
    else {
      const { process, gap, ambiguous } = found;
      const account = (this.#accounts[process] ??= new ProcessAccount(process + 1, cycle, origin.source));
      account.add(cycle, gap, ambiguous, origin);
    }
  }

  #show(text: string): void {
    if (this.#first.length < SHOWN_LINES) this.#first.push(text.slice(0, SHOWN_LENGTH));
  }
}

function warningsOf({ processes, repeated, unread }: Omit<GctraceDocument, 'warnings'>): readonly string[] {
  const { broken, go15, go14, beyond } = unread;
  const sum = (key: 'missing' | 'ambiguous'): number => processes.reduce((total, one) => total + one[key], 0);
  const [missing, ambiguous] = [sum('missing'), sum('ambiguous')];
  const stops = processes.flatMap(({ pauses }) => [pauses.sweepTermination, pauses.markTermination]);
  const zeros = stops.reduce((total, one) => total + one.zeros, 0);
  const all = stops.reduce((total, { count }) => total + count, 0);
  return [
    ...(broken === 0
      ? []
      : [`${lines(broken)} of gctrace could not be read: other output is in the middle, or the end is missing`]),
    ...(missing === 0
      ? []
      : [`${cycles(missing)} ${are(missing)} missing between those read: GC CPU is at least what is said`]),
    ...(ambiguous === 0
      ? []
      : [`${cycles(ambiguous)} could be of more than one process and ${are(ambiguous)} counted for the likelier one`]),
    ...(repeated === 0 ? [] : [`${cycles(repeated)} ${are(repeated)} in the log twice and count once`]),
    ...(go15 === 0 ? [] : [`${lines(go15)} ${are(go15)} of Go 1.5, whose five phases are not read`]),
    ...(go14 === 0 ? [] : [`${lines(go14)} ${are(go14)} of Go 1.4 or older, whose collector is another one; not read`]),
    ...(beyond.cycles === 0
      ? []
      : [`more than ${MOST_PROCESSES} processes: the ${cycles(beyond.cycles)} of the later ones are not told apart`]),
    ...(all === 0 || zeros < COARSE * all
      ? []
      : [
          `${zeros} of ${all} pauses are printed as 0: the clock of the machine is coarser than they are, as on Windows, so ` +
            'single pauses say little and sums are right on average only',
        ]),
  ];
}

function lines(count: number): string {
  return count === 1 ? '1 line' : `${count} lines`;
}

function cycles(count: number): string {
  return count === 1 ? '1 cycle' : `${count} cycles`;
}

function are(count: number): string {
  return count === 1 ? 'is' : 'are';
}
