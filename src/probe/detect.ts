import { EnvironmentError } from '../errors.ts';
import type { InsideSource, Sampling } from '../experiment/experiment.ts';
import { plainText } from '../text/plain-text.ts';
import type { ProbeId } from '../results/format.ts';
import type { Address, Daemon } from '../runner/runner.ts';
import { cgroupProbe } from './cgroup.ts';
import { dockerStatsProbe } from './docker-stats.ts';
import { expvarProbe } from './expvar.ts';
import { hasMemStats } from './mem-stats.ts';
import { pprofProbe } from './pprof-tail.ts';
import type { Detection, DetectProbes, Figures, Probe } from './probe.ts';
import { procProbe } from './proc.ts';
import { prometheusProbe } from './prometheus.ts';
import { psProbe } from './ps.ts';

/** How long a source gets to answer for the first time. */
const answerMilliseconds = 3000;

type Source = Exclude<InsideSource, 'none'>;

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
  const inquiry = new Inquiry(signal);
  try {
    const outside = await askOutside(daemon, inquiry);
    const { main, edge } = await askInside(daemon.address, sampling, inquiry);
    const probes = [...outside, main].flatMap((answer) => answer?.probe ?? []);
    const edges = edge === undefined ? [] : [edge.probe];
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
  readonly #signal: AbortSignal;
  readonly #open = new Set<Probe>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** One read of a source; undefined where it cannot be opened, fails or has nothing to say. Throws where the run is aborted. */
  async ask(id: ProbeId, make: () => Probe): Promise<Answer | undefined> {
    try {
      const probe = make();
      this.#open.add(probe);
      const figures = await probe.read(AbortSignal.any([this.#signal, AbortSignal.timeout(answerMilliseconds)]));
      if (figures !== undefined) {
        this.tried.push({ probe: id, ok: true, message: `${Object.keys(figures).length} figures` });
        return { probe, figures };
      }
      this.tried.push({ probe: id, ok: false, message: 'it has ended' });
    } catch (error) {
      this.#signal.throwIfAborted();
      this.tried.push({ probe: id, ok: false, message: describe(error) });
    }
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

async function askOutside(daemon: Daemon, inquiry: Inquiry): Promise<readonly (Answer | undefined)[]> {
  const { pid, cgroup, engineStats } = daemon;
  const found: (Answer | undefined)[] = [];
  if (pid !== undefined) {
    const linux = process.platform === 'linux';
    found.push(linux ? await inquiry.ask('proc', () => procProbe(pid)) : await inquiry.ask('ps', () => psProbe(pid)));
  }
  if (cgroup !== undefined) found.push(await inquiry.ask('cgroup', () => cgroupProbe(cgroup)));
  if (engineStats !== undefined && !found.some((answer) => answer !== undefined)) {
    found.push(await inquiry.ask('docker-stats', () => dockerStatsProbe(engineStats)));
  }
  return found;
}

/** The inside sources in use: one for the inside rate, perhaps another for the edges of the window. */
interface Inside {
  readonly main: Answer | undefined;
  readonly edge?: Answer | undefined;
}

async function askInside(address: Address | undefined, sampling: Sampling, inquiry: Inquiry): Promise<Inside> {
  const pinned = sampling.inside;
  if (pinned === 'none') return { main: undefined };
  if (pinned !== 'auto') return { main: await askPinned(pinned, address, sampling, inquiry) };
  if (address === undefined) return { main: undefined };
  const ask = (source: Source): Promise<Answer | undefined> =>
    inquiry.ask(source, () => insideProbe(source, address, sampling));

  const expvar = await ask('expvar');
  const prometheus = await ask('prometheus');
  if (expvar !== undefined) return { main: expvar, edge: knowsMore(prometheus?.figures) ? prometheus : undefined };
  if (hasMemStats(prometheus?.figures) && hasGcCpu(prometheus?.figures)) return { main: prometheus };
  const pprof = await ask('pprof');
  return hasMemStats(prometheus?.figures) ? { main: prometheus, edge: pprof } : { main: pprof ?? prometheus };
}

async function askPinned(
  source: Source,
  address: Address | undefined,
  sampling: Sampling,
  inquiry: Inquiry,
): Promise<Answer> {
  const answer =
    address === undefined ? undefined : await inquiry.ask(source, () => insideProbe(source, address, sampling));
  if (answer !== undefined) return answer;
  const said = address === undefined ? 'the target serves no port' : inquiry.tried.at(-1)?.message;
  throw new EnvironmentError(
    'probe-silent',
    `the experiment pins the source ${source} at ${sampling.paths[source]}, and it does not answer: ${said}`,
    { hint: 'see sampling.source and sampling.paths, or leave the choice to `auto`' },
  );
}

/** What MemStats do not tell: the settings in force, the live heap, the GC's CPU seconds by class. */
function knowsMore(figures: Figures | undefined): boolean {
  return (figures?.gogcPercent ?? figures?.liveHeapBytes ?? figures?.gcCpuSeconds) !== undefined;
}

function hasGcCpu(figures: Figures | undefined): boolean {
  return (figures?.gcCpuSeconds ?? figures?.gcCpuFraction) !== undefined;
}

function insideProbe(source: Source, address: Address, { paths }: Sampling): Probe {
  switch (source) {
    case 'expvar':
      return expvarProbe(address, paths.expvar);
    case 'prometheus':
      return prometheusProbe(address, paths.prometheus);
    case 'pprof':
      return pprofProbe(address, paths.pprof);
  }
}
