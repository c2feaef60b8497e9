import type { Content, Html } from '../html.ts';
import { html, trusted } from '../html.ts';
import { part } from '../part.ts';

/** Charts that have been drawn, under the name of what they are of. */
export interface DrawnCharts {
  readonly name: string | undefined;
  readonly charts: readonly { readonly title: string; readonly svg: string }[];
}

/** What a section with charts is made of. */
export interface ChartSection {
  readonly id: string;
  readonly title: string;
  /** What it shows, in a line. */
  readonly said: string;
  readonly open?: boolean;
  /** How to read it: one or two short paragraphs. */
  readonly reading: readonly Content[];
  /** `wide`: one under the other; `pair`: side by side where there is room; `groups`: so within each panel. */
  readonly layout: 'wide' | 'pair' | 'groups';
  readonly legend?: Html | undefined;
  readonly panels: readonly DrawnCharts[];
  /** Said in place of the charts where there are none. */
  readonly absent: string;
  /** What stands between the charts and their numbers. */
  readonly more?: Content;
  /** The numbers behind the charts, folded. */
  readonly numbers: Content;
}

/** A section: the charts, how to read them, and their numbers in a table. */
export function chartSection(section: ChartSection): Html {
  const { id, title, said, open = false, panels, legend, reading, absent, more, numbers, layout } = section;
  if (panels.length === 0) return part({ id, title, said: 'no figures', body: html`<p class="how">${absent}</p>` });
  const how = html`<div class="how">
    <p><b>How to read it.</b> ${reading[0]}</p>
    ${reading.slice(1).map((text) => html`<p>${text}</p>`)}
  </div>`;
  return part({
    id,
    title,
    said,
    open,
    body: html`${
        // A lone chart does not fill the page: the words stand beside it.
        layout === 'pair' && panels.length === 1
          ? html`<div class="pair">${figures(panels)}${how}</div>`
          : html`${how}${legend}${layout === 'groups' ? panels.map(group) : html`<div class="${layout}">${figures(panels)}</div>`}`
      }${more}
      <details class="numbers">
        <summary>The numbers</summary>
        ${numbers}
      </details>`,
  });
}

function group({ name, charts }: DrawnCharts): Html {
  return html`${name !== undefined && html`<h3>${name}</h3>`}
    <div class="pair">
      ${charts.map(({ title, svg }) => figure(name === undefined ? title : `${title}, ${name}`, undefined, svg))}
    </div>`;
}

/** Charts under the names of what they are of. */
export function figures(panels: readonly DrawnCharts[]): readonly Html[] {
  return panels.flatMap(({ name, charts }) =>
    charts.map(({ title, svg }) => figure(name === undefined ? title : `${title}, ${name}`, name, svg)),
  );
}

function figure(label: string, name: string | undefined, svg: string): Html {
  return html`<figure>
    ${name !== undefined && html`<figcaption>${name}</figcaption>`}
    <div class="scroll" tabindex="0" role="region" aria-label="${label}">${trusted(svg)}</div>
  </figure>`;
}
