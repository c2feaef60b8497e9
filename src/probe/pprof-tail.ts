import { MEMSTATS_PAIRS } from '../go/counters.ts';
import type { Address } from '../runner/runner.ts';
import { httpProbe } from './http-reader.ts';
import { hasMemStats, memStatsFigures } from '../go/memstats.ts';
import type { Figures, Probe } from './probe.ts';

/** The MemStats at the end of a heap profile in text form. Throws where there are none. */
export function parsePprofTail(body: string): Figures {
  const start = body.lastIndexOf('# runtime.MemStats');
  if (start === -1) throw new Error('the answer has no runtime.MemStats');
  const stats: [string, number][] = [];
  for (const line of body.slice(start).split('\n')) {
    const match = /^# (\w+) = ([0-9.e+-]+)(?: \/ ([0-9.e+-]+))?$/.exec(line);
    if (match === null) continue;
    const [, name = '', first, second] = match;
    const pair = Object.hasOwn(MEMSTATS_PAIRS, name) ? MEMSTATS_PAIRS[name] : undefined;
    if (pair !== undefined && second !== undefined) stats.push([pair[0], Number(first)], [pair[1], Number(second)]);
    else stats.push([name, Number(first)]);
  }
  const figures = memStatsFigures(stats);
  if (!hasMemStats(figures)) throw new Error('its runtime.MemStats lack HeapSys or Sys');
  return figures;
}

/** The page of net/http/pprof that ends in MemStats. */
export function heapPage(folder: string): string {
  return `${folder.replace(/\/$/, '')}/heap?debug=1`;
}

/** MemStats from `/debug/pprof/heap?debug=1`: works on every daemon with pprof, and is the heaviest of the sources. */
export function pprofProbe(address: Address, folder: string): Probe {
  return httpProbe('pprof', address, heapPage(folder), parsePprofTail);
}
