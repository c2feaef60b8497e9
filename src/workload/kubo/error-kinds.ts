import { plainText } from '../../text/plain-text.ts';

const longestKind = 60;
const mostKinds = 20;

/**
 * What an error of kubo says without what differs from one to the next (ids, addresses, numbers, quoted values), so
 * that equal errors count together: a short line that can be shown as it is.
 */
export function errorKind(message: string): string {
  const words = plainText(message.split('\n', 1)[0] ?? '')
    .replace(/"[^"]*"?/g, '…')
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => (/[\d/…]/.test(word) || word.length > 30 ? `…${/[:,]$/.exec(word)?.[0] ?? ''}` : word));
  const text = words.filter((word, index) => word !== '…' || !words[index - 1]?.startsWith('…')).join(' ');
  const kind = text.length > longestKind ? `${text.slice(0, longestKind).replace(/\s+\S*$/, '')}…` : text;
  return kind === '' || kind === '…' ? 'an error without a message' : kind;
}

/** Keeps the number of kinds small, whatever a daemon says: what comes after the first 20 is `other`. */
export class ErrorKinds {
  readonly #known = new Set<string>();

  of(message: string): string {
    const kind = errorKind(message);
    if (this.#known.has(kind)) return kind;
    if (this.#known.size >= mostKinds) return 'other';
    this.#known.add(kind);
    return kind;
  }
}
