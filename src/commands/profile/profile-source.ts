import type { Io } from '../../cli/io.ts';
import { ExitCode, UserError } from '../../errors.ts';
import { ProfileFault } from '../../profile/profile-fault.ts';
import { sampleTypeIndex, type SampleType } from '../../profile/profile.ts';
import { readProfile } from '../../profile/read-profile.ts';
import { stacksOf, type StackSet } from '../../profile/stacks.ts';
import { readInputFile } from '../../session/input-file.ts';

/** More than any profile of one process. */
const LIMIT_BYTES = 256 * 2 ** 20;

/** Stacks of one profile with what is known of where they come from. */
export interface ReadStacks {
  readonly set: StackSet;
  readonly type: SampleType;
  /** Seconds that a difference over time spans; undefined for a snapshot. */
  readonly durationSeconds: number | undefined;
  /** How much lies between two samples, in bytes for heap profiles; undefined where it is not known. */
  readonly period: number | undefined;
}

/** The stacks of a profile by one sample type. Throws UserError where it cannot be read or has no such type; `shown` names it. */
export function readStacks(bytes: Uint8Array, shown: string, type: string | undefined, at: string): ReadStacks {
  try {
    const profile = readProfile(bytes);
    const index = sampleTypeIndex(profile, type);
    const chosen = profile.sampleTypes[index];
    if (chosen === undefined) {
      throw new UserError({
        code: 'no-such-sample-type',
        message: `${shown} has no samples of the type ${type ?? ''}`,
        at: '--type',
        hint: `it has ${profile.sampleTypes.map((one) => one.type).join(', ')}`,
      });
    }
    const { durationSeconds, period } = profile;
    return { set: stacksOf(profile, index), type: chosen, durationSeconds, period };
  } catch (error) {
    if (!(error instanceof ProfileFault)) throw error;
    throw new UserError(
      {
        code: 'not-a-profile',
        message: `${shown} is not a readable profile: ${error.message}`,
        at,
        hint: 'profiles are served by /debug/pprof/heap and /debug/pprof/allocs, without debug=1',
      },
      ExitCode.corruptResults,
    );
  }
}

/** The stacks of a profile in a file that the user named. */
export async function stacksInFile(
  named: string,
  io: Pick<Io, 'cwd' | 'signal'>,
  type: string | undefined,
  at: string,
): Promise<ReadStacks> {
  return readStacks(await readInputFile(named, { limitBytes: LIMIT_BYTES, at }, io), named, type, at);
}
