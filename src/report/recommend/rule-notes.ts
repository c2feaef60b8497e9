import type { Recommendation } from '../../analysis/recommend/recommendation.ts';
import { formatBytes } from '../../units/format-units.ts';
import { capital, percentText } from '../words.ts';
import { limitsText } from './rule-words.ts';

/** What the answers take for granted, in sentences; no guard is put up or taken down without a word. */
export function assumptions({ answers, wishes, confidence, workloads }: Recommendation): readonly string[] {
  const guards = answers.flatMap(({ limits }) => limits.filter(({ guard }) => guard === true));
  const waived = answers.flatMap((answer) => answer.waived);
  const { price } = wishes;
  return [
    `A limit counts as met if the whole interval meets it (at least ${percentText(confidence)} confidence, for each limit separately).`,
    ...guards.map((guard) => {
      const other = guard.name === 'cpu' ? 'CPU' : 'memory';
      return `${capital(limitsText([guard]))} is a default guard, because no limit on ${other} was given; change it with --max-${guard.name}.`;
    }),
    ...(waived.length === 0
      ? []
      : [
          `The guard${waived.length === 1 ? '' : 's'} of the default rule (${limitsText(waived)}) ${waived.length === 1 ? 'does' : 'do'} not apply: ${price === undefined ? 'of the settings within the given memory, the one with the least CPU is chosen' : 'the price decides'}.`,
        ]),
    ...(price?.kind === 'money'
      ? [
          `A GiB costs ${price.perGibMonth} and a core ${price.perCoreMonth} a month, assuming the measured load all month and payment by use. Settings are ranked by the expensive end of the interval.`,
        ]
      : []),
    ...(price?.kind === 'exchange'
      ? [
          `A percent of the baseline’s CPU is worth ${formatBytes(price.bytesPerPercent)}. Settings are ranked by the expensive end of the interval.`,
        ]
      : []),
    ...(workloads.length > 1
      ? ['A setting must be acceptable under every workload; all workloads have the same weight.']
      : []),
  ];
}
