import type { AssertionReport } from '../../analysis/assert/assertion-report.ts';
import { counted } from '../../text/words.ts';
import type { GithubAnswer } from '../github/github-answer.ts';
import { assertionBlocks, type AssertedRun } from './assert-document.ts';
import { assertionCases } from './assert-junit.ts';
import { assertionSentence } from './assert-words.ts';

/** The answer of `gctune assert` as GitHub Actions shows it: whether to worry, and the table of the assertions. */
export function assertionGithub({ experimentFile }: AssertedRun, report: AssertionReport): GithubAnswer {
  const errors = report.results.filter(({ severity }) => severity === 'error').length;
  const worry = errors === 0 ? 'Nothing fails' : `${counted(errors, 'assertion')} ${errors === 1 ? 'fails' : 'fail'}`;
  return {
    title: 'gctune assert',
    sentence: `${worry}. ${assertionSentence(report)}`,
    cases: assertionCases(report, experimentFile),
    summary: [
      { kind: 'prose', text: [{ text: `${worry}.`, as: 'strong' }], lead: true },
      ...assertionBlocks(report, experimentFile),
    ],
  };
}
