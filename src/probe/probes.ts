import type { Sampling } from '../experiment/experiment.ts';
import type { SampledProbe, ServedProbe } from '../experiment/probe-ids.ts';
import type { Address, Daemon } from '../runner/runner.ts';
import { cgroupProbe } from './cgroup.ts';
import { dockerStatsProbe } from './docker-stats.ts';
import { expvarProbe } from './expvar.ts';
import { pprofProbe } from './pprof-tail.ts';
import { memoryProbe } from './memory.ts';
import type { Probe } from './probe.ts';
import { procProbe } from './proc.ts';
import { prometheusProbe } from './prometheus.ts';
import { psProbe } from './ps.ts';
import { servedAt } from './served-at.ts';

/** A place that a source may be at. */
export interface Place {
  /** Makes it ready to be read. */
  readonly open: () => Probe | Promise<Probe>;
  /** The name of a further port of the target, where it is there. */
  readonly port?: string | undefined;
}

/** How a source is used. */
export interface ProbeEntry {
  /** Where it may be, best first; nothing where the daemon has nothing of its kind. */
  readonly places: (daemon: Daemon, sampling: Sampling) => readonly Place[];
  /** Of one inside the target: it may tell what MemStats do not, the settings in force, the live heap, GC CPU by class. */
  readonly beyondMemStats?: true;
}

const linux = process.platform === 'linux';

/** The sources that are sampled. Their order is that of src/experiment/probe-ids.ts. */
export const PROBES: Readonly<Record<SampledProbe, ProbeEntry>> = {
  proc: { places: ({ pid }) => (linux ? one(pid, procProbe) : []) },
  ps: { places: ({ pid }) => (linux ? [] : one(pid, psProbe)) },
  cgroup: { places: ({ cgroup }) => one(cgroup, cgroupProbe) },
  'docker-stats': { places: ({ engineStats }) => one(engineStats, dockerStatsProbe) },
  memory: { places: ({ pid }) => one(pid, memoryProbe) },
  expvar: { places: served('expvar', expvarProbe) },
  prometheus: { places: served('prometheus', prometheusProbe), beyondMemStats: true },
  pprof: { places: served('pprof', pprofProbe) },
};

/** The one place of a source that is made of something of the daemon, where it has that. */
function one<T>(of: T | undefined, probe: (of: T) => Probe | Promise<Probe>): readonly Place[] {
  return of === undefined ? [] : [{ open: () => probe(of) }];
}

/** A source that the target serves at a path, on one of its ports. */
function served(id: ServedProbe, probe: (address: Address, path: string) => Probe): ProbeEntry['places'] {
  return (daemon, { paths }) =>
    servedAt(daemon, paths[id]).map(({ address, path, port }) => ({ open: () => probe(address, path), port }));
}
