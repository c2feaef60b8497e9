import { OVERHEAD_SECONDS, expectedSeconds } from '../../experiment/plan/estimate-time.ts';
import { makePlan } from '../../experiment/plan/make-plan.ts';
import { parseExperiment } from '../../experiment/parse-experiment.ts';
import { formatWait } from '../../units/format-units.ts';

/** How long an experiment takes at the least, and one block of it. */
export interface FirstTimes {
  readonly all: string;
  readonly oneBlock: string;
}

/** The times of an experiment that has just been written; undefined where its text alone does not tell (a Compose file). */
export function firstTimes(text: string, file: string, directory: string): FirstTimes | undefined {
  const parsed = parseExperiment(text, file, { directory });
  if ('diagnostics' in parsed) return undefined;
  const { experiment } = parsed;
  const time = (blocks: number): string => {
    const some = { ...experiment, blocks, adaptive: undefined };
    return aboutMinutes(expectedSeconds(some, makePlan(some, 1), OVERHEAD_SECONDS));
  };
  return { all: time(experiment.blocks), oneBlock: time(1) };
}

/** `15 min`, `50 s`: a forecast has no seconds beside its minutes. */
function aboutMinutes(seconds: number): string {
  return seconds < 90 ? formatWait(seconds) : formatWait(Math.round(seconds / 60) * 60).replace(' 00 s', '');
}
