import type { Sampling } from '../experiment/experiment.ts';
import type { InsideProbe, SampledProbe } from '../experiment/probe-ids.ts';
import type { Address, Daemon } from '../runner/runner.ts';
import { cgroupProbe } from './cgroup.ts';
import { dockerStatsProbe } from './docker-stats.ts';
import { expvarProbe } from './expvar.ts';
import { pprofProbe } from './pprof-tail.ts';
import type { Probe } from './probe.ts';
import { procProbe } from './proc.ts';
import { prometheusProbe } from './prometheus.ts';
import { psProbe } from './ps.ts';

/** How a source is used. */
export interface ProbeEntry {
  /** Makes it ready to be read; undefined where the daemon has nothing of its kind. */
  readonly open: (daemon: Daemon, sampling: Sampling) => Probe | undefined;
  /** Of one inside the target: it may tell what MemStats do not, the settings in force, the live heap, GC CPU by class. */
  readonly beyondMemStats?: true;
}

const linux = process.platform === 'linux';

/** The sources that are sampled. Their order is that of src/experiment/probe-ids.ts. */
export const PROBES: Readonly<Record<SampledProbe, ProbeEntry>> = {
  proc: { open: ({ pid }) => (pid !== undefined && linux ? procProbe(pid) : undefined) },
  ps: { open: ({ pid }) => (pid !== undefined && !linux ? psProbe(pid) : undefined) },
  cgroup: { open: ({ cgroup }) => cgroup && cgroupProbe(cgroup) },
  'docker-stats': { open: ({ engineStats }) => engineStats && dockerStatsProbe(engineStats) },
  expvar: { open: served('expvar', expvarProbe) },
  prometheus: { open: served('prometheus', prometheusProbe), beyondMemStats: true },
  pprof: { open: served('pprof', pprofProbe) },
};

/** A source that the target serves at a path. */
function served(id: InsideProbe, probe: (address: Address, path: string) => Probe): ProbeEntry['open'] {
  return ({ address }, { paths }) => address && probe(address, paths[id]);
}
