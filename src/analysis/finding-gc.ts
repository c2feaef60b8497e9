import type { CellAnalysis } from './analysis.ts';
import { listed, quantity, withInterval } from './words.ts';

/** What the collector itself costs, and how far the figure that the target prints is from it. */
export function gcSentences(baseline: CellAnalysis, levels: readonly CellAnalysis[]): readonly string[] {
  const cells = [baseline, ...levels];
  const measured = cells.filter((cell) => cell.estimates['gc.cpu_window'] !== undefined);
  const none = cells.filter((cell) => cell.valid > 0 && cell.estimates['gc.cpu_window'] === undefined);
  const sentences: string[] = [];
  if (measured.length > 0) {
    const dearest = extreme(measured, 1);
    const shown = dearest === baseline || !measured.includes(baseline) ? [dearest] : [dearest, baseline];
    const parts = shown.map((cell) => {
      const estimate = cell.estimates['gc.cpu_window']!;
      const share = cell.estimates['gc.cpu_share'];
      const used = share === undefined ? '' : `, ${quantity(share.value, 'fraction')} of the CPU time that it used`;
      return `${withInterval(estimate, 'fraction')} at ${cell.label}${used} (n = ${estimate.n} trials)`;
    });
    sentences.push(`the collector took of GOMAXPROCS × time ${listed(parts)}.`);
  }
  sentences.push(...naiveSentence(measured));
  if (none.length > 0) {
    const names = listed(none.map(({ label }) => label));
    sentences.push(
      `no figure of GC CPU can be given for ${names}: too few GC cycles ended, or the target does not tell.`,
    );
  }
  return sentences;
}

/** The cell where GCCPUFraction, relative to the windowed figure, misleads most. */
function naiveSentence(measured: readonly CellAnalysis[]): readonly string[] {
  const gaps = measured.flatMap((cell) => {
    const [windowed, naive] = [cell.estimates['gc.cpu_window'], cell.estimates['gc.cpu_naive']];
    if (windowed === undefined || naive === undefined || !(windowed.value > 0)) return [];
    return [{ cell, windowed, naive, gap: Math.abs(naive.value / windowed.value - 1) }];
  });
  const widest = gaps.toSorted((a, b) => b.gap - a.gap)[0];
  if (widest === undefined) return [];
  const { cell, windowed, naive } = widest;
  return [
    `GCCPUFraction as the target prints it says ${quantity(naive.value, 'fraction')} at ${cell.label} where the window had ` +
      `${quantity(windowed.value, 'fraction')}: it is the mean since the process began, start and warm-up included.`,
  ];
}

function extreme(cells: readonly CellAnalysis[], direction: 1 | -1): CellAnalysis {
  const value = (cell: CellAnalysis): number => direction * (cell.estimates['gc.cpu_window']?.value ?? 0);
  return cells.toSorted((a, b) => value(b) - value(a))[0] as CellAnalysis;
}
