import type { RunComparison } from '../../analysis/compare/run-comparison.ts';
import { METRICS } from '../../metrics/metrics.ts';
import { plainText } from '../../text/plain-text.ts';
import { alignedBlocks, wrapped } from '../text-layout.ts';
import { clockText } from '../words.ts';
import { compareTables } from './compare-rows.ts';
import { geometricMeanText, legend, verdictSentences } from './compare-words.ts';

/** How the comparison is laid out as text. */
export interface CompareTextOptions {
  /** Columns of the terminal; 80 where nothing is known. */
  readonly width?: number | undefined;
  /** Also the metrics in which no change is claimed. */
  readonly all: boolean;
}

/** Two runs side by side for a terminal: what changed, what to doubt, a table for each metric. No control characters. */
export function comparisonText(comparison: RunComparison, { width = 80, all }: CompareTextOptions): string {
  const columns = Math.max(40, width);
  const prose = (text: string, bullet = '', indent = bullet.replace(/./g, ' ')): readonly string[] =>
    wrapped(plainText(text), columns, bullet, indent);
  const lines = [
    ...(['base', 'new'] as const).flatMap((side) => {
      const { id, artifact, startedAt } = comparison[side];
      return prose(`${id}: ${artifact}, ${clockText(startedAt)}`, `${side.padEnd(5)} `);
    }),
    '',
    ...verdictSentences(comparison).flatMap((sentence) => prose(sentence)),
    ...comparison.warnings.flatMap(({ message }) => prose(`warning: ${message}`, '', '  ')),
    ...compareTables(comparison, all).flatMap(({ title, head, rows, notes }) => [
      '',
      ...prose(title),
      ...alignedBlocks(
        { head: [head[0] ?? ''], cells: rows.map((row) => plainText(row[0] ?? '')) },
        head.slice(1).map((name, i) => ({
          head: [name],
          cells: rows.map((row) => plainText(row[i + 1] ?? '')),
          // The verdict, p and the noise are read beside the change.
          joined: i > 2,
        })),
        columns,
      ),
      ...notes.flatMap((note) => prose(note, '- ')),
    ]),
    ...(comparison.geometricMeans.length === 0
      ? []
      : [
          '',
          'All cells together (geometric mean of new ÷ base):',
          ...comparison.geometricMeans
            .filter(({ metric }) => METRICS[metric].better !== 'neither')
            .flatMap((mean) => prose(geometricMeanText(mean), '- ')),
        ]),
    '',
    ...prose(legend(comparison)),
  ];
  return `${lines.join('\n')}\n`;
}
