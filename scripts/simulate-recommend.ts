// How often `recommend` is right, over simulated sweeps whose truth is known: node scripts/simulate-recommend.ts [sweeps] [seed]
import { tallySweeps } from '../test/analysis/recommend/simulated-sweep.ts';

const [sweeps = 500, seed = 1] = process.argv.slice(2).map(Number);
const { answered, sound, moved, movedSound, best, clear, clearRefused } = tallySweeps(sweeps, seed);
const share = (part: number, of: number): string => `${part} of ${of} (${((100 * part) / of).toFixed(1)} %)`;
process.stdout.write(
  [
    `answered                            ${share(answered, sweeps)}`,
    `  meets every limit in truth        ${share(sound, answered)}   wanted: at least 95 %`,
    `  the same, the baseline left out    ${share(movedSound, moved)}`,
    `  is the best that meets them       ${share(best, answered)}`,
    `truth clear at the budget           ${share(clear, sweeps)}`,
    `  refused all the same              ${share(clearRefused, clear)}   wanted: at most 20 %`,
    '',
  ].join('\n'),
);
