import type { KuboOperation, KuboWorkload, SizeRange } from '../../../src/experiment/experiment.ts';

/** Sizes that are all the same. */
export function sized(bytes: number): SizeRange {
  return { leastBytes: bytes, mostBytes: bytes };
}

/** A kubo workload of 100 operations a second over 8 connections, but for what is given. */
export function kuboSpec(
  operations: readonly KuboOperation[],
  differing: Partial<Omit<KuboWorkload, 'operations'>> = {},
): KuboWorkload {
  return {
    kind: 'kubo',
    operations: operations.map((operation) => ({ operation, weight: 1 })),
    rate: { kind: 'constant', perSecond: 100 },
    arrivals: 'uniform',
    timeoutSeconds: 20,
    connections: 8,
    preload: [],
    ...differing,
  };
}
