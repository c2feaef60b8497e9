import type { Analysis } from '../../analysis/analysis.ts';
import { writeHtml } from '../document/write-html.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { pasteForms } from '../recommend/paste.ts';
import { answerBlocks } from '../recommend/recommend-document.ts';
import { ruleText } from '../recommend/rule-words.ts';

/** What the default rule recommends, or why it does not; undefined where the analysis is of an older version. */
export function recommendationSection({ recommendation }: Analysis): Html | undefined {
  if (recommendation === undefined) return undefined;
  const { chosen } = recommendation;
  const setting = chosen && pasteForms(chosen).find(({ name }) => name === 'environment');
  return html`<section id="recommendation">
    <h2>Recommendation</h2>
    ${writeHtml([
      ...answerBlocks(recommendation),
      ...(setting === undefined ? [] : ([{ kind: 'code', text: setting.text }] as const)),
      {
        kind: 'note',
        text: [
          `Chosen by: ${ruleText(recommendation)}. Other limits, prices and the whole front: `,
          { text: 'gctune recommend', as: 'code' },
          '.',
        ],
      },
    ])}
  </section>`;
}
