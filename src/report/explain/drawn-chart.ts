import type { Chart } from '../charts/spec.ts';
import type { Content, Html } from '../html.ts';
import { html, trusted } from '../html.ts';
import { loadRenderer } from '../render.ts';

/** A chart in a frame of its own that scrolls, below its legend; undefined where there is nothing to draw. */
export async function drawnChart(name: string, chart: Chart | undefined, legend?: Content): Promise<Html | undefined> {
  if (chart === undefined) return undefined;
  const draw = await loadRenderer();
  const { svg } = await draw(chart);
  return html`${legend}
    <div class="scroll" tabindex="0" role="region" aria-label="${name}">${trusted(svg)}</div>`;
}
