import { booksOf, goParts, type GoPartName } from '../../go/memstats.ts';
import type { Reading } from '../../results/format.ts';
import { timeMean } from '../../statistics/time-mean.ts';
import type { Composition } from '../analysis.ts';
import { residentMean } from './memory-figures.ts';
import type { MeasuredTrial } from './trial-readings.ts';
import { RUNTIME_PROBES } from '../../experiment/probe-ids.ts';
import { readingsInWindow } from './trial-readings.ts';

/** The parts of one trial's memory: time means over the window, in bytes. */
export type MemoryParts = { readonly [Part in keyof Composition]: number | undefined };

type Shown = Readonly<Record<GoPartName, number>> & { readonly released: number };

/**
 * Where a trial's memory was. The parts but `released` and `outsideGo` add up to Sys − HeapReleased, and with
 * `outsideGo` to RSS, exactly: each is a time mean over the same readings. Undefined without MemStats.
 */
export function memoryParts(trial: MeasuredTrial): (MemoryParts & { readonly objects: number }) | undefined {
  for (const probe of RUNTIME_PROBES) {
    const shown = readingsInWindow(trial, probe).flatMap(({ at, v }) => partsOf(v).map((parts) => ({ at, parts })));
    if (shown.length === 0) continue;
    const mean = (part: keyof Shown): number =>
      timeMean(
        shown.map(({ at, parts }) => ({ at, value: parts[part] })),
        trial.window,
      ) as number;
    const parts = {
      objects: mean('objects'),
      unusedInSpans: mean('unusedInSpans'),
      retainedIdle: mean('retainedIdle'),
      stacks: mean('stacks'),
      metadata: mean('metadata'),
      released: mean('released'),
    };
    const go = parts.objects + parts.unusedInSpans + parts.retainedIdle + parts.stacks + parts.metadata;
    const rss = residentMean(trial)?.value;
    return { ...parts, rss, outsideGo: rss === undefined ? undefined : rss - go };
  }
  return undefined;
}

/** The parts that one reading shows; none where it does not show all of them. */
function partsOf(v: Reading['v']): readonly Shown[] {
  const books = booksOf(v);
  const shown = { ...goParts(books), released: books.released };
  return Object.values(shown).every(Number.isFinite) ? [shown as Shown] : [];
}
