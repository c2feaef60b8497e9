import type { Io } from '../cli/io.ts';
import { COLUMNS_OF_A_PIPE, dressOf, styleOf, type ColorChoice } from '../cli/terminal/style.ts';
import { asTyped } from '../cli/typed-commands.ts';
import { toolVersion } from '../cli/tool-version.ts';
import type { Brief, BriefFoot } from '../report/brief/brief.ts';
import { briefText } from '../report/brief/brief-text.ts';
import type { Document } from '../report/document/document.ts';
import { documentPage } from '../report/document/document-page.ts';
import { writeMarkdown } from '../report/document/write-markdown.ts';
import { writeText } from '../report/document/write-text.ts';

/** The forms of a document for people. */
export type DocumentFormat = 'text' | 'md' | 'html';

/** How a command's document is written. */
export interface DocumentOptions {
  readonly format: DocumentFormat;
  /** The title of the page; of text and Markdown it is no part. */
  readonly title: string;
  /** `--color`; without it text has no colours. */
  readonly color?: ColorChoice;
  /** Text whose lines are never broken, since somebody copies from them or another program reads them. */
  readonly unbroken?: boolean;
}

/** An answer on one screen of a terminal; a file or a pipe gets all of its rows and cautions. */
export function writtenBrief(brief: Brief, foot: readonly BriefFoot[], color: ColorChoice, io: Io): string {
  return briefText(asTyped(brief, io), asTyped(foot, io), {
    width: io.stdout.size()?.columns ?? COLUMNS_OF_A_PIPE,
    uncut: io.stdout.size() === undefined,
    ...dressOf(styleOf(io.stdout, color, io.env)),
  });
}

/** The form that is printed: `--json` and `--verbose` are short for two of them. */
export function formOf<Format extends string>({
  format,
  json,
  verbose = false,
}: {
  readonly format: Format;
  readonly json: boolean;
  readonly verbose?: boolean;
}): Format | 'json' | 'text' {
  if (json) return 'json';
  return verbose && format === 'brief' ? 'text' : format;
}

/** A document in the form that was asked for; text is as wide as the terminal. */
export function writtenDocument(
  document: Document,
  { format, title, color = 'never', unbroken = false }: DocumentOptions,
  io: Io,
): string {
  switch (format) {
    case 'md':
      return writeMarkdown(document);
    case 'html':
      return documentPage(document, title, toolVersion());
    case 'text':
      return writeText(asTyped(document, io), {
        width: unbroken ? undefined : (io.stdout.size()?.columns ?? COLUMNS_OF_A_PIPE),
        uncut: io.stdout.size() === undefined,
        ...dressOf(styleOf(io.stdout, color, io.env)),
      });
  }
}
