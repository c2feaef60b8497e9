import { formatBytes, formatCount } from '../../units/format-units.ts';
import type { HeapAnalysis } from '../../heapdump/heap-analysis.ts';
import { byFunction } from './heapdump-text.ts';
import { views } from './heapdump-parts.ts';
import { treemapScript } from './heapdump-script.ts';
import { heapdumpStyle } from './heapdump-style.ts';
import { amountText, findings, objectText, placeText, shareText, telling, heldText } from './heapdump-words.ts';
import { html, trusted, type Content, type Html } from '../html.ts';
import { page } from '../page.ts';

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
  const { params } = analysis;
  const script = treemapScript();
  const shown = views(analysis);
  return page({
    title: `${file} – heap dump`,
    toolVersion,
    allowed: [`script-src 'sha256-${sha256(script)}'`],
    style: heapdumpStyle(),
    body: html`<header>
        <div class="bar">
          <span class="brand">gctune <span>heap dump</span></span>
        </div>
        <h1>${file}</h1>
        <p class="facts">
          <span>${params.goVersion}, ${params.goarch}</span> <span>${formatCount(params.cpus)} CPUs</span>
          <span>${formatCount(analysis.goroutines)} goroutines</span> <span>${amountText(analysis.all)}</span>
        </p>
      </header>
      <main>
        <section id="finding">
          <h2>What is in it</h2>
          ${findings(analysis).map((sentence, i) =>
            i < 2 ? html`<p class="lead">${sentence}</p>` : html`<p class="how">${sentence}</p>`,
          )}
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
            The area of a tile is its bytes. Click a tile, or press Enter, to look into it; Escape leads back. Arrow
            keys move between tiles. A tile within another is what that one alone holds: it would be garbage without it.
          </p>
        </section>
        <noscript><p class="note">The treemap needs a script; the tables say the same.</p></noscript>
        ${tables(analysis)}
      </main>
      <script type="application/json" id="heap">
        ${trusted(embedded(shown))}
      </script>
      ${trusted(`<script>${script}</script>`)}`,
  });
}

/** JSON that cannot end the element it stands in. */
function embedded(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

function tables(analysis: HeapAnalysis): readonly Html[] {
  const share = (bytes: number): string => shareText(bytes, analysis.all.bytes);
  return [
    table(
      'places',
      'What single places hold',
      'Without the place these objects would be garbage. What several places hold together stands nowhere here.',
      ['Retained', 'Share', 'Objects', 'Place'],
      telling(analysis.holders)
        .slice(0, ROWS)
        .map((holder) => [
          formatBytes(holder.retained.bytes),
          share(holder.retained.bytes),
          formatCount(holder.retained.objects),
          html`<code>${placeText(holder)}</code>`,
        ]),
    ),
    table(
      'objects',
      'Objects that hold most',
      'What would be garbage without the object, itself included, and one of the shortest ways by which it is held.',
      ['Retained', 'Share', 'Objects', 'Object', 'Held by', 'Allocated in'],
      analysis.bigObjects
        .slice(0, ROWS)
        .map((object) => [
          formatBytes(object.retained.bytes),
          share(object.retained.bytes),
          formatCount(object.retained.objects),
          objectText(object),
          html`<code>${heldText(object)}</code>`,
          object.stack?.[0] === undefined
            ? html`<span class="none">not sampled</span>`
            : html`<code>${object.stack[0].name}</code>`,
        ]),
    ),
    table(
      'slots',
      'Slot sizes',
      'Go gives an object the smallest slot that it fits in; the dump tells slots, not types.',
      ['Slot', 'Objects', 'Bytes', 'Share', 'Garbage', 'Pointers'],
      analysis.slotSizes.slice(0, ROWS).map(({ slotBytes, withPointers, reachable, perhaps, garbage }) => {
        const bytes = reachable.bytes + perhaps.bytes + garbage.bytes;
        return [
          `${formatCount(slotBytes)} B`,
          formatCount(reachable.objects + perhaps.objects + garbage.objects),
          formatBytes(bytes),
          share(bytes),
          formatBytes(garbage.bytes),
          withPointers ? 'yes' : 'no',
        ];
      }),
    ),
    table(
      'sites',
      'Where it was allocated',
      `Estimates: the runtime samples one allocation in 512 KiB, unless the program sets MemProfileRate. They add up to ${shareText(analysis.siteCoverage, 1)} of the heap.`,
      ['Live, about', 'Garbage, about', 'Samples', 'Function'],
      byFunction(analysis.sites)
        .slice(0, ROWS)
        .map(({ name, live, garbage, samples }) => [
          formatBytes(live),
          formatBytes(garbage),
          formatCount(samples),
          html`<code>${name}</code>`,
        ]),
    ),
  ].filter((one) => one !== undefined);
}

/** Columns whose cells are numbers; the others are text. */
const NUMBERS = new Set([
  'Retained',
  'Share',
  'Objects',
  'Slot',
  'Bytes',
  'Garbage',
  'Live, about',
  'Garbage, about',
  'Samples',
]);

function table(
  id: string,
  title: string,
  how: string,
  heads: readonly string[],
  rows: readonly (readonly Content[])[],
): Html | undefined {
  if (rows.length === 0) return undefined;
  const kind = (column: number): string => (NUMBERS.has(heads[column] ?? '') ? 'num' : 'said');
  return html`<section id="${id}">
    <h2>${title}</h2>
    <p class="how">${how}</p>
    <div class="scroll" tabindex="0" role="region" aria-label="${title}">
      <table>
        <thead>
          <tr>
            ${heads.map((head, i) => html`<th scope="col" class="${kind(i)}">${head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                ${row.map((cell, i) => html`<td class="${kind(i)}">${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}
