import { createHash } from 'node:crypto';
import { plainText } from '../text/plain-text.ts';

/** What a node is called in a report: names of nodes hold addresses and accounts, and reports are published. */
export function nodeName(name: string, asItIs: boolean): string {
  if (asItIs) return plainText(name);
  return `node-${createHash('sha256').update(`gctune ${name}`).digest('hex').slice(0, 6)}`;
}
