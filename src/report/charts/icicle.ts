import type { SiteNode } from '../../analysis/per-cell/allocation-sites.ts';
import { commonScale, formatFraction } from '../../units/format-units.ts';
import { originOf, shortFunctionName, type Origin } from '../function-name.ts';
import { html, type Html } from '../html.ts';

/** What an icicle is drawn from. */
export interface Icicle {
  readonly tree: readonly SiteNode[];
  readonly totalBytes: number;
  /** What is said of it to those who do not see it. */
  readonly label: string;
  /** Paths of the program's own modules. */
  readonly modules: readonly string[];
}

/** The fills of the kinds of code, which are parts of memory elsewhere on the page. */
export const ORIGINS: readonly { readonly origin: Origin; readonly fill: string; readonly name: string }[] = [
  { origin: 'own', fill: 'objects', name: 'the program’s own modules' },
  { origin: 'foreign', fill: 'retained', name: 'modules it uses' },
  { origin: 'standard', fill: 'outside', name: 'Go’s standard library and runtime' },
];

/** Pixels from row to row. */
const ROW = 19;
/** Below this share of the width no letter can be read. */
const LEAST_LABELLED = 0.025;

interface Box {
  readonly node: SiteNode;
  readonly depth: number;
  /** Shares of the whole width. */
  readonly left: number;
  readonly width: number;
}

/**
 * A call tree from the root at the top down to what allocates: a row is a depth, a width is bytes. Boxes of HTML, not of
 * SVG, so that labels keep their size and end in an ellipsis however wide the page is. The names are untrusted text.
 */
export function icicle({ tree, totalBytes, label, modules }: Icicle): Html {
  const boxes = boxesOf(tree, totalBytes, 1, 0);
  const rows = 1 + Math.max(0, ...boxes.map(({ depth }) => depth));
  const scale = commonScale([totalBytes], 'bytes');
  return html`<div class="icicle" role="img" aria-label="${label}" style="height:${rows * ROW}px">
    <div class="site" style="left:0;top:0;width:100%">all, ${scale.format(totalBytes)}</div>
    ${boxes.map(
      ({ node, depth, left, width }) =>
        html`<div
          class="site part-${fillOf(node.name, modules)}"
          style="left:${percent(left)};top:${depth * ROW}px;width:${percent(width)}"
          title="${`${node.name}\n${scale.format(node.bytes)}, ${formatFraction(width)}`}"
        >
          ${width >= LEAST_LABELLED && shortFunctionName(node.name)}
        </div>`,
    )}
  </div>`;
}

/** Style sheet of icicles. */
export const ICICLE_STYLE = `.icicle{position:relative;min-width:44rem;font-size:.74rem;line-height:${ROW - 1}px}
.icicle .site{position:absolute;height:${ROW - 1}px;padding:0 .25em;overflow:hidden;white-space:nowrap;text-overflow:ellipsis;border-left:1px solid var(--paper);background:var(--panel)}
[role=tree] .site{cursor:pointer}
.icicle.searched .site{opacity:.35}
.icicle.searched .sought{opacity:1;font-weight:600}
.icicle .site:focus-visible,.icicle .site:hover{outline:2px solid var(--ink);outline-offset:-2px}
${ORIGINS.map(({ fill }) => `.icicle .part-${fill}{background:var(--${fill});color:var(--on-${fill})}`).join('\n')}
@media print{.icicle{min-width:0}}
`;

function boxesOf(nodes: readonly SiteNode[], total: number, depth: number, start: number): readonly Box[] {
  let left = start;
  return nodes.flatMap((node) => {
    const width = total > 0 ? node.bytes / total : 0;
    const box = { node, depth, left, width };
    left += width;
    return [box, ...boxesOf(node.children, total, depth + 1, box.left)];
  });
}

function fillOf(name: string, modules: readonly string[]): string {
  const origin = originOf(name, modules);
  return ORIGINS.find((one) => one.origin === origin)?.fill ?? '';
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(3))}%`;
}
