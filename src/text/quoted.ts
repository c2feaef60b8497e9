import { plainText } from './plain-text.ts';

// Text as it stands in what a user copies: each function is for one place, and what comes out is one word, one value or
// one assignment there, whatever went in.

/** One word of a POSIX shell's command line; where it begins with a dash it is written as a path, so that it is no flag. */
export function shellWord(text: string): string {
  const plain = plainText(text);
  const word = plain.startsWith('-') ? `./${plain}` : plain;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** What stands behind `Environment=` in a systemd unit: one assignment (systemd.exec(5), systemd.syntax(7)). */
export function systemdAssignment(name: string, value: string): string {
  // Percent signs begin specifiers.
  const text = plainText(`${name}=${value}`).replaceAll('%', '%%');
  return /^[\w=:,./+%-]+$/.test(text) ? text : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** A YAML scalar that is text whatever it looks like; JSON's strings are YAML's double-quoted ones. */
export function yamlText(text: string): string {
  return JSON.stringify(plainText(text));
}
