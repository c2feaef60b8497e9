import { EnvironmentError } from '../errors.ts';
import { openToAppend } from '../results/plain-file.ts';
import { githubAnnotations, githubSummary, type GithubAnswer } from '../report/github/github-answer.ts';
import type { Io } from '../cli/io.ts';

/** Prints annotations on stdout, and appends the summary to the file that GitHub Actions names, if it names one. Throws EnvironmentError. */
export async function printGithub(answer: GithubAnswer, io: Io): Promise<void> {
  const file = io.env['GITHUB_STEP_SUMMARY'];
  if (file !== undefined && file !== '') {
    try {
      const handle = await openToAppend(file);
      try {
        await handle.writeFile(githubSummary(answer));
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
  io.stdout.write(githubAnnotations(answer));
}
