import type { Content, Html } from './html.ts';
import { html } from './html.ts';

/** A section below the first screen. */
export interface Part {
  /** Its address on the page. */
  readonly id: string;
  readonly title: string;
  /** What it shows, in a line that can be read alone; it stands beside the title even where the section is folded. */
  readonly said: string;
  /** Shown without being asked for. */
  readonly open?: boolean;
  readonly body: Content;
}

/** A section that folds under its title and what it shows. Print shows all of it. */
export function part({ id, title, said, open = false, body }: Part): Html {
  return html`<section id="${id}" class="part">
    <a class="here" href="#${id}" aria-label="Address of ${title}">#</a>
    <details ${open && html`open`}>
      <summary>
        <h2>${title}</h2>
        ${said !== '' && html`<span class="said">${said}</span>`}
      </summary>
      ${body}
    </details>
  </section>`;
}
