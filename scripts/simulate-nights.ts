// How often two runs of one version alarm, and a worse one is found, over nights drawn from the real A/A trials of the
// published run of kubo: node scripts/simulate-nights.ts [nights] [seed]
import { kuboRun, tallyNights } from '../test/analysis/compare/simulated-nights.ts';

const [nights = 1000, seed = 1] = process.argv.slice(2).map(Number);
const real = kuboRun();
const percent = (part: number): string => `${((100 * part) / nights).toFixed(1).padStart(5)} %`;
process.stdout.write(`blocks  shift                      alarm  and confirmed   (${nights} nights each)\n`);
for (const blocks of [6, 10, 20]) {
  for (const shift of [
    undefined,
    { metric: 'memory.anon', factor: 1.05 },
    { metric: 'cpu.per_request', factor: 1.05 },
    { metric: 'cpu.per_request', factor: 1.2 },
  ] as const) {
    const { alarms, confirmed } = tallyNights(real, { nights, seed, blocks, ...(shift && { shift }) });
    const name = shift === undefined ? 'none' : `${shift.metric} +${Math.round((shift.factor - 1) * 100)} %`;
    process.stdout.write(
      `${String(blocks).padStart(6)}  ${name.padEnd(24)} ${percent(alarms)}        ${percent(confirmed)}\n`,
    );
  }
}
