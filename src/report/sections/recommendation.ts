import type { Analysis } from '../../analysis/analysis.ts';
import { writeHtml } from '../document/write-html.ts';
import type { Html } from '../html.ts';
import { part } from '../part.ts';
import { answerBlocks } from '../recommend/recommend-document.ts';
import { ruleText } from '../recommend/rule-words.ts';

/** What the default rule recommends, or why it does not; undefined where the analysis is of an older version. */
export function recommendationSection({ recommendation }: Analysis): Html | undefined {
  if (recommendation === undefined) return undefined;
  return part({
    id: 'recommendation',
    title: 'Why this setting',
    said: `chosen by: ${ruleText(recommendation)}`,
    body: writeHtml([
      ...answerBlocks(recommendation),
      {
        kind: 'note',
        text: ['Other limits, prices and the whole front: ', { text: 'gctune recommend', as: 'code' }, '.'],
      },
    ]),
  });
}
