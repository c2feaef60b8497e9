import type { Html } from '../html.ts';
import { html } from '../html.ts';
import { MEMORY_PARTS } from '../memory-parts.ts';

/** What the colours of a composition of memory stand for. */
export function memoryLegend(): Html {
  return html`<ul class="legend">
    ${MEMORY_PARTS.map(
      ({ name, formula, fill }) => html`<li title="${formula}"><i class="swatch part-${fill}"></i>${name}</li>`,
    )}
    <li><i class="swatch tick"></i>RSS</li>
    <li><i class="swatch hatched"></i>returned</li>
  </ul>`;
}
