import type { Obstacle, Recommendation, Refusal } from '../../analysis/recommend/recommendation.ts';
import type { Goal } from '../../analysis/recommend/wishes.ts';
import { counted } from '../words.ts';
import { gainText, judgementText, ruleText } from './rule-words.ts';

/** Why no setting is recommended and what would help: the reason, what stands in the way, the blocks still needed. */
export function refusalSentences({ refusal, wishes }: Recommendation): readonly string[] {
  if (refusal === undefined) return [];
  const obstacles = refusal.obstacles.map((obstacle) => obstacleText(obstacle, wishes.goal));
  return [
    `No setting is recommended (${refusal.code}): ${reasonText(refusal)}.`,
    ...(obstacles.length === 0 ? [] : [`In the way of ${ruleText(wishes)}: ${obstacles.join('; ')}.`]),
    ...remedy(refusal),
  ];
}

function reasonText({ code }: Refusal): string {
  switch (code) {
    case 'baseline-invalid':
      return 'no trial of the baseline counts, or it ran out of memory, so that nothing can be compared with it';
    case 'cells-invalid':
      return 'no setting but the baseline has trials and figures enough to be compared';
    case 'too-few-blocks':
      return 'with so few blocks no interval can be given';
    case 'overlap':
      return 'intervals lie on both sides of a limit or of “no change”';
    case 'noise-floor':
      return 'what could be gained is no more than the same setting run twice differs';
    case 'limits-unmet':
      return 'no measured setting meets the limits';
    case 'limits-contradict':
      return 'each limit is met by some setting, but none meets all of them';
  }
}

function obstacleText(obstacle: Obstacle, goal: Goal): string {
  const { setting, workload, kind, limit, metric, estimate, blocksNeeded, reason } = obstacle;
  if (kind === 'excluded') return `${setting} is left out: ${reason ?? 'it has no figures'}`;
  if (kind === 'limit' && limit !== undefined) {
    const judged = { workload, limit, metric, estimate, state: 'open', blocksNeeded } as const;
    return `${setting} (${judgementText({ ...judged, ...(reason === undefined ? {} : { reason }) })})`;
  }
  if (estimate === undefined) return `${setting} (${workload}: no figure of what it would gain)`;
  const what = kind === 'noise' ? 'within the noise floor' : 'no gain is shown';
  return `${setting} (${workload}: ${what}, ${gainText(estimate, goal)}, n = ${counted(estimate.n, 'block')})`;
}

function remedy({ code, blocksMore }: Refusal): readonly string[] {
  if (blocksMore !== null) {
    return [`About ${counted(blocksMore, 'more block')} ${blocksMore === 1 ? 'is' : 'are'} forecast to settle it.`];
  }
  switch (code) {
    case 'limits-unmet':
    case 'limits-contradict':
      return ['More blocks would not help: loosen a limit, or measure other levels.'];
    case 'baseline-invalid':
    case 'cells-invalid':
      return ['Mend what keeps the trials or their figures from counting, then run again.'];
    case 'too-few-blocks':
    case 'overlap':
    case 'noise-floor':
      return ['How many more blocks would settle it cannot be forecast: the values lie too near to the limits.'];
  }
}
