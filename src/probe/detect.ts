import { EnvironmentError } from '../errors.ts';
import type { Sampling } from '../experiment/experiment.ts';
import {
  ENGINE_PROBES,
  OWN_CGROUP_PROBES,
  PROCESS_PROBES,
  SERVED_PROBES,
  type RuntimeProbe,
  type SampledProbe,
} from '../experiment/probe-ids.ts';
import { plainText } from '../text/plain-text.ts';
import type { Daemon } from '../runner/runner.ts';
import { disagreementOf } from '../runtime-memory/agreement.ts';
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
 * neither answers. Of the runtime: its memory comes first, where it can be read and agrees with what the target itself
 * tells, which is then read only at the edges of the window. Else the first of expvar, Prometheus and pprof that shows
 * MemStats is read at the inside rate, and a second one that alone knows the settings in force, the live heap or the
 * GC's CPU time at the edges. Throws EnvironmentError `probe-silent` where the experiment pins a source that does not answer.
 */
export const detectProbes: DetectProbes = async (daemon, sampling, signal) => {
  const inquiry = new Inquiry(daemon, sampling, signal);
  try {
    const outside = await askOutside(inquiry);
    const { main, edge, disagreement } = await askRuntime(sampling, inquiry);
    const probes = [...outside, ...given(main)].map(({ probe }) => probe);
    const edges = given(edge?.probe);
    await inquiry.close([...probes, ...edges]);
    return { probes, edges, disagreement, tried: inquiry.tried };
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
        const probe = await place.open();
        this.#open.add(probe);
        const figures = await this.read(probe);
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

  /** One read of a source; undefined where it has nothing to say any more. */
  read(probe: Probe): Promise<Figures | undefined> {
    return probe.read(AbortSignal.any([this.#signal, AbortSignal.timeout(answerMilliseconds)]));
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

/** The sources of runtime counters in use: one that is sampled, perhaps another for the edges of the window. */
interface Sources {
  readonly main: Answer | undefined;
  readonly edge?: Answer | undefined;
  readonly disagreement?: string | undefined;
}

async function askRuntime(sampling: Sampling, inquiry: Inquiry): Promise<Sources> {
  const pinned = sampling.inside;
  if (pinned === 'none') return { main: undefined };
  if (pinned !== 'auto') return { main: await askPinned(pinned, sampling, inquiry) };
  const memory = sampling.memoryHz === 'off' ? undefined : await inquiry.ask('memory');
  const served = await askServed(inquiry);
  if (memory === undefined) return served;
  if (served.main === undefined) return { main: memory };
  const disagreement = await lastingDisagreement(memory, served.main, inquiry);
  return disagreement === undefined ? { main: memory, edge: served.main } : { ...served, disagreement };
}

/** Looks at memory before and after a source is asked; what differs must differ each time, for a young process moves fast. */
const LOOKS = 3;

/** What a source tells of a runtime and its memory does not, in words; undefined where they agree, or cannot be compared. */
async function lastingDisagreement(memory: Answer, served: Answer, inquiry: Inquiry): Promise<string | undefined> {
  let [before, told]: (Figures | undefined)[] = [memory.figures, served.figures];
  for (let look = 1; ; look += 1) {
    // A read that fails, as on a machine that stalls, tells nothing of either.
    const after = await inquiry.read(memory.probe).catch(() => undefined);
    if (before === undefined || told === undefined || after === undefined) return undefined;
    const differs = disagreementOf(before, told, after);
    if (differs === undefined || look === LOOKS) return differs;
    before = after;
    told = await inquiry.read(served.probe).catch(() => undefined);
  }
}

async function askServed(inquiry: Inquiry): Promise<Sources> {
  const answers: Answer[] = [];
  for (const id of SERVED_PROBES) {
    const enough = answers.some(({ figures }) => hasMemStats(figures) && hasGcCpu(figures));
    if (!enough || PROBES[id].beyondMemStats === true) answers.push(...given(await inquiry.ask(id)));
  }
  const main = answers.find(({ figures }) => hasMemStats(figures)) ?? answers[0];
  if (main === undefined) return { main };
  const later = answers.slice(answers.indexOf(main) + 1);
  return { main, edge: later.find(({ figures }) => addsTo(main.figures, figures)) };
}

async function askPinned(source: RuntimeProbe, sampling: Sampling, inquiry: Inquiry): Promise<Answer> {
  const answer = await inquiry.ask(source);
  if (answer !== undefined) return answer;
  const said = inquiry.tried.findLast(({ probe }) => probe === source)?.message;
  const where = source === 'memory' ? '' : ` at ${sampling.paths[source]}`;
  const none = source === 'memory' ? 'this machine does not see its process' : 'the target serves no port';
  throw new EnvironmentError(
    'probe-silent',
    `the experiment sets the source ${source}${where}, but it does not answer: ${said ?? none}`,
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
