import type { Io } from '../cli/io.ts';
import type { ColorChoice } from '../cli/terminal/style.ts';
import type { Brief, BriefFoot } from '../report/brief/brief.ts';
import type { Document } from '../report/document/document.ts';
import { jsonDocument } from '../text/json-text.ts';
import { plainText } from '../text/plain-text.ts';
import { writeOutput } from './write-output.ts';
import { formOf, writtenBrief, writtenDocument, type DocumentFormat } from './written-document.ts';

/** What a command that prints for people is called with. */
export interface PrintValues {
  readonly format: DocumentFormat | 'brief' | 'json';
  /** Another way to ask for the format `json`. */
  readonly json: boolean;
  readonly color: ColorChoice;
  /** All of the answer, where it has a brief form. */
  readonly verbose?: boolean;
  /** A file that the page is written to as well. */
  readonly output?: string | undefined;
}

/** What a command answers. */
export interface Answer {
  /** The title of the page. */
  readonly title: string;
  /** For people. */
  readonly document: Document;
  /** For people in a hurry; without it `brief` is all of it. */
  readonly brief?: { readonly brief: Brief; readonly foot: readonly BriefFoot[] };
  /** For programs. */
  readonly json: unknown;
  /** The page, where there is more on it than the document. */
  readonly page?: () => string | Promise<string>;
  /** Text whose lines are never broken: they hold paths, or other programs look for them. */
  readonly unbroken?: boolean;
}

/** Prints an answer in the form that was asked for. */
export async function printAnswer(answer: Answer, values: PrintValues, io: Io): Promise<void> {
  const { title, document, brief, json, page, unbroken = false } = answer;
  const { color } = values;
  const asked = formOf(values);
  const format = asked === 'brief' && brief === undefined ? 'text' : asked;
  if (format === 'json') io.stdout.write(jsonDocument(json));
  else if (format === 'brief') {
    if (brief !== undefined) io.stdout.write(writtenBrief(brief.brief, brief.foot, color, io));
  } else if (format === 'html' && page !== undefined) io.stdout.write(await page());
  else io.stdout.write(writtenDocument(document, { format, title, color, unbroken }, io));
  if (values.output === undefined || page === undefined) return;
  await writeOutput(await page(), values.output, io.cwd);
  io.stderr.write(`Page: ${plainText(values.output)}\n`);
}
