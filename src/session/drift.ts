import { differencesOf } from '../analysis/compare/differences.ts';
import { UserError } from '../errors.ts';
import type { Drift, RunManifest } from '../results/format.ts';
import { quote } from '../units/units.ts';

/** What bears on the figures and has changed from one run, or part of it, to the next: the target to the byte, the machine, the settings. */
export function driftBetween(before: RunManifest, now: RunManifest): readonly Drift[] {
  return differencesOf(before, now)
    .filter(({ kind, what }) => kind === 'drift' || isDigest(what))
    .map(({ what, base, new: is }) => ({ what, was: base, is }));
}

/** The digest of the target, or of one of its versions. */
function isDigest(what: string): boolean {
  return what.startsWith('artifact digest');
}

/** Refuses what has changed, each of it by name. `at`: the flag that asked. */
export function refusedDrift(drift: readonly Drift[], runId: string, hint: string, at?: string): UserError {
  return new UserError(
    drift.map(({ what, was, is }, i) => ({
      ...(isDigest(what)
        ? {
            code: 'artifact-differs',
            message: `the target differs from that of ${runId}: its ${what.slice('artifact '.length)} is ${quote(is)}, and was ${quote(was)}`,
          }
        : {
            code: 'drift',
            message: `this machine differs from the one of ${runId}: ${what} is ${quote(is)}, and was ${quote(was)}`,
          }),
      ...(at === undefined ? {} : { at }),
      ...(i === drift.length - 1 ? { hint } : {}),
    })),
  );
}
