import type { Readiness } from '../experiment/experiment.ts';
import type { Redact } from '../experiment/secrets/secrets.ts';
import { GctraceReader, type TargetEvidence } from '../probe/gctrace.ts';
import type { OutputLine, Reading } from '../results/format.ts';
import type { TrialWriter } from '../results/trial-writer.ts';

/** Lines of the end of the output that go into a failed trial's outcome. */
const tailLines = 20;

/** Reads a target's output: keeps it, finds gctrace lines in it, and waits for the text that says it is ready. */
export class OutputReader {
  /** Resolves when the readiness text has been seen. */
  readonly ready: Promise<void>;
  readonly #contains: string | undefined;
  readonly #becomeReady: () => void;
  readonly #writer: TrialWriter;
  readonly #redact: Redact;
  readonly #now: () => number;
  readonly #onReading: (reading: Reading) => void;
  readonly #gctrace = new GctraceReader();
  readonly #tail: string[] = [];

  constructor(
    readiness: Readiness | undefined,
    writer: TrialWriter,
    redact: Redact,
    now: () => number,
    onReading: (reading: Reading) => void,
  ) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#becomeReady = resolve;
    this.#contains = readiness?.kind === 'output' ? readiness.contains : undefined;
    this.#writer = writer;
    this.#redact = redact;
    this.#now = now;
    this.#onReading = onReading;
  }

  /** The last lines seen, gctrace left out. Untrusted text. */
  get tail(): readonly string[] {
    return [...this.#tail];
  }

  /** What gctrace's lines were not of the target, or are missing. */
  get gctrace(): Pick<GctraceReader, 'gaps' | 'others'> {
    return this.#gctrace;
  }

  /** Tells the target's cycles from those of other processes that write to the same stream; until then they are held. */
  settleGctrace(evidence: TargetEvidence): void {
    this.#gctrace.settle(evidence).forEach(this.#onReading);
  }

  /** Reads until the output ends. */
  async consume(output: AsyncIterable<OutputLine>): Promise<void> {
    for await (const line of output) this.#line(line);
    this.settleGctrace({});
  }

  #line(line: OutputLine): void {
    const readings = line.stream === 'stderr' ? this.#gctrace.push(line.text, this.#now()) : undefined;
    if (readings !== undefined) {
      this.#writer.gctrace(line.text);
      readings.forEach(this.#onReading);
      return;
    }
    const text = this.#redact(line.text);
    this.#writer.output({ ...line, text });
    this.#tail.push(text);
    if (this.#tail.length > tailLines) this.#tail.shift();
    if (this.#contains !== undefined && line.text.includes(this.#contains)) this.#becomeReady();
  }
}
