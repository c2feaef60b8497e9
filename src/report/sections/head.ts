import type { Analysis } from '../../analysis/analysis.ts';
import { RUNNER_FACTS } from '../../experiment/runner-names.ts';
import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { schemeChoice } from '../page.ts';
import { blocksRunText, clockText, countedText, cutText, resumedText } from '../words.ts';

/** The top of the page, one line before the answer: what was run, and that it is a model or was cut short. */
export function headSection(analysis: Analysis): Html {
  const { run } = analysis;
  const cut = cutText(analysis);
  return html`<header>
    <div class="bar">
      <h1>${run.experiment.name}</h1>
      ${run.runner === 'simulated' && html`<p class="simulated" role="note">Simulated: a model, not a measurement</p>`}
      ${schemeChoice()}
    </div>
    ${cut !== undefined && html`<p class="cut" role="note">${cut}</p>`}
  </header>`;
}

/** What the figures are of: the program, where and when it ran, how many trials count. It stands below the answer. */
export function factsLine(analysis: Analysis): Html {
  const { run } = analysis;
  const { description, buildInfo } = run.artifact;
  const model = run.runner === 'simulated';
  const resumed = resumedText(analysis);
  const facts = [
    description,
    ...(model || description.includes(buildInfo.goVersion) ? [] : [buildInfo.goVersion]),
    `GOMAXPROCS ${run.gomaxprocs}`,
    ...(model ? [] : [RUNNER_FACTS[run.runner].words]),
    clockText(run.startedAt),
    blocksRunText(analysis),
    ...(resumed === undefined ? [] : [resumed]),
    countedText(analysis),
  ];
  return html`<p class="facts">${facts.map((fact) => html`<span>${fact}</span> `)}</p>`;
}

/** Links to the sections. */
export function contents(sections: readonly { readonly id: string; readonly name: string }[]): Html {
  return html`<nav aria-label="Sections">
    <ul>
      ${sections.map(({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`)}
    </ul>
  </nav>`;
}
