import type { Io } from '../cli/io.ts';
import type { ColorChoice } from '../cli/terminal/style.ts';
import type { Document } from '../report/document/document.ts';
import { jsonDocument } from '../text/json-text.ts';
import { plainText } from '../text/plain-text.ts';
import { writeOutput } from './write-output.ts';
import { writtenDocument, type DocumentFormat } from './written-document.ts';

/** What a command that prints for people is called with. */
export interface PrintValues {
  readonly format: DocumentFormat | 'json';
  /** Another way to ask for the format `json`. */
  readonly json: boolean;
  readonly color: ColorChoice;
  /** A file that the page is written to as well. */
  readonly output?: string | undefined;
}

/** What a command answers. */
export interface Answer {
  /** The title of the page. */
  readonly title: string;
  /** For people. */
  readonly document: Document;
  /** For programs. */
  readonly json: unknown;
  /** The page, where there is more on it than the document. */
  readonly page?: () => string | Promise<string>;
  /** Text whose lines are never broken: they hold paths, or other programs look for them. */
  readonly unbroken?: boolean;
}

/** Prints an answer in the form that was asked for. */
export async function printAnswer(answer: Answer, values: PrintValues, io: Io): Promise<void> {
  const { title, document, json, page, unbroken = false } = answer;
  const { color, format } = values;
  if (values.json || format === 'json') io.stdout.write(jsonDocument(json));
  else if (format === 'html' && page !== undefined) io.stdout.write(await page());
  else io.stdout.write(writtenDocument(document, { format, title, color, unbroken }, io));
  if (values.output === undefined || page === undefined) return;
  await writeOutput(await page(), values.output, io.cwd);
  io.stderr.write(`Page: ${plainText(values.output)}\n`);
}
