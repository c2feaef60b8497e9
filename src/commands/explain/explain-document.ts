import type { ExplanationDocument, ExplanationSource } from '../../analysis/explain/explanation-document.ts';
import { EXPLANATION_VERSION } from '../../analysis/explain/explanation-document.ts';
import { explainMemory } from '../../analysis/explain/explanation.ts';
import { reconcile } from '../../analysis/explain/reconcile.ts';
import type { Counters } from '../../probe/memstats-text.ts';
import type { Figures } from '../../probe/probe.ts';
import { checkPlausible, type GivenSizes } from './explain-sizes.ts';

/** What the document is made of. */
export interface Explained {
  readonly source: Omit<ExplanationSource, 'form'>;
  readonly counters: Counters;
  readonly given: GivenSizes;
  /** What the kernel says of the process. */
  readonly process?: Figures | undefined;
  readonly dockerStatsBytes?: number | undefined;
  readonly warnings: readonly string[];
}

/** Reconciles and explains figures, wherever they are from. */
export function documentFrom(explained: Explained): ExplanationDocument {
  const { source, counters, given, process, dockerStatsBytes, warnings } = explained;
  const own = counters.figures.liveHeapBytes;
  const figures = {
    counters: counters.figures,
    rssBytes: process?.rssBytes ?? given.rss?.bytes ?? counters.rssBytes,
    rssFileBytes: process?.rssFileBytes,
    // The runtime's own figure is exact; pprof's is an estimate, but where the user gives it, it is what is asked about.
    live:
      given.pprof !== undefined
        ? ({ bytes: given.pprof.bytes, source: 'pprof' } as const)
        : own === undefined
          ? undefined
          : ({ bytes: own, source: 'runtime' } as const),
    swapBytes: process?.swapBytes,
    dockerStatsBytes,
    written: { rss: given.rss?.written, pprof: given.pprof?.written },
  };
  const reconciliation = reconcile(figures);
  checkPlausible(given.rss, reconciliation.goBytes);
  return {
    formatVersion: EXPLANATION_VERSION,
    source: { ...source, form: counters.form },
    figures,
    reconciliation,
    points: explainMemory(reconciliation, figures),
    warnings: [
      ...warnings,
      ...(counters.dumps > 1 ? [`the text holds ${counters.dumps} dumps of MemStats; the last is explained`] : []),
      ...reconciliation.contradictions.map(
        (text) => `${text}: the figures were not read at one time, or were changed since`,
      ),
    ],
  };
}
