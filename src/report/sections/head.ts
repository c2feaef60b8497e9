import type { Analysis } from '../../analysis/analysis.ts';
import { RUNNER_FACTS } from '../../experiment/runner-names.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { schemeChoice } from '../page.ts';
import { counted } from '../../text/words.ts';
import { clockText, countedText, cutText, resumedText } from '../words.ts';

/** The top of the page: what was run, and on what. */
export function headSection(analysis: Analysis): Html {
  const { run } = analysis;
  const { experiment, artifact } = run;
  const cut = cutText(analysis);
  const resumed = resumedText(analysis);
  return html`<header>
    <div class="bar">
      <h1>${experiment.name}</h1>
      ${run.runner === 'simulated' && html`<p class="simulated" role="note">Simulated: a model, not a measurement</p>`}
      <p class="facts">
        <span>${artifact.description}</span>
        ${!artifact.description.includes(artifact.buildInfo.goVersion) && html`<span>${artifact.buildInfo.goVersion}</span>`}
        <span>GOMAXPROCS ${run.gomaxprocs}</span> <span>${RUNNER_FACTS[run.runner].words}</span>
        <span>${clockText(run.startedAt)}</span>
        <span>${counted(run.plan.blocks, 'block')}</span> ${resumed !== undefined && html`<span>${resumed}</span>`}
        <span>${countedText(analysis)}</span>
      </p>
      ${schemeChoice()}
    </div>
    ${cut !== undefined && html`<p class="cut" role="note">${cut}</p>`}
  </header>`;
}

/** Links to the sections. */
export function contents(sections: readonly { readonly id: string; readonly name: string }[]): Html {
  return html`<nav aria-label="Sections">
    <ul>
      ${sections.map(({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`)}
    </ul>
  </nav>`;
}
