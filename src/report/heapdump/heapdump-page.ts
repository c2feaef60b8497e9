import type { HeapAnalysis } from '../../heapdump/heap-analysis.ts';
import { writeSections } from '../document/document-page.ts';
import { writeHtml } from '../document/write-html.ts';
import { heapdumpFindings, heapdumpTables } from './heapdump-document.ts';
import { views } from './heapdump-parts.ts';
import { treemapScript } from './heapdump-script.ts';
import { heapdumpStyle } from './heapdump-style.ts';
import { html, trusted } from '../html.ts';
import { page, pageBar } from '../page.ts';

/** What the page says of its making. */
export interface PageFacts {
  /** Name of the dump. Untrusted text. */
  readonly file: string;
  readonly toolVersion: string;
  /** The base64 of the SHA-256 of a text, by which the page allows its own script and no other. */
  readonly sha256: (text: string) => string;
}

const ROWS = 25;

/** A heap dump as one page of HTML that needs no network: what was found, a treemap to explore, tables. */
export function heapdumpPage(analysis: HeapAnalysis, { file, toolVersion, sha256 }: PageFacts): string {
  const script = treemapScript();
  const shown = views(analysis);
  return page({
    title: `${file} – heap dump`,
    toolVersion,
    script: { code: script, hash: sha256(script), data: shown },
    style: heapdumpStyle(),
    body: html`<header>
        ${pageBar(toolVersion)}
        <h1>${file}</h1>
      </header>
      <main>
        <section id="finding">
          <h2>What is in it</h2>
          ${writeHtml(heapdumpFindings(analysis, file))}
        </section>
        <section id="explore" hidden>
          <h2 id="explore-title">Explore</h2>
          <fieldset class="views">
            <legend>Divide the heap</legend>
            ${shown.map(
              ({ name }, i) =>
                html`<label
                  ><input type="radio" name="view" value="${i}" ${i === 0 && trusted('checked')} /> ${name}</label
                >`,
            )}
          </fieldset>
          <ol id="crumbs" aria-label="Where you are"></ol>
          <div id="map" role="group" aria-labelledby="explore-title" aria-describedby="keys"></div>
          <p id="detail" aria-live="polite"></p>
          <p class="note" id="keys">
            The area of a tile is its size in bytes. Click a tile, or press Enter, to zoom in; Escape goes back. Arrow
            keys move between tiles. A tile within another is what that one alone retains: it would be garbage without
            it.
          </p>
        </section>
        <noscript><p class="note">The treemap needs JavaScript; the tables show the same data.</p></noscript>
        ${writeSections(heapdumpTables(analysis, ROWS))}
      </main>`,
  });
}
