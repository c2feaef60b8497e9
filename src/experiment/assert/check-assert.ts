import { leastN } from '../../statistics/least-n.ts';
import { baselineLevels } from '../check/check-matrix.ts';
import type { Problem } from '../check/diagnose.ts';
import { readAssertion, type AssertionScope, type WrittenAssertion } from './read-assertion.ts';
import { kindOfWorkload, usedWorkloads, type ReadSections } from '../sections.ts';

/** The assertions: of cells that there are, in units of their metrics, and such as so many blocks can decide. */
export function checkAssert(file: ReadSections): Problem[] {
  return [...assertProblems(file.assert ?? [], scopeOfFile(file)), ...undecidable(file)];
}

/** What is wrong with the entries of a list `assert`. */
export function assertProblems(list: readonly WrittenAssertion[], scope: AssertionScope | undefined): Problem[] {
  return list.flatMap((written, index): Problem[] => {
    const read = readAssertion(written, scope);
    if ('assertion' in read) return [];
    return read.problems.map(({ key, code, message, hint }) => {
      const path = ['assert', index, ...(key === undefined ? [] : [key])];
      return { code, path, message, hint };
    });
  });
}

/** The cells that assertions may be about; undefined where the matrix or the workloads could not be read. */
export function scopeOfFile(file: ReadSections): AssertionScope | undefined {
  const { matrix, baseline, workloads } = file;
  if (matrix === undefined || baseline === undefined || workloads === undefined) return undefined;
  return {
    matrix: { ...matrix, workload: usedWorkloads(file) },
    baseline: baselineLevels({ matrix, baseline }),
    kinds: Object.fromEntries(Object.entries(workloads).map(([name, workload]) => [name, kindOfWorkload(workload)])),
  };
}

/** Under so many blocks there is no interval, and a gate that never decides looks like one that passes. */
function undecidable({ assert, blocks, confidence }: ReadSections): Problem[] {
  if (blocks === undefined || confidence === undefined || !assert?.some(({ level }) => level !== 'off')) return [];
  const most = typeof blocks === 'object' ? blocks.max : blocks;
  const needed = leastN(confidence);
  if (most >= needed) return [];
  return [
    {
      code: 'undecidable-assert',
      path: typeof blocks === 'object' ? ['blocks', 'max'] : ['blocks'],
      message: `${most} ${most === 1 ? 'block gives' : 'blocks give'} no interval, so that no assertion could be decided`,
      hint: `write at least ${needed}, or level: off in the assertions`,
    },
  ];
}
