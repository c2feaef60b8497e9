import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figures } from '../../src/probe/probe.ts';

const folder = join(import.meta.dirname, '../fixtures/probe');

/** What test/fixtures/probe/record.ts recorded, of each daemon in several ways of asking it. */
export const recorded = ['go1.19.8', 'go1.26.8'].flatMap((version) =>
  (['50', 'off'] as const).map((gogc) => {
    const text = (source: string): string => readFileSync(join(folder, `${version}-gogc-${gogc}.${source}`), 'utf8');
    return {
      name: `${version} GOGC=${gogc}`,
      version,
      gogc: gogc === 'off' ? gogc : Number(gogc),
      expvar: text('expvar.json'),
      prometheus: text('prometheus.txt'),
      pprof: text('pprof-tail.txt'),
      stderr: text('stderr.txt').split('\n'),
    };
  }),
);

/** A figure that must be there. */
export function figure(figures: Figures | undefined, key: keyof Figures): number {
  const value = figures?.[key];
  if (value === undefined) throw new Error(`${key} is missing`);
  return value;
}
