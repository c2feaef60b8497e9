import type { Analysis } from '../../analysis/analysis.ts';
import { icicle, ORIGINS } from '../charts/icicle.ts';
import { html, type Html } from '../html.ts';
import { ownModules, siteTables, type SiteTable } from '../sites.ts';
import { table } from '../document/html-table.ts';

/** Where the baseline's memory comes from: an icicle and a table for each workload; nothing where no profile was kept. */
export function siteSection(analysis: Analysis): Html | undefined {
  const modules = ownModules(analysis);
  const workloads = analysis.workloads.map((workload) => ({ workload, tables: siteTables(workload) }));
  const shown = workloads.filter(({ tables }) => tables.length > 0);
  if (shown.length === 0) return undefined;
  return html`<section id="sites">
    <h2>Where memory is allocated</h2>
    <div class="how">
      <p>
        <b>How to read it.</b> A row is one call deeper than the row above it, a box is as wide as the bytes of the
        function and of all that it calls. What has no box below it allocates itself. Rest the pointer on a box for its
        full name and figures; parts below 0.4 % are not drawn.
      </p>
      <p>
        pprof’s profiles of the baseline: what was allocated during the window, in a trial of its own that counts for no
        figure, and what was still held when the window of the other trials was over, as their last garbage collection
        left it. Both are the runtime’s estimates from samples, one for each 512 KiB unless the target sets another
        rate: of one trial, 8 MiB of small objects are known to ±2 MiB, 0.5 MiB to ±0.5 MiB. The profile of the window
        holds what taking it allocated as well.
      </p>
    </div>
    <ul class="legend">
      ${ORIGINS.map(({ fill, name }) => html`<li><i class="swatch part-${fill}"></i>${name}</li>`)}
    </ul>
    ${shown.map(({ workload, tables }) =>
      tables.map((one) => sitePanel(one, shown.length > 1 ? workload.workload : undefined, modules)),
    )}
  </section>`;
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
      <summary>The functions that allocate most</summary>
      ${table(
        name,
        [
          { head: 'function' },
          { head: 'itself', unit, numeric: true },
          { head: 'share', numeric: true },
          { head: 'with all it calls', unit, numeric: true },
          { head: 'share', numeric: true },
        ],
        rows.map(({ name: full, short, own, ownShare, all, allShare }) => ({
          cells: [html`<code title="${full}">${short}</code>`, own, ownShare, all, allShare],
        })),
      )}
    </details>`;
}
