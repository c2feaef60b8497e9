import { Client } from 'undici';
import { originOf } from '../text/origin.ts';
import type { Address } from '../runner/runner.ts';

/** Profiles of the largest programs are a few MiB; a target must not be able to fill our memory. */
const mostBytes = 64 * 2 ** 20;

/**
 * Fetches one profile as the target sends it (profile.proto, which Go compresses with gzip). `path` is that of
 * net/http/pprof with the profile's name and query. Throws where it answers something else; `seconds` is how long the
 * target was asked to collect.
 */
export async function fetchProfile(
  address: Address,
  path: string,
  seconds: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const timeout = seconds * 1000 + 30_000;
  const client = new Client(originOf(address), {
    maxResponseSize: mostBytes,
    headersTimeout: timeout,
    bodyTimeout: timeout,
  });
  try {
    const response = await client.request({ method: 'GET', path, signal });
    const body = await response.body.bytes();
    if (response.statusCode !== 200) {
      const said = Buffer.from(body.subarray(0, 200)).toString('utf8').trim();
      throw new Error(`GET ${path} answered ${response.statusCode}: ${said}`);
    }
    if (body[0] !== 0x1f || body[1] !== 0x8b) throw new Error(`GET ${path} answered no profile`);
    return body;
  } finally {
    await client.destroy();
  }
}
