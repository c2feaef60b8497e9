import type { Experiment } from '../experiment.ts';

/** Why a runner cannot run a target, and what to do; undefined where it can. `auto` fits either. */
export function runnerMisfit(
  simulatedTarget: boolean,
  runner: Experiment['runner'],
): { readonly code: 'wrong-runner'; readonly message: string; readonly hint: string } | undefined {
  if (runner === 'auto' || simulatedTarget === (runner === 'simulated')) return undefined;
  return simulatedTarget
    ? {
        code: 'wrong-runner',
        message: `the ${runner} runner cannot run a simulated target: there is no program`,
        hint: 'write runner: simulated, or remove it',
      }
    : {
        code: 'wrong-runner',
        message: 'the simulated runner can only run models, not a real target',
        hint: 'give the target as simulated: {…}, or write runner: auto',
      };
}
