import type { Address } from '../runner/runner.ts';
import { httpProbe } from './http-reader.ts';
import { hasMemStats, memStatsFigures } from '../go/memstats.ts';
import type { Figures, Probe } from './probe.ts';

/** The MemStats in the JSON of `/debug/vars` (Go src/expvar/expvar.go). Throws where there are none. */
export function parseExpvar(body: string): Figures {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    throw new Error('the answer is not JSON');
  }
  const stats =
    typeof document === 'object' && document !== null && 'memstats' in document ? document.memstats : undefined;
  if (typeof stats !== 'object' || stats === null) throw new Error('the answer has no memstats');
  const figures = memStatsFigures(Object.entries(stats));
  if (!hasMemStats(figures)) throw new Error('its memstats lack HeapSys or Sys');
  return figures;
}

/** MemStats from `/debug/vars`: a consistent snapshot, at the price of a stop of the world and some 20 KB of garbage for each read. */
export function expvarProbe(address: Address, path: string): Probe {
  return httpProbe('expvar', address, path, parseExpvar);
}
