import type { Experiment, Levels } from '../experiment/experiment.ts';

/**
 * The environment of the target in one cell. GOGC, GOMEMLIMIT, GOMAXPROCS and GODEBUG are always set, so that
 * nothing is left to defaults that differ between Go versions and machines.
 */
export function targetEnvironment(
  experiment: Experiment,
  levels: Levels,
  gomaxprocs: number,
): Readonly<Record<string, string>> {
  const { env } = experiment.target;
  const debug = (env['GODEBUG'] ?? '')
    .split(',')
    .filter((setting) => setting !== '' && !setting.startsWith('gctrace='));
  if (experiment.sampling.gctrace) debug.push('gctrace=1');
  return {
    ...env,
    GOGC: String(levels.gogc),
    GOMEMLIMIT: String(levels.gomemlimit),
    GOMAXPROCS: String(gomaxprocs),
    GODEBUG: debug.join(','),
  };
}
