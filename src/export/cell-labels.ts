import { cellName } from '../history/night.ts';
import type { Cell } from '../experiment/plan/plan.ts';
import type { Labels } from './exposition.ts';

/** Labels that have another meaning here than a factor of that name would. */
const TAKEN: ReadonlySet<string> = new Set([
  'experiment',
  'machine',
  'run',
  'cell',
  'trial',
  'probe',
  'metric',
  'bound',
]);

/** The labels of a cell: its name with all its levels, and each level by its factor. */
export function cellLabels({ levels, role }: Pick<Cell, 'levels' | 'role'>): Labels {
  const name = cellName(levels);
  return { ...namedCellLabels(name), ...(role === 'a-a' ? { cell: `${name} (A/A)` } : {}) };
}

/** The same of a cell of a history, which is known by its name alone: `gogc=100 gomemlimit=off workload=steady`. */
export function namedCellLabels(name: string): Labels {
  const levels: Record<string, string> = {};
  let last: string | undefined;
  for (const term of name.split(' ')) {
    const at = term.indexOf('=');
    const label = at > 0 ? labelName(term.slice(0, at)) : undefined;
    // Levels of flags and variables are any text, with spaces in it too.
    if (label === undefined) {
      if (last !== undefined) levels[last] = `${levels[last]} ${term}`;
      continue;
    }
    levels[label] = term.slice(at + 1);
    last = label;
  }
  return { cell: name, ...levels };
}

/** `env.GODEBUG` is the label `env_GODEBUG`; undefined where it is no name of a factor. */
function labelName(factor: string): string | undefined {
  const name = factor.replaceAll(/[^A-Za-z0-9_]/g, '_');
  if (!/^[A-Za-z_]/.test(name) || name.startsWith('__')) return undefined;
  return TAKEN.has(name) ? `${name}_level` : name;
}
