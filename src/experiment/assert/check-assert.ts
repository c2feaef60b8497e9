import { leastN } from '../../statistics/least-n.ts';
import { baselineLevels, MOST_TRIALS } from '../check/check-matrix.ts';
import { combinationCount } from '../plan/cell-selector.ts';
import type { Assertion } from './assertion.ts';
import type { Problem } from '../check/diagnose.ts';
import { readAssertion, type AssertionScope, type WrittenAssertion } from './read-assertion.ts';
import { matrixOf } from '../file-matrix.ts';
import type { ReadSections } from '../sections.ts';

/** The assertions that a list `assert` comes to, and what is wrong with its entries. */
export interface ReadAssertions {
  readonly assertions: readonly Assertion[];
  readonly problems: readonly Problem[];
}

/** Reads the entries of a list `assert`: of cells that there are, in units of their metrics. */
export function readAssertions(list: readonly WrittenAssertion[], scope: AssertionScope | undefined): ReadAssertions {
  const read = list.map((written) => readAssertion(written, scope));
  return {
    assertions: read.flatMap((one) => ('assertion' in one ? [one.assertion] : [])),
    problems: read.flatMap((one, index) =>
      'assertion' in one
        ? []
        : one.problems.map(({ key, code, message, hint }) => {
            const path = ['assert', index, ...(key === undefined ? [] : [key])];
            return { code, path, message, hint };
          }),
    ),
  };
}

/** The assertions of an experiment file; they must be such as its blocks can decide. */
export function assertionsOf(file: ReadSections): ReadAssertions {
  const { assertions, problems } = readAssertions(file.assert ?? [], scopeOfFile(file));
  return { assertions, problems: [...problems, ...undecidable(file)] };
}

/** The cells that assertions may be about; undefined where the matrix or the workloads could not be read. */
function scopeOfFile(file: ReadSections): AssertionScope | undefined {
  const { matrix, baseline, workloads } = file;
  if (matrix === undefined || baseline === undefined || workloads === undefined) return undefined;
  const whole = matrixOf({ ...file, matrix });
  // The matrix itself is refused then.
  if (combinationCount(whole) > MOST_TRIALS) return undefined;
  return {
    matrix: whole,
    baseline: baselineLevels({ matrix, baseline }),
    kinds: Object.fromEntries(Object.entries(workloads).map(([name, { kind }]) => [name, kind])),
  };
}

/** Under so many blocks there is no interval, and a gate that never decides looks like one that passes. */
function undecidable({ assert, blocks, confidence }: ReadSections): Problem[] {
  if (blocks === undefined || confidence === undefined || !assert?.some(({ level }) => level !== 'off')) return [];
  const most = typeof blocks === 'number' ? blocks : blocks.max;
  const needed = leastN(confidence);
  if (most >= needed) return [];
  return [
    {
      code: 'undecidable-assert',
      path: typeof blocks === 'object' ? ['blocks', 'max'] : ['blocks'],
      message: `${most} ${most === 1 ? 'block gives' : 'blocks give'} no interval, so no assertion could be decided`,
      hint: `write at least ${needed}, or level: off in the assertions`,
    },
  ];
}
