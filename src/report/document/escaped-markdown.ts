import { plainText } from '../../text/plain-text.ts';

/** Untrusted text as Markdown that shows it as it is: no markup, no HTML, no links, no mentions; one line. */
export function escaped(text: string): string {
  return (
    plainText(text)
      .replace(/[\\`*_{}[\]#|~]/g, '\\$&')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      // An e-mail address or a version behind a @ is left; a mention would call a person.
      .replace(/(^|[^\w])@(?=\w)/g, '$1@<!-- -->')
      .replace(/^(\s*)(?=[-+](?:\s|$)|[-=]{2,}\s*$)/, '$1\\')
      .replace(/^(\s*\d+)(?=[.)](?:\s|$))/, '$1\\')
      // What makes a link of a bare address.
      .replace(/\b(https?|ftp):\/\//gi, '$1:<!-- -->//')
      .replace(/\bwww\./gi, 'www<!-- -->.')
  );
}
