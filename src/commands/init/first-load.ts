import { yamlWord } from './yaml-words.ts';

/** Whether a Go program is kubo, of which gctune knows a load. */
export function isKubo(importPath: string | undefined): boolean {
  return importPath === 'github.com/ipfs/kubo/cmd/ipfs';
}

/** Files that are added to a kubo node. */
export function kuboAdd(): readonly string[] {
  return [
    '# Files added through its RPC API. docs/kubo.md of gctune has other operations.',
    'workloads:',
    '  add: { kubo: { operations: [{ add: { size: 256KiB } }], rate: 10/s, connections: 16 } }',
  ];
}

/** How to tell that kubo is ready. */
export const KUBO_READY = '{ output: Daemon is ready, within: 60s }';

/** How to tell that a program is ready, as the file says it: a page that answers with 200, or a port that accepts connections. */
export function readyWord(path: string | undefined, port: unknown): string | undefined {
  if (path !== undefined) return `{ http: ${yamlWord(path)}, within: 60s }`;
  return port === undefined ? undefined : '{ tcp: true, within: 60s }';
}
