/**
 * The words of a command that a Compose file has as one text, split as a shell does: at blanks, but for quotes and backslashes. Nothing
 * is run or expanded. Undefined where a quote is not closed.
 */
export function shellWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] as string;
    const escapes = quote === '' || (quote === '"' && /["\\$`]/.test(text[at + 1] ?? ''));
    if (character === '\\' && escapes && at + 1 < text.length) {
      at += 1;
      word = `${word ?? ''}${text[at]}`;
    } else if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = `${word ?? ''}${character}`;
  }
  if (quote !== '') return undefined;
  return word === undefined ? words : [...words, word];
}
