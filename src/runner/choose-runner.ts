import { EnvironmentError } from '../errors.ts';
import { checkEngine, findEngine, type Engine } from './docker-engine.ts';
import { dockerRunner } from './docker-runner.ts';
import { processRunner } from './process-runner.ts';
import type { Runner } from './runner.ts';

/** How long an engine gets to answer before `auto` goes on without it. */
const AUTO_SECONDS = 0.5;
const ASKED_SECONDS = 5;

/** A runner, and why it was taken. */
export interface ChosenRunner {
  readonly runner: Runner;
  /** One line for people. */
  readonly why: string;
  /** The engine, where the runner is one. */
  readonly engine: Engine | undefined;
}

/**
 * Takes the runner that was asked for; `auto` takes Docker where an engine answers soon and is usable, else plain processes.
 * Throws EnvironmentError where Docker was asked for and is not usable.
 */
export async function chooseRunner(
  choice: 'auto' | 'docker' | 'process',
  options: { readonly engine?: Engine } = {},
): Promise<ChosenRunner> {
  if (choice === 'process') return { runner: processRunner(), why: 'asked for', engine: undefined };
  const engine = options.engine ?? (await findEngine());
  const checks = await checkEngine(engine, choice === 'auto' ? AUTO_SECONDS : ASKED_SECONDS);
  const failed = checks.find(({ status }) => status === 'fail');
  if (failed === undefined) {
    const why = choice === 'auto' ? `a container engine answers (${checks[0]?.message})` : 'asked for';
    return { runner: dockerRunner({ engine }), why, engine };
  }
  if (choice === 'docker') {
    throw new EnvironmentError('docker-unusable', failed.message, {
      hint: `${failed.remedy ?? 'Use `runner: process`'} (see \`gctune doctor\`, check ${failed.id})`,
    });
  }
  return { runner: processRunner(), why: `no usable container engine: ${failed.message}`, engine: undefined };
}
