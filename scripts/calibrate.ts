// How often the intervals hold the truth, how often sweeps without an effect claim one, and how often one as great as is
// said to be detectable is found, over simulated sweeps:
// npm run calibrate [-- sweeps seed]. Exit 1 where a promise is broken. docs/methodology.md has the table.
import type { CoverageRow } from '../test/statistics/coverage-rows.ts';
import { adaptiveRows, familyRow, fixedRows, powerOfFinding, verdict } from '../test/statistics/coverage-rows.ts';
import { FAMILY_NOISES, NOISES } from '../test/statistics/simulated-sweep.ts';

const [sweeps = 2000, seed = 1] = process.argv.slice(2).map(Number);
const options = { sweeps, seed, resamples: 999 };
const percent = (part: number): string => `${(100 * part).toFixed(1)} %`.padStart(7);
const line = (what: string, noise: string, blocks: string, rate: string, stated: string, said: string): string =>
  `${what.padEnd(32)} ${noise.padEnd(8)} ${blocks.padStart(6)}  ${rate.padStart(7)}  ${stated.padStart(7)}  ${said}\n`;
let missed = 0;

function print(row: CoverageRow): void {
  const said = verdict(row, sweeps);
  if (said === 'MISSED') missed++;
  const stated = row.kind === 'claims' ? `≤ ${percent(row.stated).trim()}` : percent(row.stated);
  const blocks = Number.isInteger(row.blocks) ? String(row.blocks) : row.blocks.toFixed(1);
  process.stdout.write(line(row.what, row.noise, blocks, percent(row.rate), stated, said));
}

process.stdout.write(`${sweeps} simulated sweeps for each row, seed ${seed}\n`);
process.stdout.write(line('interval', 'noise', 'blocks', 'found', 'stated', ''));
for (const noise of NOISES) {
  for (const blocks of [6, 10, 20]) {
    for (const row of fixedRows(noise, blocks, options)) print(row);
  }
  for (const contrasts of [1, 2, 4, 8]) for (const row of adaptiveRows(noise, contrasts, options)) print(row);
}
for (const noise of FAMILY_NOISES) for (const blocks of [6, 10, 20]) print(familyRow(noise, blocks, options));
for (const blocks of [6, 10, 20]) {
  for (const comparisons of [1, 4, 16]) print(powerOfFinding('normal', blocks, comparisons, options));
}
process.exitCode = missed === 0 ? 0 : 1;
