import { chooseLevels } from '../analysis/model/choose-levels.ts';
import type { Experiment, Gogc } from '../experiment/experiment.ts';
import { plainText } from '../text/plain-text.ts';

/** A median of three is not one trial's whim. */
const PILOT_BLOCKS = 3;

/** The pilot of an experiment whose levels are to be chosen: a few blocks at the levels of its file. */
export function pilotOf(experiment: Experiment): Experiment {
  const { auto: _, ...matrix } = experiment.matrix;
  return {
    ...experiment,
    name: `${experiment.name}-pilot`,
    matrix,
    blocks: PILOT_BLOCKS,
    adaptive: undefined,
    profiles: { ...experiment.profiles, allocs: false },
  };
}

/** The experiment with the levels that the pilot in this folder gives reason to run as well. */
export async function withChosenLevels(experiment: Experiment, folder: string): Promise<Experiment> {
  // Loaded only now: what analyses must not take memory or time while it is measured.
  const { analyseRun } = await import('./report-run.ts');
  const { workloads, run } = await analyseRun(folder);
  const { auto: _, gogc, ...rest } = experiment.matrix;
  const given = gogc.flatMap((level) => (level === 'off' ? [] : [level]));
  const { baseline } = experiment;
  const levels = chooseLevels(workloads, given, baseline.gogc === 'off' ? 100 : baseline.gogc);
  const order = (level: Gogc): number => (level === 'off' ? Infinity : level);
  const all = levels.length === 0 ? gogc : [...gogc, ...levels].toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
  return { ...experiment, matrix: { ...rest, gogc: all, chosen: { pilot: run.id, levels } } };
}

/** What the pilot came to, for the terminal. */
export function chosenText({ matrix: { chosen } }: Experiment, folder: string): string {
  const levels = chosen?.levels ?? [];
  const came = levels.length === 0 ? 'shows no need for another level' : `adds GOGC=${levels.join(', GOGC=')}`;
  return `the pilot in ${plainText(folder)} ${came}`;
}
