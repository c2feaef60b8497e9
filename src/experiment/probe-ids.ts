/** What a source of readings tells of. `engine`: the container, as its engine counts it. */
type ProbeKind = 'process' | 'cgroup' | 'engine' | 'runtime' | 'cycles';

/**
 * Every source of readings; of one kind the better comes first. One that is sampled has a row in src/probe/probes.ts, which
 * opens it. Of one that the target serves: where a Go program usually has it, and what that is called. `memory`: its
 * runtime's variables, read without its help.
 */
const PROBES = {
  proc: { of: 'process' },
  ps: { of: 'process' },
  cgroup: { of: 'cgroup' },
  'docker-stats': { of: 'engine' },
  memory: { of: 'runtime' },
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
/** A source of the counters of the target's runtime. */
export type RuntimeProbe = IdOf<'runtime'>;
/** One of them that the target serves, and does work to answer. */
export type ServedProbe = {
  [Id in RuntimeProbe]: Probes[Id] extends { readonly path: string } ? Id : never;
}[RuntimeProbe];
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
export const RUNTIME_PROBES = idsOf('runtime');
/** Those of them that the target serves. */
export const SERVED_PROBES = RUNTIME_PROBES.filter((id): id is ServedProbe => 'path' in PROBES[id]);

/** Where a Go program usually serves its runtime's counters, by source. */
export const USUAL_PATHS = servedFacts((id) => PROBES[id].path);
/** What is served there. */
export const SERVED_THERE = servedFacts((id) => PROBES[id].serves);

/** Something of each source that the target serves. */
export function servedFacts<T>(fact: (id: ServedProbe) => T): Readonly<Record<ServedProbe, T>> {
  return Object.fromEntries(SERVED_PROBES.map((id) => [id, fact(id)])) as Record<ServedProbe, T>;
}
