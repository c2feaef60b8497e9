import { plainText } from '../../text/plain-text.ts';
import type { Style } from './style.ts';
import { textWidth } from '../../text/text-width.ts';

/** One fact a line, names at the left; repeated names are shown once. Takes untrusted text. */
export function factLines(facts: readonly (readonly [name: string, value: string])[], style: Style): readonly string[] {
  const widest = Math.max(0, ...facts.map(([name]) => textWidth(plainText(name))));
  return facts.map(([name, value], index) => {
    const shown = name === facts[index - 1]?.[0] ? '' : plainText(name);
    const pad = ' '.repeat(widest - textWidth(shown) + 2);
    return `${style.bold(style.text(shown))}${pad}${style.text(plainText(value))}`.trimEnd();
  });
}
