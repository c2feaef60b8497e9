/** Text that is HTML already and is not escaped again. Only `html` and `trusted` make it. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

/** What can stand in a template: text (escaped), numbers, HTML, lists of these; undefined and false are nothing. */
export type Content = string | number | Html | undefined | false | readonly Content[];

/** A template tag that escapes every value but those which are `Html`, for element content and quoted attributes. */
export function html(literals: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(literals.map((literal, i) => literal + (i < values.length ? rendered(values[i]) : '')).join(''));
}

/** Marks text that this program made (an SVG, a style sheet) as HTML. Never for text from outside. */
export function trusted(text: string): Html {
  return new Html(text);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};
// Marks that reorder text (CVE-2021-42574) and control characters, which HTML does not allow; line feed and tab stay.
const UNSHOWN = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|(?![\n\t])\p{Cc}|\p{Cs}/gu;

/** Text or markup without the characters that would reorder or hide text: each is shown as �. */
export function withoutHidden(text: string): string {
  return text.replace(UNSHOWN, '\ufffd');
}

/** Escapes text for element content and quoted attribute values; no character of it can reorder or hide others. */
export function escapeHtml(text: string): string {
  return withoutHidden(text).replace(/[&<>"'`]/g, (character) => ESCAPES[character] ?? character);
}

function rendered(value: Content): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(rendered).join('');
  return escapeHtml(String(value));
}
