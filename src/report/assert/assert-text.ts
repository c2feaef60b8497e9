import type { AssertionReport } from '../../analysis/assert/assertion-report.ts';
import { plainText } from '../../text/plain-text.ts';
import { wrapped } from '../text-layout.ts';
import { assertionRows, assertionSentence, ASSERTION_LEGEND } from './assert-words.ts';

/** The results for a terminal, one below the other. No control characters. */
export function assertionLines(report: AssertionReport, width: number): readonly string[] {
  return [
    assertionSentence(report),
    ...assertionRows(report).flatMap(({ outcome, cell, asserted, found, n, note }) => {
      const figure = found === '' ? [] : [`it is ${found}, n = ${n}`];
      const parts = [asserted, ...figure, ...(note === '' ? [] : [note])];
      return wrapped(plainText(`${outcome}: ${cell}: ${parts.join('; ')}`), width, '- ', '  ');
    }),
  ];
}

/** The answer of `gctune assert` as text. */
export function assertionText(
  run: string,
  report: AssertionReport,
  { width = 80 }: { readonly width?: number | undefined } = {},
): string {
  const columns = Math.max(40, width);
  const lines = [
    ...wrapped(plainText(run), columns, '', '  '),
    '',
    ...assertionLines(report, columns),
    '',
    ...wrapped(ASSERTION_LEGEND, columns, '', ''),
  ];
  return `${lines.join('\n')}\n`;
}
