import { withoutHidden } from './html.ts';

/** What Vega writes of every mark and what a picture with a title needs nothing of. */
const SUPERFLUOUS = [
  / (?:aria-hidden|aria-roledescription|role|pointer-events|class|xmlns:xlink|version|stroke-miterlimit)="[^"]*"/g,
  / font-family="inherit"/g,
  / opacity="1"/g,
  // Labels of an axis that found no room.
  /<text [^>]*opacity="0"[^>]*>[^<]*<\/text>/g,
  /<path d="M0,0h0v0h0Z"\/>/g,
  /<path d="[^"]*" display="none"\/>/g,
  /<path d=""\/>/g,
];
/** Filled dots of one size and colour, one after the other, as Vega draws them. */
const DOTS =
  /(?:<path transform="translate\([^)]*\)" d="M([\d.]+),0A\1,\1,0,1,1,-\1,0A\1,\1,0,1,1,\1,0"( fill="[^"]*")(?: stroke-width="[^"]*")?( opacity="[^"]*")?\/>)(?:<path transform="translate\([^)]*\)" d="M\1,0A[^"]*" ?\2(?: stroke-width="[^"]*")?\3\/>)+/g;
const GEOMETRY = /\b(d|transform|x|y|x1|x2|y1|y2|width|height|viewBox)="([^"]*)"/g;
const LONG_NUMBER = /-?\d+\.\d{3,}(?:e-?\d+)?/g;

/**
 * A smaller SVG that looks the same: two decimals of a chart unit, no empty paths, a path for many dots, ids that are unique in the page and
 * the same every time (Vega counts them over the life of the process). Labels hold no character that hides others.
 */
export function tidySvg(svg: string, id: string): string {
  let tidy = withoutHidden(svg);
  for (const pattern of SUPERFLUOUS) tidy = tidy.replace(pattern, '');
  // Groups that the lines above have emptied, innermost first.
  for (let before = ''; before !== tidy;) {
    before = tidy;
    tidy = tidy.replace(/<g(?: [^>]*)?><\/g>/g, '');
  }
  tidy = tidy.replace(GEOMETRY, (_, name: string, value: string) => {
    const short = value.replace(LONG_NUMBER, (number) => String(Number(Number(number).toFixed(2))));
    return `${name}="${short}"`;
  });
  tidy = tidy.replace(DOTS, (dots, radius: string, fill: string, opacity = '') => {
    const places = [...dots.matchAll(/translate\(([^)]*)\)/g)].map(([, place = '']) => `M${place}h0`);
    // Lines of no length with round ends.
    const stroke = `${fill.replace('fill', 'stroke')} stroke-width="${2 * Number(radius)}" stroke-linecap="round"`;
    return `<path d="${places.join('')}"${stroke}${opacity}/>`;
  });
  const ids = new Map<string, string>();
  for (const [, own = ''] of tidy.matchAll(/<(?:clipPath|linearGradient|radialGradient|pattern) id="([^"]+)"/g)) {
    ids.set(own, `${id}-${ids.size}`);
  }
  for (const [own, unique] of ids)
    tidy = tidy.replaceAll(`id="${own}"`, `id="${unique}"`).replaceAll(`url(#${own})`, `url(#${unique})`);
  return tidy;
}
