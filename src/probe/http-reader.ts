import { Client } from 'undici';
import { dialOf, originOf } from '../text/origin.ts';
import type { ProbeId } from '../experiment/probe-ids.ts';
import type { Address } from '../runner/runner.ts';
import type { Figures, Probe } from './probe.ts';

/** No honest answer is larger; a target must not be able to fill our memory. */
const mostBytes = 16 * 1024 * 1024;
/** A bound of its own below the caller's signal, so that no read can hang whatever the signal. */
const timeoutMilliseconds = 10_000;

/**
 * An inside probe: one GET over one kept-alive connection, without compression, so that a read disturbs the target as
 * little as it can. `parse` makes figures of the body and throws where it is not what was asked for. Its `readSeconds`
 * is the time from the request to the end of the answer.
 */
export function httpProbe(
  id: ProbeId,
  address: Address,
  path: string,
  parse: (body: string) => Figures,
  headers: Readonly<Record<string, string>> = {},
): Probe {
  const client = new Client(originOf(address), {
    ...dialOf(address),
    pipelining: 1,
    maxResponseSize: mostBytes,
    connectTimeout: timeoutMilliseconds,
    headersTimeout: timeoutMilliseconds,
    bodyTimeout: timeoutMilliseconds,
    keepAliveTimeout: 60_000,
  });
  return {
    id,
    side: 'inside',
    read: async (signal) => {
      const began = performance.now();
      const response = await client.request({
        method: 'GET',
        path,
        headers: { 'accept-encoding': 'identity', ...headers },
        signal,
      });
      const encoding = response.headers['content-encoding'] ?? 'identity';
      if (response.statusCode !== 200 || encoding !== 'identity') {
        await response.body.dump();
        const status = `GET ${path} answered ${response.statusCode}`;
        throw new Error(encoding === 'identity' ? status : `${status} compressed, which was not requested`);
      }
      const body = await response.body.text();
      const readSeconds = (performance.now() - began) / 1000;
      return { ...parse(body), readSeconds };
    },
    [Symbol.asyncDispose]: () => client.destroy(),
  };
}
