import type { Composition } from '../analysis/analysis.ts';
import type { TokenName } from './theme.ts';

/** A part of memory as the reconciliation shows it. */
export interface MemoryPart {
  readonly key: Exclude<keyof Composition, 'released' | 'rss'>;
  readonly name: string;
  /** The field or difference of fields that it is. */
  readonly formula: string;
  readonly fill: TokenName;
  readonly ink: TokenName;
}

/** The parts that add up to RSS, as they are stacked; `released` is no part of it. */
export const MEMORY_PARTS: readonly MemoryPart[] = [
  {
    key: 'objects',
    name: 'objects',
    formula: 'HeapAlloc: reachable, or not yet swept',
    fill: 'objects',
    ink: 'on-objects',
  },
  { key: 'unusedInSpans', name: 'unused in spans', formula: 'HeapInuse − HeapAlloc', fill: 'unused', ink: 'on-unused' },
  {
    key: 'retainedIdle',
    name: 'retained idle',
    formula: 'HeapIdle − HeapReleased',
    fill: 'retained',
    ink: 'on-retained',
  },
  { key: 'stacks', name: 'stacks', formula: 'StackSys', fill: 'stacks', ink: 'on-stacks' },
  {
    key: 'metadata',
    name: 'runtime metadata',
    formula: 'MSpan + MCache + BuckHash + GC + Other',
    fill: 'metadata',
    ink: 'on-metadata',
  },
  { key: 'outsideGo', name: 'outside Go', formula: 'RSS − (Sys − HeapReleased)', fill: 'outside', ink: 'on-outside' },
];
