import type { Recommendation } from '../analysis/recommend/recommendation.ts';
import type { BriefFoot } from '../report/brief/brief.ts';
import { blocksToDecide } from '../report/brief/verdict-words.ts';
import { runAgain } from '../report/words.ts';
import { formatWait } from '../units/format-units.ts';

/** The run that would decide what is refused, and how long it takes; nothing where none would. */
export function decideFoot(recommendation: Recommendation): readonly BriefFoot[] {
  const decide = blocksToDecide(recommendation);
  if (decide === undefined) return [];
  const about = decide.seconds === undefined ? '' : ` (about ${formatWait(decide.seconds)})`;
  return [{ name: 'To decide', text: `${runAgain(recommendation.experimentFile, decide.blocks)}${about}` }];
}
