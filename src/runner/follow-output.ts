import type { OutputLine } from '../results/format.ts';

/** How many of the last lines of a program that failed are shown. */
const shownLines = 20;

/** The end of a program's output, while it is read. */
export interface FollowedOutput {
  /** The last lines so far. Untrusted text. */
  readonly tail: readonly string[];
  /** Resolves when the output has ended. */
  readonly ended: Promise<void>;
}

/** Reads a program's output to its end and keeps the last lines. */
export function followOutput(
  output: AsyncIterable<OutputLine>,
  onLine: (text: string) => void = () => undefined,
): FollowedOutput {
  const tail: string[] = [];
  const ended = (async () => {
    for await (const { text } of output) {
      tail.push(text);
      if (tail.length > shownLines) tail.shift();
      onLine(text);
    }
  })();
  return { tail, ended };
}
