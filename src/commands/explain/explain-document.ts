import type { ExplanationDocument, ExplanationSource } from '../../analysis/explain/explanation-document.ts';
import { EXPLANATION_VERSION } from '../../analysis/explain/explanation-document.ts';
import { explainMemory } from '../../analysis/explain/explanation.ts';
import { reconcile } from '../../analysis/explain/reconcile.ts';
import type { Counters, MemStatsDump } from '../../probe/memstats-text.ts';
import type { Figures } from '../../probe/probe.ts';
import { checkPlausible, type GivenSizes } from './explain-sizes.ts';

/** What the document is made of. */
export interface Explained {
  readonly source: Omit<ExplanationSource, 'form'>;
  readonly counters: Counters;
  readonly given: GivenSizes;
  /** What the kernel says of the process. */
  readonly process?: Figures | undefined;
  readonly warnings: readonly string[];
}

/** Where the last of several dumps stands. */
function placeText(counters: Counters & Partial<Pick<MemStatsDump, 'firstLine' | 'lastLine'>>): string {
  const { firstLine, lastLine } = counters;
  if (firstLine === undefined || lastLine === undefined) return '';
  return firstLine === lastLine ? ` (line ${firstLine})` : ` (lines ${firstLine} to ${lastLine})`;
}

/** Reconciles and explains figures, wherever they are from. */
export function documentFrom(explained: Explained): ExplanationDocument {
  const { source, counters, given, process, warnings } = explained;
  const own = counters.figures.liveHeapBytes;
  const rss = process?.rssBytes === undefined ? given.rss : undefined;
  const rssBytes = process?.rssBytes ?? rss?.bytes ?? counters.rssBytes;
  const vague = rss?.vague;
  const figures = {
    counters: counters.figures,
    rssBytes,
    // Of the same read as RSS itself.
    rssFileBytes: process?.rssFileBytes ?? (rss === undefined ? counters.rssFileBytes : undefined),
    goBytes: counters.goBytes,
    rounding: counters.rounding,
    rssRange: rss === undefined || rss.low === rss.high ? undefined : { low: rss.low, high: rss.high },
    thousands:
      counters.thousands === undefined && vague === undefined
        ? undefined
        : {
            units: [...new Set([...(counters.thousands?.units ?? []), ...(vague === undefined ? [] : [vague.unit])])],
            counters: counters.thousands?.figures ?? counters.figures,
            rssBytes: vague?.bytes ?? rssBytes,
          },
    gcTotalCpuSeconds: counters.gcTotalCpuSeconds,
    cpuSeconds: counters.cpuSeconds,
    // The runtime's own figure is exact; pprof's is an estimate, but where the user gives it, it is what is asked about.
    live:
      given.pprof !== undefined
        ? ({ bytes: given.pprof.bytes, source: 'pprof' } as const)
        : own === undefined
          ? undefined
          : ({ bytes: own, source: 'runtime' } as const),
    swapBytes: process?.swapBytes,
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
      ...(counters.dumps > 1
        ? [`the text holds ${counters.dumps} dumps of MemStats; the last is explained${placeText(counters)}`]
        : []),
      ...reconciliation.contradictions.map(
        (text) => `${text}: the figures were not read at one time, or were changed since`,
      ),
    ],
  };
}
