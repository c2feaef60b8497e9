import { engineCases } from './engine-cases.ts';
import { diskCases } from './disk-cases.ts';
import { signalCases } from './signal-cases.ts';
import { streamCases } from './stream-cases.ts';
import { targetCases } from './target-cases.ts';
import { dockerCases } from './docker-cases.ts';
import type { FaultCase } from './try-case.ts';

/** Every fault that the harness knows. */
export const cases: readonly FaultCase[] = [
  ...signalCases,
  ...streamCases,
  ...diskCases,
  ...targetCases,
  ...dockerCases,
  ...engineCases,
];
