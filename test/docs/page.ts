import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lexer, type Token, type Tokens } from 'marked';

/** The checkout. */
export const root = join(import.meta.dirname, '../..');

/** A fenced block of a page: ```` ```sh run ```` is of the language `sh`, and is told `run`. */
export interface Block {
  readonly language: string;
  readonly told: string;
  readonly text: string;
}

/** Every token of a page, those within lists, quotes and tables too. */
export function tokensOf(page: string): readonly Token[] {
  const found: Token[] = [];
  const look = (tokens: readonly Token[]): void => {
    for (const token of tokens) {
      found.push(token);
      if ('tokens' in token && token.tokens !== undefined) look(token.tokens);
      if (token.type === 'list') look((token as Tokens.List).items);
      if (token.type === 'table') {
        const { header, rows } = token as Tokens.Table;
        for (const cell of [...header, ...rows.flat()]) look(cell.tokens);
      }
    }
  };
  look(lexer(readFileSync(join(root, page), 'utf8')));
  return found;
}

/** The fenced blocks of a page, in its order. */
export function blocksOf(page: string): readonly Block[] {
  return tokensOf(page).flatMap((token) => {
    if (token.type !== 'code' || (token as Tokens.Code).codeBlockStyle === 'indented') return [];
    const [language = '', ...told] = ((token as Tokens.Code).lang ?? '').split(' ');
    return [{ language, told: told.join(' '), text: (token as Tokens.Code).text }];
  });
}

/** The rows of all tables of a page that have this column, each as the texts of its cells by column. */
export function tablesOf(page: string, column: string): readonly Readonly<Record<string, string>>[] {
  return tokensOf(page).flatMap((token) => {
    if (token.type !== 'table') return [];
    const { header, rows } = token as Tokens.Table;
    if (!header.some(({ text }) => text === column)) return [];
    return rows.map((row) => Object.fromEntries(row.map(({ text }, index) => [header[index]?.text ?? '', text])));
  });
}
