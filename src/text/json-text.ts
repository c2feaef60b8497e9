// What JSON leaves as it is, although a terminal acts on it or shows it in another order: C1 controls and bidi marks.
const ACTIVE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** JSON on one line that is harmless on a terminal too; to a parser it is what `JSON.stringify` writes. */
export function jsonText(value: unknown): string {
  return harmless(JSON.stringify(value));
}

/** A command's answer as one indented JSON document. Every key is always there: what does not apply is null. */
export function jsonDocument(value: unknown): string {
  return `${harmless(JSON.stringify(value, (_, one: unknown) => (one === undefined ? null : one), 2))}\n`;
}

function harmless(json: string | undefined): string {
  return (json ?? 'null').replace(ACTIVE, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
