/**
 * Advance widths of the printable ASCII characters, in thousandths of the font size: those of Helvetica (Adobe's AFM
 * file), which the sans-serif faces of the common systems stay within 5 % of. From U+0020 on.
 */
const ADVANCES = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
  556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
  722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
  556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
  260, 334, 584,
];
/** Characters outside the table: as wide as the widest letters of Latin and Cyrillic; ideographs are squares. */
const OTHER = 620;
const IDEOGRAPH = 1000;
/** Room for faces that run wider than Helvetica. */
const SAFETY = 1.05;

/** How wide a text will be about, in the unit of the font size; nothing is drawn to find out. */
export function textWidth(text: string, fontSize: number): number {
  let thousandths = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    thousandths += ADVANCES[code - 32] ?? (code >= 0x2e80 ? IDEOGRAPH : OTHER);
  }
  return (thousandths * SAFETY * fontSize) / 1000;
}
