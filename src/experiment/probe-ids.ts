/** What a source of readings tells of. `engine`: the container, as its engine counts it. */
type ProbeKind = 'process' | 'cgroup' | 'engine' | 'runtime' | 'cycles';

/**
 * Every source of readings; of one kind the better comes first. One that is sampled has a row in src/probe/probes.ts, which
 * opens it. Of one inside the target: where a Go program usually serves it, and what that is called.
 */
const PROBES = {
  proc: { of: 'process' },
  ps: { of: 'process' },
  cgroup: { of: 'cgroup' },
  'docker-stats': { of: 'engine' },
  expvar: { of: 'runtime', path: '/debug/vars', serves: 'expvar' },
  prometheus: { of: 'runtime', path: '/metrics', serves: 'the Prometheus metrics' },
  pprof: { of: 'runtime', path: '/debug/pprof', serves: 'net/http/pprof' },
  gctrace: { of: 'cycles' },
} as const satisfies Readonly<
  Record<string, { readonly of: ProbeKind; readonly path?: string; readonly serves?: string }>
>;

type Probes = typeof PROBES;
/** Where a reading comes from. */
export type ProbeId = keyof Probes;
type IdOf<Kind extends ProbeKind> = {
  [Id in ProbeId]: Probes[Id]['of'] extends Kind ? Id : never;
}[ProbeId];
/** A source inside the target: the counters of its runtime. */
export type InsideProbe = IdOf<'runtime'>;
/** A source that is sampled; lines of gctrace come by themselves. */
export type SampledProbe = Exclude<ProbeId, IdOf<'cycles'>>;

/** Every source there is. */
export const PROBE_IDS = Object.keys(PROBES) as readonly ProbeId[];

function idsOf<Kind extends ProbeKind>(...kinds: readonly Kind[]): readonly IdOf<Kind>[] {
  const wanted: readonly ProbeKind[] = kinds;
  return PROBE_IDS.filter((id): id is IdOf<Kind> => wanted.includes(PROBES[id].of));
}

/** Sources of the target's own resident memory and CPU time, best first. */
export const PROCESS_PROBES = idsOf('process');
/** Sources of the figures of its own cgroup, best first. */
export const OWN_CGROUP_PROBES = idsOf('cgroup');
/** Sources of what a container engine counts, best first. */
export const ENGINE_PROBES = idsOf('engine');
/** Sources of the figures of its container or cgroup, best first. */
export const CGROUP_PROBES = idsOf('cgroup', 'engine');
/** Sources of runtime counters, in the order of the methodology. */
export const INSIDE_PROBES = idsOf('runtime');

/** Where a Go program usually serves its runtime's counters, by source. */
export const USUAL_PATHS = insideFacts((id) => PROBES[id].path);
/** What is served there. */
export const SERVED_THERE = insideFacts((id) => PROBES[id].serves);

/** Something of each source inside the target. */
export function insideFacts<T>(fact: (id: InsideProbe) => T): Readonly<Record<InsideProbe, T>> {
  return Object.fromEntries(INSIDE_PROBES.map((id) => [id, fact(id)])) as Record<InsideProbe, T>;
}
