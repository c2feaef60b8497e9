import type { Analysis } from '../../analysis/analysis.ts';
import { assertionSentence } from '../assert/assert-words.ts';
import { hasChoice } from '../comparison.ts';
import { factorSentences } from '../compare/factor-document.ts';
import { tradeOffOf } from '../charts/trade-off-points.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import type { Renderer } from '../render.ts';
import { factsLine } from '../sections/head.ts';
import type { Theme } from '../theme.ts';
import { glued } from '../words.ts';
import { pasteHtml, verdictHtml } from './answer-parts.ts';
import { boardFigure } from './board.ts';
import { controls } from './controls.ts';
import { notes, sureMarks } from './how-sure.ts';

/** The first screen: what to set, the trade-off, the reader's own limits and prices, the setting to paste, how sure that is. */
export async function answerSection(analysis: Analysis, theme: Theme, draw: Renderer): Promise<Html> {
  const { workloads, assertions, factors = [] } = analysis;
  const recommendation = hasChoice(workloads) ? analysis.recommendation : undefined;
  const tradeOff = tradeOffOf(workloads);
  return html`<section id="answer" aria-label="The answer">
    ${
      assertions !== undefined &&
      html`<p class="asserted"><a href="#assertions">${assertionSentence(assertions)}</a></p>`
    }
    ${factors.flatMap(factorSentences).map((text) => html`<p class="say">${glued(text)}</p>`)}
    <div id="verdict" aria-live="polite">
      ${recommendation === undefined ? unanswered(analysis) : verdictHtml(recommendation)}
    </div>
    <div class="screen">
      ${
        tradeOff === undefined || recommendation === undefined
          ? html`<figure id="trade-off">
              <p class="hint">No chart: no cell could be compared with the baseline in both memory and CPU.</p>
            </figure>`
          : await boardFigure(tradeOff, { recommendation, workloads, run: analysis.run }, theme, draw)
      }
      <div class="side">
        ${recommendation !== undefined && controls(analysis, recommendation)}
        ${
          recommendation !== undefined &&
          html`<div class="paste">
            <h2>The setting to paste</h2>
            <div id="paste">${pasteHtml(recommendation)}</div>
          </div>`
        }
      </div>
      <div class="sure">
        <h2>How sure</h2>
        ${sureMarks(analysis)}${notes(analysis)}${factsLine(analysis)}
      </div>
    </div>
  </section>`;
}

/** Why no setting is named at all. */
function unanswered({ recommendation, factors = [] }: Analysis): Html {
  if (recommendation === undefined)
    return html`<p class="say">This analysis is of an older version of gctune and has no recommendation.</p>`;
  return factors.length > 0
    ? html``
    : html`<p class="say">One setting was measured: there is nothing to choose between.</p>`;
}
