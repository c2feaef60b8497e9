import type { Analysis, CellAnalysis, WorkloadAnalysis } from '../analysis/analysis.ts';
import { counted } from '../text/words.ts';
import { baselineOf } from './comparison.ts';
import { modelSentences } from './model/model-words.ts';
import { sizeText } from './recommend/rule-words.ts';

// What the sections with charts show, in a line each, for a reader who does not open them.

/** The law of memory: `anonymous memory = 27.0 MiB (26.9–27.1) + 22.0 MiB (21.9–22.2) × GOGC ÷ 100, n = 30 blocks`. */
export function gogcSaid(workloads: readonly WorkloadAnalysis[]): string {
  const [first] = workloads.flatMap((workload) =>
    workload.model?.laws.some(({ kind }) => kind === 'memory') === true
      ? [{ workload, sentence: modelSentences(workload, workload.model)[0] }]
      : [],
  );
  const law = first?.sentence?.replace(/\. .*$/s, '');
  if (first === undefined || law === undefined) return '';
  return workloads.length > 1 ? `${first.workload.workload}: ${law}` : law;
}

/** Whether cells drift. */
export function steadySaid({ warnings }: Analysis): string {
  const drifting = new Set(warnings.flatMap(({ code, cell }) => (code === 'cell-drifts' ? (cell ?? []) : [])));
  return drifting.size === 0
    ? 'no cell drifts within its window'
    : `${counted(drifting.size, 'cell')} drift within the window`;
}

/** How much of the baseline's memory are objects, which is what no GOGC saves more than in part. */
export function memorySaid(workloads: readonly WorkloadAnalysis[]): string {
  return said(workloads, ({ composition, label }) =>
    composition?.rss === undefined
      ? undefined
      : `${sizeText(composition.objects)} of ${sizeText(composition.rss)} RSS are objects at ${label}, n = ${counted(composition.rss.n, 'trial')}`,
  );
}

/** The baseline's p99. */
export function latencySaid(workloads: readonly WorkloadAnalysis[]): string {
  return said(workloads, ({ estimates, label }) => {
    const p99 = estimates['latency.p99'];
    return p99 === undefined
      ? undefined
      : `p99 ${sizeText(p99, 'seconds')} at ${label}, n = ${counted(p99.n, 'trial')}`;
  });
}

/** Of the first workload that tells. */
function said(workloads: readonly WorkloadAnalysis[], say: (baseline: CellAnalysis) => string | undefined): string {
  for (const workload of workloads) {
    const baseline = baselineOf(workload);
    const text = baseline && say(baseline);
    if (text !== undefined) return workloads.length > 1 ? `${workload.workload}: ${text}` : text;
  }
  return '';
}
