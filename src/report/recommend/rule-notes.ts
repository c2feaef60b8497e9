import type { Recommendation } from '../../analysis/recommend/recommendation.ts';
import { formatBytes } from '../../experiment/format-units.ts';
import { percentText } from '../words.ts';

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
