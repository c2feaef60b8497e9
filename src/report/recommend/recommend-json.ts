import type { Confirmation } from '../../analysis/recommend/confirmation.ts';
import { jsonDocument } from '../../text/json-text.ts';
import type { Recommendation } from '../../analysis/recommend/recommendation.ts';
import type { Warning } from '../../metrics/warning.ts';
import { confirmationSentences } from './confirmation-words.ts';
import { pasteForms } from './paste.ts';
import { answerSentences } from './recommend-words.ts';
import { memoryLimitSentences } from './memory-limit-words.ts';
import { assumptions } from './rule-notes.ts';

/** The recommendation as one JSON document, with the warnings of its run. */
export function recommendationJson(
  recommendation: Recommendation,
  warnings: readonly Warning[],
  confirmations: readonly Confirmation[] = [],
): string {
  const { chosen } = recommendation;
  const document = {
    ...recommendation,
    warnings,
    sentences: answerSentences(recommendation),
    assumptions: assumptions(recommendation),
    memoryLimit: chosen === undefined ? undefined : memoryLimitSentences(chosen.memoryLimit),
    confirmations: confirmations.map((one) => ({ ...one, sentences: confirmationSentences(one) })),
    paste:
      recommendation.chosen &&
      Object.fromEntries(pasteForms(recommendation.chosen).map(({ name, text }) => [name, text])),
  };
  return jsonDocument(document);
}
