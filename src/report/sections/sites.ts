import type { Analysis } from '../../analysis/analysis.ts';
import { icicle, ORIGINS } from '../charts/icicle.ts';
import { html, type Html } from '../html.ts';
import { part } from '../part.ts';
import { ownModules, siteTables, type SiteTable } from '../sites.ts';
import { table } from '../document/html-table.ts';

/** Where the baseline's memory comes from: an icicle and a table for each workload; nothing where no profile was kept. */
export function siteSection(analysis: Analysis): Html | undefined {
  const modules = ownModules(analysis);
  const workloads = analysis.workloads.map((workload) => ({ workload, tables: siteTables(workload) }));
  const shown = workloads.filter(({ tables }) => tables.length > 0);
  if (shown.length === 0) return undefined;
  return part({
    id: 'sites',
    title: 'Where memory is allocated',
    said: 'the functions of the baseline that allocate and hold memory',
    body: html`<div class="how">
        <p>
          <b>How to read it.</b> Each row is one call deeper than the row above. The width of a box is the bytes of the
          function and of everything it calls. A function without a box below it allocates by itself. Hover over a box
          for its full name and values, click it to enter it; parts below 0.4&nbsp;% are not drawn.
        </p>
        <p>
          pprof profiles of the baseline: what was allocated during the window, from a separate trial that is used for
          nothing else, and what was still held after the window of the other trials, as of their last garbage
          collection. Both are the runtime’s estimates from samples, one per 512 KiB unless the target sets another
          rate: for one trial, 8 MiB of small objects are known to ±2 MiB, 0.5 MiB to ±0.5 MiB. The profile of the
          window also contains the allocations made by taking it.
        </p>
      </div>
      <ul class="legend">
        ${ORIGINS.map(({ fill, name }) => html`<li><i class="swatch part-${fill}"></i>${name}</li>`)}
      </ul>
      ${shown.map(({ workload, tables }) =>
        tables.map((one) => sitePanel(one, shown.length > 1 ? workload.workload : undefined, modules)),
      )}`,
  });
}

function sitePanel(one: SiteTable, workload: string | undefined, modules: readonly string[]): Html {
  const { sites, title, of, unit, rows } = one;
  const name = `${workload === undefined ? '' : `${workload}: `}${title}`;
  return html`<h3>${name} <span class="description">${of}</span></h3>
    <figure>
      <div class="scroll" tabindex="0" role="region" aria-label="${name}">
        ${icicle({ tree: sites.tree, totalBytes: sites.totalBytes, label: `${name}; the largest parts are in the table below`, modules })}
      </div>
    </figure>
    <details class="numbers">
      <summary>
        ${sites.kind === 'allocated' ? 'The functions that allocate most' : 'The functions whose allocations are held'}
      </summary>
      ${table(
        `${name}: functions`,
        [
          { head: 'function' },
          { head: 'itself', unit, numeric: true },
          { head: 'share', numeric: true },
          { head: 'with callees', unit, numeric: true },
          { head: 'share', numeric: true },
        ],
        rows.map(({ name: full, short, own, ownShare, all, allShare }) => ({
          cells: [html`<code title="${full}">${short}</code>`, own, ownShare, all, allShare],
        })),
        { cards: true },
      )}
    </details>`;
}
