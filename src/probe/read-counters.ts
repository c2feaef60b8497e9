import { Client } from 'undici';
import { withoutCredentials } from '../text/origin.ts';
import { findCounters, SeveralInstances, type Counters } from './memstats-text.ts';

/** One read of a program's counters, and what it cost. */
export interface CountersRead extends Counters {
  readonly url: string;
  /** From the request to the end of the answer; connecting stands apart from it. */
  readonly readSeconds: number;
  /** Bytes of the answer's body. */
  readonly answerBytes: number;
}

/** Why a URL gave no counters, in words for the user; the target's own words are not in it. */
export class NoCounters extends Error {
  override readonly name = 'NoCounters';
}

/** No honest answer is larger; a target must not be able to fill our memory. */
const MOST_BYTES = 16 * 1024 * 1024;

/** What counters are asked for with; OpenMetrics would name some series differently. */
export const COUNTER_HEADERS = {
  'accept-encoding': 'identity',
  accept: 'text/plain;version=0.0.4, application/json, */*;q=0.5',
} as const;

/** A connection to whatever serves at an origin, which may neither be waited for without end nor fill our memory. */
export function clientOf(origin: string, withinSeconds: number): Client {
  const milliseconds = withinSeconds * 1000;
  return new Client(origin, {
    pipelining: 1,
    maxResponseSize: MOST_BYTES,
    connectTimeout: milliseconds,
    headersTimeout: milliseconds,
    bodyTimeout: milliseconds,
  });
}

/**
 * GETs a URL once, without compression and without following redirects, and finds the counters in the answer whatever
 * their form. Throws NoCounters where there is no answer in time, or none with counters, SeveralInstances where they are
 * of several processes and `instance` names none, and the signal's reason where it is aborted.
 */
export async function readCounters(
  url: URL,
  withinSeconds: number,
  signal: AbortSignal,
  instance?: string,
): Promise<CountersRead> {
  const client = clientOf(url.origin, withinSeconds);
  try {
    const began = performance.now();
    const response = await client.request({
      method: 'GET',
      path: `${url.pathname}${url.search}`,
      headers: { ...COUNTER_HEADERS, ...authorization(url) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(withinSeconds * 1000)]),
    });
    if (response.statusCode !== 200) {
      await response.body.dump();
      throw new NoCounters(`it answers with status ${response.statusCode}`);
    }
    const body = await response.body.text();
    const readSeconds = (performance.now() - began) / 1000;
    const counters = findCounters(body, instance);
    if (counters === undefined) {
      // What begins like gzip, as read as text.
      const packed = body.startsWith('\u001f\ufffd');
      throw new NoCounters(
        packed
          ? 'its answer is compressed, as profiles are, which gctune profile reads'
          : 'its answer has no counters of the Go runtime',
      );
    }
    return { ...counters, url: withoutCredentials(url.href), readSeconds, answerBytes: Buffer.byteLength(body) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NoCounters || error instanceof SeveralInstances) throw error;
    throw new NoCounters(noAnswerText(error, withinSeconds, MOST_BYTES), { cause: error });
  } finally {
    await client.destroy();
  }
}

/** The name and password of an address as a request carries them. */
export function authorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const pair = `${decoded(username)}:${decoded(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that stands for itself.
    return text;
  }
}

/** Why there is no answer of a server, in words for the user. */
export function noAnswerText(error: unknown, withinSeconds: number, mostBytes: number): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (error.name === 'TimeoutError' || code.endsWith('_TIMEOUT')) return `no answer within ${withinSeconds} s`;
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return `its answer is longer than ${mostBytes / 2 ** 20} MiB`;
  if (code.startsWith('HPE_')) return 'the answer is not HTTP';
  // Of OpenSSL; Node appends advice about its own flags.
  if (/CERT|SIGNATURE|ISSUER/.test(code))
    return `its certificate is not trusted: ${error.message.split(';')[0] ?? ''} (NODE_EXTRA_CA_CERTS names a file of further ones to trust)`;
  return error.message;
}
