import type { Sampling } from '../experiment/experiment.ts';
import { RUNTIME_PROBES, SERVED_PROBES, USUAL_PATHS, type ProbeId } from '../experiment/probe-ids.ts';
import type { Warning } from '../metrics/warning.ts';
import type { TriedSource } from '../results/format.ts';

/**
 * Warnings of sources that were asked and did not answer, where one was to be expected: every one outside the target, one
 * for which the experiment names a path of its own, and those of its runtime if none of them answered. That a target serves only
 * one of three usual pages is nothing to warn of, nor that its memory may not be read where it does.
 */
export function silentSources(tried: readonly TriedSource[], sampling: Sampling): readonly Warning[] {
  const ofRuntime = (probe: ProbeId): boolean => RUNTIME_PROBES.some((id) => id === probe);
  const inside = tried.filter(({ probe }) => ofRuntime(probe));
  const silent = (sources: readonly TriedSource[]): readonly Warning[] =>
    sources.map(({ probe, message }) => ({
      code: 'source-silent',
      message: `the source ${probe} does not answer: ${message}`,
    }));
  const outside = silent(tried.filter(({ probe, ok }) => !ok && !ofRuntime(probe)));
  if (inside.length > 0 && inside.every(({ ok }) => !ok)) {
    const said = inside.map(({ probe, message }) => `${probe}: ${message}`).join('; ');
    const message = `nothing reports the counters of the target’s runtime (${said}); see sampling.paths`;
    return [...outside, { code: 'no-inside-source', message }];
  }
  const named = SERVED_PROBES.filter((id) => sampling.paths[id] !== USUAL_PATHS[id]);
  return [...outside, ...silent(inside.filter(({ probe, ok }) => !ok && named.some((id) => id === probe)))];
}
