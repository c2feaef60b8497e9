import { Client } from 'undici';
import { dialOf, originOf } from '../text/origin.ts';
import type { Address } from '../runner/runner.ts';

/** Profiles of the largest programs are a few MiB; a target must not be able to fill our memory. */
export const MOST_PROFILE_BYTES = 64 * 2 ** 20;
/** What a target gets beyond the seconds that it was asked to collect, for the whole answer. */
export const PROFILE_ALLOWANCE_SECONDS = 20;

/**
 * Fetches one profile as the target sends it (profile.proto, which Go compresses with gzip). `path` is that of
 * net/http/pprof with the profile's name and query; `seconds` is how long the target was asked to collect. Throws where it
 * answers something else, more than 64 MiB, or not to the end within that and the allowance.
 */
export async function fetchProfile(
  address: Address,
  path: string,
  seconds: number,
  signal: AbortSignal,
  allowanceSeconds = PROFILE_ALLOWANCE_SECONDS,
): Promise<Uint8Array> {
  const withinSeconds = seconds + allowanceSeconds;
  const deadline = AbortSignal.timeout(withinSeconds * 1000);
  // One deadline for the whole answer: the client's own begin anew at every byte.
  const client = new Client(originOf(address), {
    ...dialOf(address),
    maxResponseSize: MOST_PROFILE_BYTES,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  try {
    const response = await client.request({ method: 'GET', path, signal: AbortSignal.any([signal, deadline]) });
    const body = await response.body.bytes();
    if (response.statusCode !== 200) {
      const said = Buffer.from(body.subarray(0, 200)).toString('utf8').trim();
      throw new Error(`GET ${path} answered ${response.statusCode}: ${said}`);
    }
    if (body[0] !== 0x1f || body[1] !== 0x8b) throw new Error(`GET ${path} answered no profile`);
    return body;
  } catch (error) {
    if (deadline.aborted && !signal.aborted)
      throw new Error(`GET ${path}: no whole answer within ${withinSeconds} s`, { cause: error });
    throw error;
  } finally {
    await client.destroy();
  }
}
