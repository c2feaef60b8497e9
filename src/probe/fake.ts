import type { Probe } from './probe.ts';

/** Answers and reads nothing. */
export function fakeProbe(): Probe {
  return { id: 'fake', side: 'inside', read: async () => ({}), [Symbol.asyncDispose]: async () => {} };
}
