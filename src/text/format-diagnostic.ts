import type { Diagnostic } from '../errors.ts';
import { plainText } from './plain-text.ts';

/** Longest line of source that is shown whole. */
const WIDEST = 100;

/** A diagnostic as compilers print them: `file:line:column: message [code]`, and the hint indented below. */
export function formatDiagnostic({ at, message, code, hint }: Diagnostic): string {
  const place = at === undefined ? '' : typeof at === 'string' ? `${at}: ` : `${at.file}:${at.line}:${at.column}: `;
  return plainText(`${place}${message} [${code}]`) + (hint === undefined ? '' : `\n  ${plainText(hint)}`);
}

/** As `formatDiagnostic`, with the line that it is about and a caret under the place, where the text is at hand. */
export function renderDiagnostic(diagnostic: Diagnostic, sourceText?: string): string {
  const { at, hint, ...rest } = diagnostic;
  const head = formatDiagnostic(at === undefined ? rest : { ...rest, at });
  const line = typeof at === 'object' ? sourceText?.split(/\r\n|\n|\r/)[at.line - 1] : undefined;
  const shown =
    typeof at !== 'object' || line === undefined || line.trim() === '' ? '' : excerpt(line, at.line, at.column);
  return `${head}${shown}${hint === undefined ? '' : `\n  ${plainText(hint)}`}`;
}

function excerpt(line: string, number: number, column: number): string {
  // One character for one, so that the caret stays under its place; the part around the place where the line is long.
  const harmless = Array.from(line, (character) =>
    plainText(character) === '' || character === '\t' ? ' ' : character,
  );
  const from = column > WIDEST - 20 ? column - WIDEST / 2 : 0;
  const margin = ' '.repeat(String(number).length);
  const source = harmless
    .slice(from, from + WIDEST)
    .join('')
    .trimEnd();
  return `\n  ${number} | ${source}\n  ${margin} | ${' '.repeat(Math.max(0, column - 1 - from))}^`;
}
