/** Text that YAML reads as itself without quotes, and as nothing else. */
const PLAIN = /^(?:--?)?[A-Za-z/][\w./@=+-]*$|^\.{1,2}\/[\w./@=+-]*$/;
/** Words that YAML 1.1 or 1.2 takes for something else than text. */
const OTHER = /^(?:true|false|yes|no|on|off|null|y|n|\.\.\.|[.](?:inf|nan))$/i;

/** A scalar of the file that is text, in quotes where it needs them. JSON's strings are YAML's double-quoted ones. */
export function yamlWord(text: string): string {
  return PLAIN.test(text) && !OTHER.test(text) ? text : JSON.stringify(text);
}

/** `[a, "b c"]`. */
export function yamlList(words: readonly string[]): string {
  return `[${words.map(yamlWord).join(', ')}]`;
}

/** Whether a text can stand in an experiment: one line without control characters. */
export function canBeWritten(text: string): boolean {
  return !/[\p{Cc}\u2028\u2029]/u.test(text);
}
