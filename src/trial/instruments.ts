import type { Sampling } from '../experiment/experiment.ts';
import { detectProbes } from '../probe/detect.ts';
import type { Detection, Probe } from '../probe/probe.ts';
import type { Reading, TriedSource } from '../results/format.ts';
import type { Daemon } from '../runner/runner.ts';
import { seededStream } from '../statistics/random.ts';
import { CycleWatch } from './cycle-watch.ts';
import { type ReadFailure, Sampler } from './sampler.ts';

/** How long a source gets to answer at an edge of the window. */
const edgeMilliseconds = 5000;

/** What reading a target needs to know of the trial. */
export interface InstrumentOptions {
  /** Seed of the jitter. */
  readonly seed: number;
  /** Seconds since the trial's start. */
  readonly now: () => number;
  readonly onReading: (reading: Reading) => void;
  readonly signal: AbortSignal;
}

/** The probes of one trial: samples outside and inside at their rates, and everything at the edges of the window. */
export class Instruments implements AsyncDisposable {
  readonly #detection: Detection;
  readonly #options: InstrumentOptions;
  readonly #samplers: readonly Sampler[];
  readonly #cycleHertz: number;
  #cycles: readonly CycleWatch[] = [];
  readonly #edgeFailures = new Map<string, ReadFailure>();

  private constructor(detection: Detection, sampling: Sampling, options: InstrumentOptions) {
    this.#detection = detection;
    this.#options = options;
    this.#cycleHertz = sampling.memoryHz === 'off' ? sampling.outsideHz : sampling.memoryHz;
    this.#samplers = (['outside', 'inside'] as const).map(
      (side) =>
        new Sampler({
          probes: detection.probes.filter((probe) => probe.side === side),
          hertz: side === 'outside' ? sampling.outsideHz : sampling.insideHz,
          random: seededStream(options.seed, 'jitter', side),
          now: options.now,
          onReading: options.onReading,
        }),
    );
  }

  /** Finds what a daemon offers. Throws EnvironmentError where the experiment pins a source that does not answer. */
  static async detect(daemon: Daemon, sampling: Sampling, options: InstrumentOptions): Promise<Instruments> {
    return new Instruments(await detectProbes(daemon, sampling, options.signal), sampling, options);
  }

  /** Names of the sources that answered. */
  get names(): readonly string[] {
    return [...new Set(this.#all().map((probe) => probe.id))];
  }

  /** Each source that was asked, and what it said. */
  get tried(): readonly TriedSource[] {
    return this.#detection.tried;
  }

  /** What the target tells of its runtime and its memory does not, in words; undefined where its memory is not in doubt. */
  get disagreement(): string | undefined {
    return this.#detection.disagreement;
  }

  /** Failed reads by source. */
  get failures(): ReadonlyMap<string, ReadFailure> {
    return new Map([
      ...this.#samplers.flatMap((sampler) => [...sampler.failures]),
      ...this.#edgeFailures,
      ...this.#cycles.flatMap(({ failure }) => (failure === undefined ? [] : [['memory', failure] as const])),
    ]);
  }

  /** Begins to sample. */
  start(): void {
    for (const sampler of this.#samplers) sampler.start();
    const { now, onReading } = this.#options;
    this.#cycles = this.#detection.probes
      .filter(({ cycle }) => cycle !== undefined)
      .map((probe) => new CycleWatch({ probe, hertz: this.#cycleHertz, now, onReading }));
  }

  /** Reads everything once, at an edge of the window. */
  async readEdge(): Promise<void> {
    for (const sampler of this.#samplers) await sampler.readNow();
    for (const probe of this.#detection.edges ?? []) await this.#readAtEdge(probe);
  }

  /** Ends the sampling and lets go of every source. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const watch of this.#cycles) watch[Symbol.dispose]();
    for (const sampler of this.#samplers) await sampler[Symbol.asyncDispose]();
    for (const probe of this.#all()) await probe[Symbol.asyncDispose]();
  }

  /** A source that is read only here and fails is a warning: the main one still tells the most. */
  async #readAtEdge(probe: Probe): Promise<void> {
    const { now, onReading, signal } = this.#options;
    const at = now();
    try {
      const figures = await probe.read(AbortSignal.any([signal, AbortSignal.timeout(edgeMilliseconds)]));
      if (figures !== undefined) onReading({ at, probe: probe.id, v: figures });
    } catch (error) {
      const count = (this.#edgeFailures.get(probe.id)?.count ?? 0) + 1;
      this.#edgeFailures.set(probe.id, { count, last: error instanceof Error ? error.message : String(error) });
    }
  }

  #all(): readonly Probe[] {
    return [...this.#detection.probes, ...(this.#detection.edges ?? [])];
  }
}
