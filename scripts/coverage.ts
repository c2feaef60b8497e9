// Whether the intervals hold what they state, over simulated sweeps of known truth: npm run coverage [sweeps] [seed]
import { NOISES, tallySimulatedSweeps, type Blocks } from '../test/statistics/simulated-sweeps.ts';

const [sweeps = 2000, seed = 1] = process.argv.slice(2).map(Number);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const rows = [['noise', 'blocks', 'what', 'covers', 'states']];
const settings: readonly Blocks[] = [6, 10, 20, { min: 6, max: 20, precision: 0.06 }];
for (const noise of NOISES) {
  for (const blocks of settings) {
    const tally = tallySimulatedSweeps(sweeps, noise, blocks, seed);
    const name = typeof blocks === 'number' ? String(blocks) : `adaptive (${tally.blocks.toFixed(1)})`;
    for (const { what, covered, stated } of tally.coverages)
      rows.push([noise, name, what, percent(covered), percent(stated)]);
    rows.push([noise, name, 'false claims in a null sweep (8 tests, Holm)', percent(tally.falseClaims), '≤ 5 %']);
  }
}
const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
for (const row of rows) {
  const cells = row.map((cell, column) =>
    column > 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
  );
  process.stdout.write(`${cells.join('  ').trimEnd()}\n`);
}
