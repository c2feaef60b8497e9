import type { Analysis } from '../../analysis/analysis.ts';
import { RUNNER_FACTS } from '../../experiment/runner-names.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { clockText, countedText, cutText } from '../words.ts';

/** The top of the page: what was run, on what, and a choice of light or dark. */
export function headSection(analysis: Analysis): Html {
  const { run } = analysis;
  const { experiment, artifact } = run;
  const cut = cutText(analysis);
  return html`<header>
    <div class="bar">
      <p class="brand">gctune <span>${run.toolVersion}</span></p>
      <fieldset class="scheme">
        <legend>Colours</legend>
        ${(['auto', 'light', 'dark'] as const).map(
          (scheme) =>
            html`<label
              ><input
                type="radio"
                name="scheme"
                id="scheme-${scheme}"
                ${scheme === 'auto' && html` checked`}
              />${scheme}</label
            >`,
        )}
      </fieldset>
    </div>
    ${run.runner === 'simulated' && html`<p class="simulated" role="note">Simulated: a model, not a measurement</p>`}
    <h1>${experiment.name}</h1>
    ${experiment.description !== undefined && html`<p class="description">${experiment.description}</p>`}
    <p class="facts">
      <span>${artifact.description}</span> <span>${artifact.buildInfo.goVersion}</span>
      <span>GOMAXPROCS ${run.gomaxprocs}</span>
      <span>${RUNNER_FACTS[run.runner].words}</span>
      <span>${clockText(run.startedAt)}</span> <span>${countedText(analysis)}</span>
    </p>
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
