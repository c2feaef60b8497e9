import type { RunComparison } from '../../analysis/compare/run-comparison.ts';
import { METRICS } from '../../metrics/metrics.ts';
import { clockText } from '../words.ts';
import { escaped } from '../document/escaped-markdown.ts';
import { compareTables } from './compare-rows.ts';
import { geometricMeanText, legend, verdictSentences } from './compare-words.ts';

/** The comparison as GitHub's markdown. Names and descriptions are escaped: they are what somebody wrote. */
export function comparisonMarkdown(comparison: RunComparison, all: boolean): string {
  const row = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  const lines = [
    '# Comparison',
    '',
    ...(['base', 'new'] as const).map((side) => {
      const { id, artifact, startedAt } = comparison[side];
      return `- ${side}: ${escaped(`${id}: ${artifact}, ${clockText(startedAt)}`)}`;
    }),
    '',
    ...verdictSentences(comparison).map((sentence) => `- ${escaped(sentence)}`),
    '',
    ...comparison.warnings.map(({ message }) => `> **Warning:** ${escaped(message)}\n`),
    ...compareTables(comparison, all).flatMap(({ title, head, rows, notes }) => [
      `### ${escaped(title)}`,
      '',
      row(head),
      `|${head.map((_, i) => (i === 0 ? ' --- |' : ' ---: |')).join('')}`,
      ...rows.map(row),
      '',
      ...notes.map((note) => `- ${escaped(note)}`),
      ...(notes.length > 0 ? [''] : []),
    ]),
    ...comparison.geometricMeans
      .filter(({ metric }) => METRICS[metric].better !== 'neither')
      .map((mean) => `- geometric mean: ${escaped(geometricMeanText(mean))}`),
    '',
    escaped(legend(comparison)),
  ];
  return `${lines.join('\n')}\n`;
}
