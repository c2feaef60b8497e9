import { EnvironmentError } from '../errors.ts';
import type { InsideSource, Sampling } from '../experiment/experiment.ts';
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

type Tried = Detection['tried'][number];

/** A source that was asked once: its probe, and what it said. */
interface Asked {
  readonly probe: Probe;
  readonly figures: Figures | undefined;
  readonly message: string;
}

/**
 * Finds the probes for a daemon. Outside: /proc and the target's own cgroup, or else the engine's figures, or else ps.
 * Inside: the first of expvar, Prometheus and pprof that shows MemStats is read at the inside rate; a second source
 * that alone knows the settings in force or the GC's CPU time is read only at the edges of the window. Throws
 * EnvironmentError `probe-silent` where the experiment pins a source that does not answer.
 */
export const detectProbes: DetectProbes = async (daemon, sampling, signal) => {
  const outside = await keepAnswering(outsideProbes(daemon), signal);
  const inside =
    daemon.address === undefined || sampling.inside === 'none'
      ? nothing
      : await insideProbes(daemon.address, sampling, signal);
  return {
    probes: [...outside.probes, ...inside.probes],
    edges: inside.edges ?? [],
    tried: [...outside.tried, ...inside.tried],
  };
};

const nothing: Detection = { probes: [], edges: [], tried: [] };

function outsideProbes(daemon: Daemon): readonly Probe[] {
  const probes: Probe[] = [];
  if (daemon.pid !== undefined) {
    if (process.platform === 'linux') {
      try {
        probes.push(procProbe(daemon.pid));
      } catch {
        // it has ended already; whoever waits for it will say so
      }
    } else probes.push(psProbe(daemon.pid));
  }
  if (daemon.cgroup !== undefined) probes.push(cgroupProbe(daemon.cgroup));
  if (probes.length === 0 && daemon.engineStats !== undefined) probes.push(dockerStatsProbe(daemon.engineStats));
  return probes;
}

async function keepAnswering(candidates: readonly Probe[], signal: AbortSignal): Promise<Detection> {
  const asked = await Promise.all(candidates.map((probe) => ask(probe, signal)));
  for (const { probe, figures } of asked) if (figures === undefined) await probe[Symbol.asyncDispose]();
  return {
    probes: asked.flatMap(({ probe, figures }) => (figures === undefined ? [] : [probe])),
    tried: asked.map(tried),
  };
}

async function insideProbes(address: Address, sampling: Sampling, signal: AbortSignal): Promise<Detection> {
  const asked = new Map<InsideSource, Asked>();
  const askSource = async (source: Exclude<InsideSource, 'none'>): Promise<Asked> => {
    const answer = asked.get(source) ?? (await ask(makeInside(source, address, sampling), signal));
    asked.set(source, answer);
    return answer;
  };
  const main =
    sampling.inside === 'auto' ? await firstWithMemStats(askSource) : await pinnedSource(sampling, askSource);
  const edge = main === undefined || sampling.inside !== 'auto' ? undefined : await secondSource(main, askSource);
  const used = new Set([main?.probe, edge?.probe]);
  for (const { probe } of asked.values()) if (!used.has(probe)) await probe[Symbol.asyncDispose]();
  return {
    probes: main === undefined ? [] : [main.probe],
    edges: edge === undefined ? [] : [edge.probe],
    tried: [...asked.values()].map(tried),
  };
}

type AskSource = (source: Exclude<InsideSource, 'none'>) => Promise<Asked>;

async function firstWithMemStats(askSource: AskSource): Promise<Asked | undefined> {
  for (const source of ['expvar', 'prometheus', 'pprof'] as const) {
    const answer = await askSource(source);
    if (hasMemStats(answer.figures)) return answer;
  }
  return undefined;
}

async function pinnedSource(sampling: Sampling, askSource: AskSource): Promise<Asked> {
  const source = sampling.inside as Exclude<InsideSource, 'none'>;
  const answer = await askSource(source);
  if (answer.figures !== undefined) return answer;
  throw new EnvironmentError(
    'probe-silent',
    `the experiment pins the source ${source} at ${sampling.paths[source]}, and it does not answer: ${answer.message}`,
    {
      hint: 'see sampling.source and sampling.paths, or leave the choice to `auto`',
    },
  );
}

/** What the main source lacks: settings in force and GC CPU seconds (Prometheus with runtime/metrics), or GCCPUFraction (pprof). */
async function secondSource(main: Asked, askSource: AskSource): Promise<Asked | undefined> {
  if (main.probe.id === 'expvar') {
    const answer = await askSource('prometheus');
    const more = answer.figures?.gogcPercent ?? answer.figures?.gcCpuSeconds ?? answer.figures?.liveHeapBytes;
    return more === undefined ? undefined : answer;
  }
  if (
    main.probe.id === 'prometheus' &&
    main.figures?.gcCpuSeconds === undefined &&
    main.figures?.gcCpuFraction === undefined
  ) {
    const answer = await askSource('pprof');
    return hasMemStats(answer.figures) ? answer : undefined;
  }
  return undefined;
}

function makeInside(source: Exclude<InsideSource, 'none'>, address: Address, { paths }: Sampling): Probe {
  switch (source) {
    case 'expvar':
      return expvarProbe(address, paths.expvar);
    case 'prometheus':
      return prometheusProbe(address, paths.prometheus);
    case 'pprof':
      return pprofProbe(address, paths.pprof);
  }
}

async function ask(probe: Probe, signal: AbortSignal): Promise<Asked> {
  try {
    const figures = await probe.read(AbortSignal.any([signal, AbortSignal.timeout(answerMilliseconds)]));
    return {
      probe,
      figures,
      message: figures === undefined ? 'it has ended' : `${Object.keys(figures).length} figures`,
    };
  } catch (error) {
    return { probe, figures: undefined, message: error instanceof Error ? error.message : String(error) };
  }
}

function tried({ probe, figures, message }: Asked): Tried {
  return { probe: probe.id, ok: figures !== undefined, message };
}
