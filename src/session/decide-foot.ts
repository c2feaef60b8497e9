import type { Recommendation } from '../analysis/recommend/recommendation.ts';
import type { BriefFoot } from '../report/brief/brief.ts';
import { blocksToDecide } from '../report/brief/verdict-words.ts';
import { runAgain, runMissing } from '../report/words.ts';
import { formatWait } from '../units/format-units.ts';

/**
 * What is missing of the plan, which comes before anything new; else the run that would decide what is refused, and how long
 * it takes. Nothing where none would.
 */
export function decideFoot(recommendation: Recommendation): readonly BriefFoot[] {
  const missing = runMissing(recommendation);
  if (missing.length > 0) return [{ name: 'To complete', text: `${missing.join('; ')} (then merge all parts again)` }];
  const decide = blocksToDecide(recommendation);
  if (decide === undefined) return [];
  const about = decide.seconds === undefined ? '' : ` (about ${formatWait(decide.seconds)})`;
  return [{ name: 'To decide', text: `${runAgain(recommendation.experimentFile, decide.blocks)}${about}` }];
}
