/** What other rooms must know of a runner without starting anything. */
interface RunnerFacts {
  /** Where the target ran, as a report says it. */
  readonly words: string;
  /** It starts targets in containers, so that it can start an image, and its engine sees their environment. */
  readonly containers: boolean;
}

/** The runners of real targets that can be asked for. Each of them has a row in src/runner/runners.ts, which opens it. */
const REAL_RUNNERS = {
  docker: { words: 'in containers', containers: true },
  process: { words: 'as processes', containers: false },
} as const satisfies Readonly<Record<string, RunnerFacts>>;

/** Those that gctune itself takes where it was started in a pod: nobody asks for them, and no machine has them. */
const POD_RUNNERS = {
  sidecar: { words: 'in pods', containers: true },
} as const satisfies Readonly<Record<string, RunnerFacts>>;

/** The name of a runner of real targets. */
export type RealRunnerName = keyof typeof REAL_RUNNERS | keyof typeof POD_RUNNERS;
/** The name of a runner. */
export type RunnerName = RealRunnerName | 'simulated';

/** Every runner there is. The choices of an experiment, of `--runner` and of `doctor` follow, as what a report calls it does. */
export const RUNNER_FACTS: Readonly<Record<RunnerName, RunnerFacts>> = {
  ...REAL_RUNNERS,
  ...POD_RUNNERS,
  simulated: { words: 'simulated', containers: false },
};

/** The names of the runners of real targets that can be asked for. */
export const REAL_RUNNER_NAMES = Object.keys(REAL_RUNNERS) as readonly (keyof typeof REAL_RUNNERS)[];
/** The names of all runners. */
export const RUNNER_NAMES = Object.keys(RUNNER_FACTS) as readonly RunnerName[];
/** What an experiment and `--runner` may say. */
export const RUNNER_CHOICES = ['auto', ...REAL_RUNNER_NAMES, 'simulated'] as const;
/** What may be asked for where the target is a real one. */
export const REAL_RUNNER_CHOICES = ['auto', ...REAL_RUNNER_NAMES] as const;
/** A runner of real targets, or the first that is usable. */
export type RealRunnerChoice = 'auto' | RealRunnerName;

/** What an experiment says to be run as a run was, on a machine; a pod's runner nobody asks for. */
export function choiceLike(runner: RunnerName): (typeof RUNNER_CHOICES)[number] {
  return runner === 'sidecar' ? 'auto' : runner;
}
