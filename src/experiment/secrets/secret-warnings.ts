import type { Experiment } from '../experiment.ts';
import { RUNNER_FACTS } from '../runner-names.ts';
import { REDACTED, variablesOf, type Secrets } from './secrets.ts';
import type { Warning } from '../../metrics/warning.ts';

/** Where the secrets of an experiment can still be read, and by whom: said before it is run. */
export function secretWarnings({ target, runner }: Experiment, { literals }: Secrets): readonly Warning[] {
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
  return warnings;
}

function values(names: readonly string[]): string {
  return `${names.length === 1 ? 'value' : 'values'} of ${names.join(', ')}`;
}
