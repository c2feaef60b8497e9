import type { AssertionReport } from '../../analysis/assert/assertion-report.ts';
import { escaped } from '../document/escaped-markdown.ts';
import { assertionRows, assertionSentence, ASSERTION_LEGEND } from './assert-words.ts';

const HEAD = ['result', 'cell', 'asserted', 'found', 'n', 'note'];

/** The results as GitHub's Markdown: a sentence, a table, how to read it. */
export function assertionParts(report: AssertionReport): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rows = assertionRows(report).map(({ severity, outcome, cell, asserted, found, n, note }) =>
    line([severity === 'ok' ? outcome : `**${outcome}**`, ...[cell, asserted, found, n, note].map(escaped)]),
  );
  return [
    assertionSentence(report),
    ...(rows.length === 0 ? [] : [[line(HEAD), line(HEAD.map(() => '---')), ...rows].join('\n')]),
    ASSERTION_LEGEND,
  ];
}

/** The answer of `gctune assert` as Markdown. */
export function assertionMarkdown(run: string, report: AssertionReport): string {
  return `${[`# Assertions of ${escaped(run)}`, ...assertionParts(report)].join('\n\n')}\n`;
}
