import { EnvironmentError } from '../errors.ts';
import type { Sampling } from '../experiment/experiment.ts';
import {
  ENGINE_PROBES,
  INSIDE_PROBES,
  OWN_CGROUP_PROBES,
  PROCESS_PROBES,
  type InsideProbe,
  type SampledProbe,
} from '../experiment/probe-ids.ts';
import { plainText } from '../text/plain-text.ts';
import type { Daemon } from '../runner/runner.ts';
import { hasMemStats } from '../go/memstats.ts';
import type { Detection, DetectProbes, Figures, Probe } from './probe.ts';
import { PROBES } from './probes.ts';

/** How long a source gets to answer for the first time. */
const answerMilliseconds = 3000;

/** A source that answered. */
interface Answer {
  readonly probe: Probe;
  readonly figures: Figures;
}

/**
 * Finds the probes for a daemon. Outside: /proc (else ps) and the target's own cgroup; the engine's figures only where
 * neither answers. Inside: the first of expvar, Prometheus and pprof that shows MemStats is read at the inside rate; a
 * second source that alone knows the settings in force, the live heap or the GC's CPU time is read only at the edges of
 * the window. Throws EnvironmentError `probe-silent` where the experiment pins a source that does not answer.
 */
export const detectProbes: DetectProbes = async (daemon, sampling, signal) => {
  const inquiry = new Inquiry(daemon, sampling, signal);
  try {
    const outside = await askOutside(inquiry);
    const { main, edge } = await askInside(daemon, sampling, inquiry);
    const probes = [...outside, ...given(main)].map(({ probe }) => probe);
    const edges = given(edge?.probe);
    await inquiry.close([...probes, ...edges]);
    return { probes, edges, tried: inquiry.tried };
  } catch (error) {
    await inquiry.close([]);
    throw error;
  }
};

/** Asks sources once each, and remembers what they said and which of them are open. */
class Inquiry {
  readonly tried: Detection['tried'][number][] = [];
  readonly #daemon: Daemon;
  readonly #sampling: Sampling;
  readonly #signal: AbortSignal;
  readonly #open = new Set<Probe>();

  constructor(daemon: Daemon, sampling: Sampling, signal: AbortSignal) {
    this.#daemon = daemon;
    this.#sampling = sampling;
    this.#signal = signal;
  }

  /** One read of a source at each place that it may be at, until one answers; undefined where none does. Throws where the run is aborted. */
  async ask(id: SampledProbe): Promise<Answer | undefined> {
    const failed: string[] = [];
    for (const place of PROBES[id].places(this.#daemon, this.#sampling)) {
      const where = place.port === undefined ? '' : ` at port ${place.port}`;
      try {
        const probe = place.open();
        this.#open.add(probe);
        const figures = await probe.read(AbortSignal.any([this.#signal, AbortSignal.timeout(answerMilliseconds)]));
        if (figures !== undefined) {
          this.tried.push({ probe: id, ok: true, message: `${Object.keys(figures).length} figures${where}` });
          return { probe, figures };
        }
        failed.push(`it has ended${where}`);
      } catch (error) {
        this.#signal.throwIfAborted();
        failed.push(`${describe(error)}${where}`);
      }
    }
    if (failed.length > 0) this.tried.push({ probe: id, ok: false, message: failed.join(', ') });
    return undefined;
  }

  /** Closes every source that was asked but these. */
  async close(but: readonly Probe[]): Promise<void> {
    for (const probe of this.#open) if (!but.includes(probe)) await probe[Symbol.asyncDispose]();
  }
}

/** Characters that are kept of what a source said; some of them may be the target's. */
const MOST_SAID = 300;

function describe(error: unknown): string {
  if (!(error instanceof Error)) return plainText(String(error)).slice(0, MOST_SAID);
  return error.name === 'TimeoutError'
    ? `no answer within ${answerMilliseconds / 1000} s`
    : plainText(error.message).slice(0, MOST_SAID);
}

async function askOutside(inquiry: Inquiry): Promise<readonly Answer[]> {
  const found: Answer[] = [];
  for (const id of [...PROCESS_PROBES, ...OWN_CGROUP_PROBES]) found.push(...given(await inquiry.ask(id)));
  if (found.length > 0) return found;
  for (const id of ENGINE_PROBES) found.push(...given(await inquiry.ask(id)));
  return found;
}

function given<T>(one: T | undefined): readonly T[] {
  return one === undefined ? [] : [one];
}

/** The inside sources in use: one for the inside rate, perhaps another for the edges of the window. */
interface Inside {
  readonly main: Answer | undefined;
  readonly edge?: Answer | undefined;
}

async function askInside(daemon: Daemon, sampling: Sampling, inquiry: Inquiry): Promise<Inside> {
  const pinned = sampling.inside;
  if (pinned === 'none') return { main: undefined };
  if (pinned !== 'auto') return { main: await askPinned(pinned, daemon, sampling, inquiry) };
  const answers: Answer[] = [];
  for (const id of INSIDE_PROBES) {
    const enough = answers.some(({ figures }) => hasMemStats(figures) && hasGcCpu(figures));
    if (!enough || PROBES[id].beyondMemStats === true) answers.push(...given(await inquiry.ask(id)));
  }
  const main = answers.find(({ figures }) => hasMemStats(figures)) ?? answers[0];
  if (main === undefined) return { main };
  const later = answers.slice(answers.indexOf(main) + 1);
  return { main, edge: later.find(({ figures }) => addsTo(main.figures, figures)) };
}

async function askPinned(
  source: InsideProbe,
  { address }: Daemon,
  sampling: Sampling,
  inquiry: Inquiry,
): Promise<Answer> {
  const answer = await inquiry.ask(source);
  if (answer !== undefined) return answer;
  const said = address === undefined ? 'the target serves no port' : inquiry.tried.at(-1)?.message;
  throw new EnvironmentError(
    'probe-silent',
    `the experiment sets the source ${source} at ${sampling.paths[source]}, but it does not answer: ${said}`,
    { hint: 'see sampling.source and sampling.paths, or leave the choice to `auto`' },
  );
}

/** What MemStats do not tell: the settings in force, the live heap, the GC's CPU seconds by class. */
const BEYOND_MEMSTATS = ['gogcPercent', 'liveHeapBytes', 'gcCpuSeconds'] as const;

function addsTo(main: Figures, other: Figures): boolean {
  const more = BEYOND_MEMSTATS.some((key) => main[key] === undefined && other[key] !== undefined);
  return more || (!hasGcCpu(main) && hasGcCpu(other));
}

function hasGcCpu(figures: Figures): boolean {
  return (figures.gcCpuSeconds ?? figures.gcCpuFraction) !== undefined;
}
