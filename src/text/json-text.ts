// What JSON leaves as it is, although a terminal acts on it or shows it in another order: C1 controls and bidi marks.
const ACTIVE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** JSON that is harmless on a terminal too; to a parser it is what `JSON.stringify` writes. */
export function jsonText(value: unknown, indent?: number, replacer?: (key: string, value: unknown) => unknown): string {
  return (JSON.stringify(value, replacer, indent) ?? 'null').replace(
    ACTIVE,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
