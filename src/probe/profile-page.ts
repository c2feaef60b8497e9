import { Client } from 'undici';
import { USUAL_PATHS } from '../experiment/probe-ids.ts';
import { shownUrl } from '../text/origin.ts';
import { MOST_PROFILE_BYTES, PROFILE_ALLOWANCE_SECONDS } from './pprof-profile.ts';
import { authorization, noAnswerText } from './read-counters.ts';

/** Addresses that one answer may lead to after the other. */
const MOST_REDIRECTS = 3;
/** What a profile over time lasts where its address does not say so: `/profile` of net/http/pprof. */
const USUAL_SECONDS = 30;
/** More seconds than anybody collects for. */
const MOST_SECONDS = 3600;

/** Why an address gave no profile, in words for the user. Untrusted text may be in it. */
export class NoProfile extends Error {
  override readonly name = 'NoProfile';
  /** The status that it answered with; undefined where it has not answered. */
  readonly status: number | undefined;
  constructor(reason: string, { status, cause }: { readonly status?: number; readonly cause?: unknown } = {}) {
    super(reason, cause === undefined ? {} : { cause });
    this.status = status;
  }
}

/** The address of a profile: the usual one of a heap profile where the given one has no path, or that of the index of net/http/pprof. */
export function profileUrl(given: URL): URL {
  const url = new URL(given.href);
  if (url.pathname === '/' && url.search === '') url.pathname = `${USUAL_PATHS.pprof.replace(/\/$/, '')}/heap`;
  else if (/\/pprof\/?$/.test(url.pathname)) url.pathname = `${url.pathname.replace(/\/$/, '')}/heap`;
  url.hash = '';
  return url;
}

/**
 * GETs a profile once and as it is. A name and password in the address go with the request and nowhere else; an answer that
 * leads to another place is followed on the same server only. The whole has the seconds that the address asks for and
 * 20 more, and may have 64 MiB. Throws NoProfile, and the signal's reason where it is aborted.
 */
export async function fetchProfilePage(
  given: URL,
  signal: AbortSignal,
  allowanceSeconds = PROFILE_ALLOWANCE_SECONDS,
): Promise<Uint8Array> {
  const withinSeconds = secondsOf(given) + allowanceSeconds;
  const deadline = AbortSignal.timeout(withinSeconds * 1000);
  const client = new Client(given.origin, { maxResponseSize: MOST_PROFILE_BYTES, headersTimeout: 0, bodyTimeout: 0 });
  try {
    let url = given;
    for (let redirects = 0; ; redirects++) {
      const { statusCode, headers, body } = await client.request({
        method: 'GET',
        path: `${url.pathname}${url.search}`,
        headers: { 'accept-encoding': 'identity', ...authorization(given) },
        signal: AbortSignal.any([signal, deadline]),
      });
      const bytes = await body.bytes();
      if (statusCode === 200) return bytes;
      const location = typeof headers.location === 'string' ? headers.location : undefined;
      if (statusCode < 300 || statusCode > 399 || location === undefined) {
        const said = Buffer.from(bytes.subarray(0, 200)).toString('utf8').trim().split('\n')[0] ?? '';
        throw new NoProfile(`it answers with status ${statusCode}${said === '' ? '' : `: ${said}`}`, {
          status: statusCode,
        });
      }
      if (redirects === MOST_REDIRECTS) throw new NoProfile(`it redirects more than ${redirects} times`);
      url = followed(url, location);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NoProfile) throw error;
    throw new NoProfile(noAnswerText(error, withinSeconds, MOST_PROFILE_BYTES), { cause: error });
  } finally {
    await client.destroy();
  }
}

/** Where an answer leads to, on the same server. */
function followed(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) throw new NoProfile('it redirects to an invalid address');
  const to = new URL(location, from.href);
  if (to.origin === from.origin) return to;
  throw new NoProfile(`it redirects to another server, ${shownUrl(to)}, which is not followed`);
}

/** How long the program was asked to collect. */
function secondsOf({ pathname, searchParams }: URL): number {
  const asked = searchParams.get('seconds');
  const seconds = asked === null ? (/\/(?:profile|trace)$/.test(pathname) ? USUAL_SECONDS : 0) : Number(asked);
  return seconds >= 0 ? Math.min(seconds, MOST_SECONDS) : 0;
}
