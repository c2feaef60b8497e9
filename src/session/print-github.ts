import { EnvironmentError } from '../errors.ts';
import { openToAppend } from '../results/plain-file.ts';
import { githubAnnotations, githubSummary, type GithubAnswer } from '../report/github/github-answer.ts';
import type { Io } from '../cli/io.ts';

/**
 * Prints annotations on stdout, and appends the summary to the file that GitHub Actions names, if it names one. Throws EnvironmentError
 * where that cannot be written; the annotations have been printed then.
 */
export async function printGithub(answer: GithubAnswer, io: Io): Promise<void> {
  io.stdout.write(githubAnnotations(answer));
  await appendSummary(githubSummary(answer), io);
}

/** Throws what `printGithub` would throw, before the work is done whose answer is to be printed. */
export async function assertGithubSummary(io: Io): Promise<void> {
  await appendSummary('', io);
}

async function appendSummary(text: string, { env }: Io): Promise<void> {
  const file = env['GITHUB_STEP_SUMMARY'];
  if (file === undefined || file === '') return;
  try {
    const handle = await openToAppend(file);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EnvironmentError(
      'summary-not-writable',
      `the summary cannot be written to GITHUB_STEP_SUMMARY: ${reason}`,
      {
        hint: 'unset the variable to print annotations only',
        cause: error,
      },
    );
  }
}
