import { EnvironmentError, ExitCode, UserError } from '../../errors.ts';
import { fetchProfilePage, NoProfile, profileUrl } from '../../probe/profile-page.ts';
import type { Io } from '../../cli/io.ts';
import { ProfileFault } from '../../profile/profile-fault.ts';
import { sampleTypeIndex, type SampleType } from '../../profile/profile.ts';
import { readProfile } from '../../profile/read-profile.ts';
import { stacksOf, type StackSet } from '../../profile/stacks.ts';
import { otherKind, recogniseFile } from '../../session/file-kind.ts';
import { readInputFile } from '../../session/input-file.ts';
import { shownUrl } from '../../text/origin.ts';
import { shellWord } from '../../text/quoted.ts';

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
  /** What the profile itself gives reason to doubt, in sentences. */
  readonly doubts: readonly string[];
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
    const { durationSeconds, period, doubts } = profile;
    return { set: stacksOf(profile, index), type: chosen, durationSeconds, period, doubts };
  } catch (error) {
    if (!(error instanceof ProfileFault)) throw error;
    throw new UserError(
      {
        code: 'not-a-profile',
        message: `${shown} is not a readable profile: ${error.message}`,
        at,
        hint: 'profiles are served by /debug/pprof/heap and /debug/pprof/allocs',
      },
      ExitCode.corruptResults,
    );
  }
}

/** Whether what the user named as a profile is an address to fetch it from. */
export function isAddress(named: string): boolean {
  return /^https?:\/\//i.test(named);
}

/** What to write where a file that is not there looks like an address. */
export function addressHint(named: string): string | undefined {
  return /^(?:[\w.-]+|\[[\da-f:.]+\]):\d{1,5}(?:\/|$)/i.test(named)
    ? `an address begins with http:// or https://: gctune profile ${shellWord(`http://${named}`)}`
    : undefined;
}

/** A profile that the user named: its stacks, and its name for people. */
export interface NamedStacks extends ReadStacks {
  readonly name: string;
}

/** The stacks of a profile in a file, on stdin (`-`) or at an address, which is asked once. */
export async function stacksNamed(
  named: string,
  io: Pick<Io, 'cwd' | 'signal' | 'stderr'>,
  type: string | undefined,
  at: string,
): Promise<NamedStacks> {
  if (isAddress(named)) return stacksAt(named, io, type, at);
  const name = named === '-' ? 'stdin' : named;
  const bytes = await readInputFile(named, { limitBytes: LIMIT_BYTES, expected: 'profile', at }, io);
  try {
    return { ...readStacks(bytes, name, type, at), name };
  } catch (error) {
    if (!(error instanceof UserError) || error.exitCode !== ExitCode.corruptResults) throw error;
    throw otherKind(bytes, named, 'profile', at) ?? error;
  }
}

async function stacksAt(
  named: string,
  { signal }: Pick<Io, 'signal'>,
  type: string | undefined,
  at: string,
): Promise<NamedStacks> {
  if (!URL.canParse(named))
    throw new UserError({
      code: 'bad-value',
      message: 'the address is not an http(s) URL',
      at,
      hint: 'write e.g. http://127.0.0.1:6060/debug/pprof/heap',
    });
  const url = profileUrl(new URL(named));
  const name = shownUrl(url);
  let bytes: Uint8Array | undefined;
  try {
    bytes = await fetchProfilePage(url, signal);
    // A profile of what was allocated in some seconds does not say that this is what it is about.
    const usual = url.pathname.endsWith('/allocs') ? 'alloc_space' : undefined;
    return { ...readStacks(bytes, name, type ?? usual, at), name };
  } catch (error) {
    if (error instanceof UserError && error.exitCode === ExitCode.corruptResults && bytes !== undefined)
      throw wrongAnswer(bytes, name, at) ?? error;
    if (!(error instanceof NoProfile)) throw error;
    throw new EnvironmentError('no-profile', `${name} gives no profile: ${error.message}`, {
      hint:
        error.status === 404
          ? 'the program has to serve net/http/pprof; its path is usually /debug/pprof/heap'
          : 'it is the address of a Go program that serves net/http/pprof, e.g. http://127.0.0.1:6060',
      cause: error,
    });
  }
}

/** The error for an answer that is something else than a profile, and known. */
function wrongAnswer(bytes: Uint8Array, name: string, at: string): UserError | undefined {
  const [problem] = otherKind(bytes, name, 'profile', at)?.diagnostics ?? [];
  if (problem === undefined) return undefined;
  const counters = recogniseFile(bytes)?.kind === 'counters';
  const hint = counters
    ? `read it with: gctune explain --url ${shellWord(name)}`
    : 'the address of a profile is usually http://HOST:PORT/debug/pprof/heap';
  return new UserError({ ...problem, hint });
}
