import { plainText } from '../../text/plain-text.ts';
import type { Document } from '../document/document.ts';
import { writeMarkdown } from '../document/write-markdown.ts';
import type { JunitCase } from '../junit.ts';

/** What GitHub Actions is to show of an answer. Texts are untrusted. */
export interface GithubAnswer {
  /** The command, as the title of the annotations: `gctune compare`. */
  readonly title: string;
  /** Whether to worry, in one sentence. */
  readonly sentence: string;
  readonly cases: readonly JunitCase[];
  /** For the page of the job, or a comment on a pull request; the sentence comes first. */
  readonly summary: Document;
}

/** So many annotations of a kind are shown of a step; GitHub drops the others without a word. */
const MOST_OF_A_KIND = 10;

/**
 * Workflow commands: an error for what breaks a build, a warning for what is only said, and a notice with the sentence where
 * there is neither.
 */
export function githubAnnotations({ title, sentence, cases }: GithubAnswer): string {
  const lines = (['failure', 'skipped'] as const).flatMap((kind) => {
    const command = kind === 'failure' ? 'error' : 'warning';
    const found = cases.flatMap(({ name, complaint }) =>
      complaint?.kind === kind ? [`${name}: ${complaint.message}`] : [],
    );
    const shown = found.length > MOST_OF_A_KIND ? found.slice(0, MOST_OF_A_KIND - 1) : found;
    const left = found.length - shown.length;
    return [...shown, ...(left === 0 ? [] : [`${left} more; see the summary of the job`])].map((text) =>
      workflowCommand(command, title, text),
    );
  });
  return lines.length === 0 ? workflowCommand('notice', title, sentence) : lines.join('');
}

/** What is not plain in an annotation, as the runner's own toolkit escapes it. */
function workflowCommand(command: 'error' | 'warning' | 'notice', title: string, text: string): string {
  const data = (value: string): string =>
    plainText(value).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = data(title).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return `::${command} title=${property}::${data(text)}\n`;
}

/**
 * What a comment on a pull request may hold (65,536), less what a workflow writes around it. The summary of a job may be 16
 * times as long.
 */
const MOST_CHARACTERS = 65_000;

/** The summary in Markdown, without the parts that would not fit into a comment. */
export function githubSummary({ summary }: GithubAnswer): string {
  const left = 'What did not fit into a comment on GitHub is left out; `--format md` writes all of it.\n';
  let text = '';
  let cut = false;
  for (const block of summary) {
    const part = `${text === '' ? '' : '\n'}${writeMarkdown([block])}`;
    if (part.trim() === '') continue;
    if (text.length + part.length + left.length + 1 <= MOST_CHARACTERS) text += part;
    else cut = true;
  }
  return cut ? `${text}\n${left}` : text;
}
