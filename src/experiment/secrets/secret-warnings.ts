import type { Experiment } from '../experiment.ts';
import { RUNNER_FACTS } from '../runner-names.ts';
import { REDACTED, secretArgument, variablesOf, type Secrets } from './secrets.ts';
import type { Warning } from '../../metrics/warning.ts';

/** Where the secrets of an experiment can still be read, and by whom: said before it is run. */
export function secretWarnings(experiment: Experiment, { literals }: Secrets): readonly Warning[] {
  const { target, runner } = experiment;
  const warnings: Warning[] = [];
  if (literals.length > 0) {
    const names = [...new Set(literals.map(({ path }) => String(path.at(-1))))];
    warnings.push({
      code: 'secret-in-file',
      message: `the file itself contains the ${values(names)}, and so does its copy in the run's folder, which only you can read; write \${NAME} to take them from the environment`,
    });
  }
  const passed = Object.entries(target.env).flatMap(([name, text]) =>
    text === REDACTED || variablesOf(text).length > 0 ? [name] : [],
  );
  if (passed.length > 0 && (runner === 'auto' || RUNNER_FACTS[runner].containers)) {
    const where = runner === 'auto' ? 'in a container' : 'during a trial';
    warnings.push({
      code: 'secret-in-engine',
      message: `anyone who may use the container engine can read the ${values(passed)} ${where} (docker inspect), and so can root on this machine`,
    });
  }
  return [...warnings, ...argumentWarnings(experiment)];
}

/** Secrets in arguments of the target, of services and of load programs, which every report shows and every user of the machine sees. */
export function argumentWarnings({ target, services, workloads }: Experiment): readonly Warning[] {
  const programs: readonly (readonly [string, readonly string[]])[] = [
    ['target.args', target.args],
    ...Object.entries(services).map(([name, { args }]) => [`services.${name}.args`, args] as const),
    ...Object.entries(workloads).flatMap(([name, spec]) =>
      spec.kind === 'command' ? [[`workloads.${name}.command.args`, spec.args] as const] : [],
    ),
  ];
  return programs.flatMap(([place, args]): readonly Warning[] => {
    const found = args.flatMap((argument, index) => {
      if (!secretArgument(argument, args[index - 1])) return [];
      return [
        /^--?[\w.-]+/.exec(argument)?.[0] ?? /^--?[\w.-]+$/.exec(args[index - 1] ?? '')?.[0] ?? `argument ${index + 1}`,
      ];
    });
    if (found.length === 0) return [];
    const message = `${place}: ${found.join(', ')} looks like a secret; arguments are in the run's files and reports, and every user of this machine can read them. Pass it by env, as \${NAME}`;
    return [{ code: 'secret-in-arguments', message }];
  });
}

function values(names: readonly string[]): string {
  return `${names.length === 1 ? 'value' : 'values'} of ${names.join(', ')}`;
}
