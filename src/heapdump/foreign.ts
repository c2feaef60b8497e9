/** What every dump since Go 1.7 begins with. */
export const HEADER = 'go1.7 heap dump\n';

/** Why a file is no heap dump of today's format. What else it may be is told by session/file-kind.ts. */
export function foreignName(head: Uint8Array): string {
  const text = Array.from(head.subarray(0, 64), (byte) => String.fromCharCode(byte)).join('');
  const old = /^go(1\.\d+) heap dump\n/.exec(text)?.[1];
  if (old !== undefined)
    return `it is a heap dump in the format of Go ${old}; only the format of Go 1.7 and newer can be read`;
  if (HEADER.startsWith(text)) return text === '' ? 'it is empty' : 'it ends within the first line';
  return 'it does not begin with "go1.7 heap dump"';
}
