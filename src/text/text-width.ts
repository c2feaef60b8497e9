import { withoutEscapes } from './plain-text.ts';

// East Asian Width W and F, as far as a terminal table needs it (Unicode 16, EastAsianWidth.txt), and emoji.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u;

/** How many columns of a terminal a text takes; colour codes take none, wide characters two. */
export function textWidth(text: string): number {
  let columns = 0;
  for (const character of withoutEscapes(text)) columns += NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return columns;
}

/** Uncoloured text cut so that it takes at most `columns`; the cut is marked by `mark`. */
export function cutText(text: string, columns: number, mark: string): string {
  if (textWidth(text) <= columns) return text;
  let kept = '';
  let width = textWidth(mark);
  if (width > columns) return '';
  for (const character of text) {
    width += textWidth(character);
    if (width > columns) break;
    kept += character;
  }
  return kept + mark;
}
