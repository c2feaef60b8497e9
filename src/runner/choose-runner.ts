import { EnvironmentError } from '../errors.ts';
import { REAL_RUNNER_NAMES, type RealRunnerChoice } from '../experiment/runner-names.ts';
import type { Runner } from './runner.ts';
import { RUNNERS, type RunnerRegistry } from './runners.ts';

/** How long a runner gets to answer before `auto` goes on without it. */
const AUTO_SECONDS = 0.5;
const ASKED_SECONDS = 5;

/** A runner, and why it was taken. */
export interface ChosenRunner {
  readonly runner: Runner;
  /** One line for people. */
  readonly why: string;
}

/** Takes the runner that was asked for; `auto` takes the first that is usable. Throws EnvironmentError where there is none. */
export async function chooseRunner(choice: RealRunnerChoice, runners: RunnerRegistry = RUNNERS): Promise<ChosenRunner> {
  if (choice !== 'auto') {
    const runner = runners[choice]();
    const { failed } = await runner.usable(ASKED_SECONDS);
    if (failed === undefined) return { runner, why: 'requested' };
    throw new EnvironmentError(`${choice}-unusable`, failed.message, {
      hint: `${failed.remedy ?? 'Use another runner'} (see \`gctune doctor\`, check ${failed.id})`,
    });
  }
  const unusable: string[] = [];
  for (const name of REAL_RUNNER_NAMES) {
    const runner = runners[name]();
    const { failed, why } = await runner.usable(AUTO_SECONDS);
    if (failed === undefined) return { runner, why: [...unusable, why].join('; ') };
    unusable.push(why);
  }
  throw new EnvironmentError('no-runner', `no runner is usable: ${unusable.join('; ')}`);
}
