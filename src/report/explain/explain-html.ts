import type { ExplanationDocument } from '../../analysis/explain/explanation-document.ts';
import { formatCount, formatFraction } from '../../units/format-units.ts';
import { waterfallChart } from '../charts/waterfall.ts';
import { explainRows, type ExplainRow } from './explain-rows.ts';
import { samplingText, scaleOf, signed, sourceText, sumText } from './explain-text.ts';
import type { Content } from '../html.ts';
import { html } from '../html.ts';
import { page } from '../page.ts';
import { loadRenderer } from '../render.ts';
import { chartSection } from '../sections/chart-section.ts';
import { table } from '../document/html-table.ts';
import { pageTheme } from '../theme.ts';

/** The explanation as one self-contained page without scripts: the sentences, the waterfall, the figures behind it. */
export async function explanationHtml(document: ExplanationDocument, toolVersion: string): Promise<string> {
  const { reconciliation: of, points, warnings, source } = document;
  const chart = waterfallChart(of, pageTheme, 'waterfall');
  const svg = chart === undefined ? undefined : (await (await loadRenderer())(chart)).svg;
  const [first, ...others] = points;
  return explainPage(
    `Where the memory is: ${source.name}`,
    toolVersion,
    sourceText(source),
    html`${
      warnings.length > 0 &&
      html`<section class="warnings">
        <h2>Warnings</h2>
        <ul>
          ${warnings.map((text) => html`<li>${text}</li>`)}
        </ul>
      </section>`
    }
    ${first !== undefined && html`<section><p class="lead">${first.text}</p></section>`}
    ${chartSection({
      id: 'waterfall',
      title: 'The sum',
      layout: 'pair',
      panels: svg === undefined ? [] : [{ name: undefined, svgs: [svg] }],
      absent: 'There is no chart: too little is known to add anything up.',
      reading: [
        'Each part begins where the one before it ends. “Go’s own” is what Go holds of the system (Sys − HeapReleased); from there to RSS is what lies outside Go. A dashed frame is memory that is mapped but not resident: it leads back to RSS.',
        'What was given back (hatched) takes no RAM and is in no sum.',
        sumText(of),
        ...(source.sampling === undefined ? [] : [samplingText(source.sampling)]),
      ],
      numbers: numbersOf(document),
    })}
    ${
      others.length > 0 &&
      html`<section id="finding">
        <h2>What that means</h2>
        <ul>
          ${others.map(({ text }) => html`<li>${text}</li>`)}
        </ul>
      </section>`
    }
    ${
      of.gaps.length > 0 &&
      html`<section id="gaps">
        <h2>What cannot be said</h2>
        <ul class="methods">
          ${of.gaps.map(({ field, lost }) => html`<li>${field} is missing: ${lost}.</li>`)}
        </ul>
      </section>`
    }`,
  );
}

/** A page about where the memory of something is; `about` names that. */
export function explainPage(title: string, toolVersion: string, about: string, sections: Content): string {
  return page({
    title,
    toolVersion,
    body: html`<header>
        <div class="bar">
          <p class="brand">gctune <span>${toolVersion}</span></p>
        </div>
        <h1>Where the memory is</h1>
        <p class="facts"><span>${about}</span></p>
      </header>
      <main>${sections}</main>`,
  });
}

function numbersOf({ reconciliation: of }: ExplanationDocument): Content {
  const scale = scaleOf(of);
  const rss = of.rssBytes;
  const share = ({ bytes, kind }: ExplainRow): Content =>
    rss === undefined || rss === 0 || kind === 'apart' ? '–' : signed(formatFraction(bytes / rss));
  return table(
    'Parts of the memory',
    [
      { head: 'part' },
      { head: 'size', unit: scale.suffix, numeric: true },
      { head: 'exactly', unit: 'bytes', numeric: true },
      { head: 'of RSS', numeric: true },
      { head: 'what it is' },
    ],
    explainRows(of).map((row) => ({
      cells: [
        row.kind === 'total' ? html`<b>${row.name}</b>` : row.kind === 'share' ? `– ${row.name}` : row.name,
        signed(scale.number(row.bytes)),
        signed(formatCount(row.bytes)),
        share(row),
        row.formula,
      ],
    })),
  );
}
