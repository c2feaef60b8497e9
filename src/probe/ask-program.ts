import type { ServedProbe } from '../experiment/probe-ids.ts';
import { USUAL_PATHS } from '../experiment/probe-ids.ts';
import type { Address } from '../runner/runner.ts';
import { findCounters } from './memstats-text.ts';
import { clientOf, COUNTER_HEADERS } from './read-counters.ts';

/** What a port of a program answers to GET. */
export interface Answers {
  /** The first path that says whether it is ready, or else any that answers with 200. */
  readonly ready: string | undefined;
  /** A path that answers with 200, to send requests to; one that is not about the program itself before any other. */
  readonly page: string | undefined;
  /** Where counters of the Go runtime answer. */
  readonly counters: Partial<Readonly<Record<ServedProbe, string>>>;
  /** Whether net/http/pprof answers. */
  readonly profiles: boolean;
}

/** Where programs commonly say whether they serve. */
const HEALTH = ['/healthz', '/health', '/-/ready', '/readyz', '/ready', '/livez', '/ping', '/-/healthy'] as const;
/** Where they commonly show metrics, if not at the usual path. */
const METRICS = [USUAL_PATHS.prometheus, '/debug/metrics/prometheus'] as const;
const ANSWER_SECONDS = 2;

/**
 * Asks a port once for each of a few well-known paths, with GET and without following anything. Undefined where nothing there
 * speaks HTTP. Throws the signal's reason where it is aborted.
 */
export async function askProgram(address: Address, signal: AbortSignal): Promise<Answers | undefined> {
  const root = await get(address, '/', signal);
  if (root === undefined) return undefined;
  const answered = new Map<string, string>();
  if (root.status === 200) answered.set('/', root.body);
  for (const path of [...HEALTH, USUAL_PATHS.expvar, ...METRICS, `${USUAL_PATHS.pprof}/`]) {
    const answer = await get(address, path, signal);
    if (answer?.status === 200) answered.set(path, answer.body);
  }
  // A program that answers every path alike has none of them.
  const own = (path: string): boolean => answered.has(path) && (path === '/' || answered.get(path) !== root.body);
  const expvar = own(USUAL_PATHS.expvar) && hasCounters(answered.get(USUAL_PATHS.expvar));
  const metrics = METRICS.find((path) => own(path) && hasCounters(answered.get(path)));
  const profiles = own(`${USUAL_PATHS.pprof}/`) && /\bgoroutine\b/.test(answered.get(`${USUAL_PATHS.pprof}/`) ?? '');
  const health = HEALTH.find(own);
  // A health page does next to nothing; that of the metrics makes at least some garbage.
  const pages = [...(own('/') ? ['/'] : []), ...given(metrics), ...given(health)];
  const page = pages[0] ?? (expvar ? USUAL_PATHS.expvar : undefined);
  return {
    ready: health ?? page,
    page,
    counters: {
      ...(expvar ? { expvar: USUAL_PATHS.expvar } : {}),
      ...(metrics === undefined ? {} : { prometheus: metrics }),
      ...(profiles ? { pprof: USUAL_PATHS.pprof } : {}),
    },
    profiles,
  };
}

function given<T>(one: T | undefined): readonly T[] {
  return one === undefined ? [] : [one];
}

function hasCounters(body: string | undefined): boolean {
  try {
    return body !== undefined && findCounters(body) !== undefined;
  } catch {
    // Those of several processes.
    return true;
  }
}

interface Got {
  readonly status: number;
  readonly body: string;
}

/** One GET; undefined where no HTTP answer comes in time. */
async function get({ host, port }: Address, path: string, signal: AbortSignal): Promise<Got | undefined> {
  const client = clientOf(`http://${host.includes(':') ? `[${host}]` : host}:${port}`, ANSWER_SECONDS);
  try {
    const { statusCode, body } = await client.request({
      method: 'GET',
      path,
      headers: COUNTER_HEADERS,
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_SECONDS * 1000)]),
    });
    return { status: statusCode, body: await body.text() };
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    client.destroy().catch(() => undefined);
  }
}
