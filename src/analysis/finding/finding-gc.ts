import { counted, listed } from '../../text/words.ts';
import type { CellAnalysis } from '../analysis.ts';
import { sizeWithInterval } from './words.ts';

/** What the collector itself costs, and how far the figure that the target prints is from it. */
export function gcSentences(baseline: CellAnalysis, levels: readonly CellAnalysis[]): readonly string[] {
  const cells = [baseline, ...levels];
  const measured = cells.filter((cell) => cell.estimates['gc.cpu_window'] !== undefined);
  const none = cells.filter((cell) => cell.valid > 0 && cell.estimates['gc.cpu_window'] === undefined);
  const sentences: string[] = [];
  const dearest = measured.toSorted((a, b) => gcCpu(b) - gcCpu(a))[0];
  if (dearest !== undefined) {
    const shown = dearest === baseline || !measured.includes(baseline) ? [dearest] : [dearest, baseline];
    sentences.push(`GC CPU is ${listed(shown.map(gcPhrase))}.`, ...naiveSentence(dearest));
  }
  if (none.length > 0) {
    const names = listed(none.map(({ label }) => label));
    // Where other cells have the figure, the target tells it.
    const unless = measured.length > 0 ? '' : ', or the target does not report it';
    sentences.push(`GC CPU is not available for ${names}: too few GC cycles ended in the window${unless}.`);
  }
  return sentences;
}

/** `8.9 % (8.7–9.1) of GOMAXPROCS × time at GOGC=25, which is 44.8 % (43.1–46.0) of the CPU time used (n = 7 trials)`. */
function gcPhrase(cell: CellAnalysis): string {
  const { 'gc.cpu_window': windowed, 'gc.cpu_share': share } = cell.estimates;
  if (windowed === undefined) return `unknown at ${cell.label}`;
  const used = share === undefined ? '' : `, which is ${sizeWithInterval(share, 'fraction')} of the CPU time used`;
  const n = counted(windowed.n, 'trial');
  return `${sizeWithInterval(windowed, 'fraction')} of GOMAXPROCS × time at ${cell.label}${used} (n = ${n})`;
}

/** What the figure that everybody knows would have said instead. */
function naiveSentence(cell: CellAnalysis): readonly string[] {
  const { 'gc.cpu_window': windowed, 'gc.cpu_naive': naive } = cell.estimates;
  if (windowed === undefined || naive === undefined) return [];
  return [
    `At ${cell.label}, the target’s own GCCPUFraction is ${sizeWithInterval(naive, 'fraction')} (n = ${counted(naive.n, 'trial')}), but GC CPU in the window was ` +
      `${sizeWithInterval(windowed, 'fraction')}: GCCPUFraction is the mean since the process started, including start-up and warm-up.`,
  ];
}

function gcCpu(cell: CellAnalysis): number {
  return cell.estimates['gc.cpu_window']?.value ?? 0;
}
