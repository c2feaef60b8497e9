import type { ChosenSetting, Recommendation } from '../../analysis/recommend/recommendation.ts';
import { formatBytes } from '../../experiment/format-units.ts';
import { METRICS } from '../../experiment/metrics.ts';
import { counted, percentText } from '../words.ts';

/** What the answer takes for granted, in sentences. */
export function assumptions({ wishes, confidence, workloads }: Recommendation): readonly string[] {
  const { goal } = wishes;
  return [
    `A limit counts as met where the end of the interval meets it (at least ${percentText(confidence)} confidence, for each limit by itself).`,
    ...(goal.kind === 'money'
      ? [
          `A GiB costs ${goal.perGibMonth} and a core ${goal.perCoreMonth} a month; the load is that of the measurement all month, and what is used is what is paid. Settings are ranked by the dear end of the interval.`,
        ]
      : []),
    ...(goal.kind === 'exchange'
      ? [
          `A percent of the baseline’s CPU is worth ${formatBytes(goal.bytesPerPercent)}. Settings are ranked by the dear end of the interval.`,
        ]
      : []),
    ...(workloads.length > 1 ? ['A setting has to do under every workload; all of them weigh the same.'] : []),
  ];
}

/** What stands behind the GOMEMLIMIT, or why there is none. */
export function memoryLimitNote({ memoryLimit }: ChosenSetting): string {
  switch (memoryLimit.kind) {
    case 'limit': {
      const { gomemlimitBytes, peakBytes, peakMetric, trials, headroom, containerBytes } = memoryLimit;
      return `GOMEMLIMIT ${formatBytes(gomemlimitBytes)} is ${percentText(headroom)} over the largest peak of ${counted(trials, 'trial')} (${METRICS[peakMetric].label}: ${formatBytes(peakBytes)}): it would not have bound in any measured window, and was itself not measured. The container’s limit of ${formatBytes(containerBytes)} also holds what is resident outside of Go, and again ${percentText(headroom)}.`;
    }
    case 'measured':
      return `GOMEMLIMIT ${formatBytes(memoryLimit.gomemlimitBytes)} is part of the setting, as it was measured.`;
    case 'none':
      return memoryLimit.reason === 'gogc-off'
        ? 'No GOMEMLIMIT is given: with GOGC=off it alone makes the collector run, and has to be measured (matrix: gomemlimit).'
        : 'No GOMEMLIMIT is given: the run has no peak of memory under every workload.';
  }
}
