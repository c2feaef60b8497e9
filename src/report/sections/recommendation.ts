import type { Analysis } from '../../analysis/analysis.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { pasteForms } from '../recommend/paste.ts';
import { answerSentences } from '../recommend/recommend-words.ts';
import { ruleText } from '../recommend/rule-words.ts';
import { glued } from '../words.ts';

/** What the default rule recommends, or why it does not; undefined where the analysis is of an older version. */
export function recommendationSection({ recommendation }: Analysis): Html | undefined {
  if (recommendation === undefined) return undefined;
  const { chosen } = recommendation;
  const [lead = '', ...rest] = answerSentences(recommendation);
  const setting = chosen && pasteForms(chosen).find(({ name }) => name === 'environment');
  return html`<section id="recommendation">
    <h2>Recommendation</h2>
    <p class="lead">${glued(lead)}</p>
    ${
      rest.length > 0 &&
      html`<ul>
        ${rest.map((sentence) => html`<li>${glued(sentence)}</li>`)}
      </ul>`
    }${setting !== undefined && html`<pre>${setting.text}</pre>`}
    <p class="note">
      Chosen by: ${glued(ruleText(recommendation))}. Other limits, prices and the whole front:
      <code>gctune recommend</code>.
    </p>
  </section>`;
}
