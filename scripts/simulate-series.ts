// How often `gctune explain` sees growth in the memory of simulated processes that do not grow, and how often it sees planted
// growth and gives it its name: node scripts/simulate-series.ts [watches] [seed]
import { type SimulatedProcess, tallyAnswers } from '../test/analysis/simulated-series.ts';

const [watches = 1000, seed = 1] = process.argv.slice(2).map(Number);
const percent = (part: number | undefined): string => `${((100 * (part ?? 0)) / watches).toFixed(1).padStart(5)} %`;
const GROWTH = ['leak', 'fragmentation', 'goroutines', 'metadata', 'outside'] as const;

function line(name: string, simulated: SimulatedProcess): void {
  const tally = tallyAnswers(simulated, watches, seed);
  const growth = GROWTH.reduce((sum, answer) => sum + (tally[answer] ?? 0), 0);
  const { looks, memory, cycle } = simulated;
  process.stdout.write(
    `${name.padEnd(30)} ${String(looks).padStart(4)}  ${memory.toFixed(2)}  ${String(cycle).padStart(5)}  ${percent(growth)}  ${percent(tally.creeping)}  ${percent(tally.leak)}  ${percent(tally.fragmentation)}  ${percent(tally.levelled)}  ${percent(tally['cannot-tell'])}\n`,
  );
}

process.stdout.write(
  `${watches} simulated watches for each row, seed ${seed}\n${'planted, in 281 MiB'.padEnd(30)} looks  φ   cycle   growth   slowly     leak   fragm.  levelled  cannot tell\n`,
);
for (const looks of [8, 12, 24, 60, 120]) {
  for (const memory of [0, 0.5, 0.8, 0.9]) line('nothing', { looks, memory, cycle: 0.4 });
}
for (const cycle of [2, 5]) {
  for (const memory of [0, 0.8]) line('nothing', { looks: 60, memory, cycle });
}
for (const memory of [0, 0.8]) line('nothing, objects alone', { looks: 60, memory, cycle: 2.7, told: 'objects' });
for (const looks of [12, 24, 60, 120]) {
  for (const leak of [10, 20, 40]) line(`live heap +${leak} MiB`, { looks, memory: 0.5, cycle: 0.4, leak });
}
for (const looks of [24, 60, 120]) line('room in spans +20 MiB', { looks, memory: 0.5, cycle: 0.4, fragmentation: 20 });
for (const looks of [24, 60, 120]) line('warm-up +40 MiB, then level', { looks, memory: 0.5, cycle: 0.4, warmUp: 40 });
