import type { Gogc, Gomemlimit, Levels, Matrix } from '../experiment.ts';
import { gogcInGo, gomemlimitInGo } from '../../go/settings.ts';
import { nearest } from '../../text/nearest.ts';
import { parseSize, quote, writeSize } from '../../units/units.ts';

/** The factors that every matrix has, as selectors and filters name them. */
const ALWAYS = ['gogc', 'gomemlimit', 'workload'] as const;

/** The factors of a matrix, as selectors and filters name them. */
export function factorNames({ factors = [] }: Pick<Matrix, 'factors'>): readonly string[] {
  return [...ALWAYS, ...factors.map(({ name }) => name)];
}

/** How many combinations of levels there are. */
export function combinationCount(matrix: Matrix): number {
  return factorNames(matrix).reduce((product, factor) => product * writtenLevels(matrix, factor).length, 1);
}

/** The levels of a factor of the matrix, as they are written. */
export function writtenLevels(matrix: Matrix, factor: string): readonly string[] {
  if (factor === 'workload') return matrix.workload;
  if (factor === 'gogc' || factor === 'gomemlimit') return matrix[factor].map((level) => writeLevel(level, factor));
  return matrix.factors?.find(({ name }) => name === factor)?.levels ?? [];
}

/** How a level is written: as in the environment of the target, and in names of cells. */
export function writeLevel(level: Gogc | Gomemlimit, factor: 'gogc' | 'gomemlimit'): string {
  return level === 'off' || factor === 'gogc' ? String(level) : writeSize(level);
}

/** Whether a cell has all the levels that a selector such as `gogc=10 workload=steady` names; an empty one fits every cell. */
export function fitsSelector(levels: Levels, selector: string): boolean {
  return termsOf(selector).every((term) => {
    const { factor, level } = splitTerm(term);
    if (factor === 'workload') return levels.workload === level;
    if (factor === 'gogc' || factor === 'gomemlimit') return levels[factor] === goLevel(factor, level);
    const own = levels.factors?.[factor];
    return own !== undefined && own === sameLevel(factor, level);
  });
}

/** The level that a text means, as Go reads it; undefined where it means none. */
export function goLevel(factor: 'gogc' | 'gomemlimit', text: string): Gogc | Gomemlimit | undefined {
  if (text === '') return undefined;
  if (factor === 'gomemlimit') return gomemlimitInGo(text);
  const { gogc, readable } = gogcInGo(text);
  return readable ? gogc : undefined;
}

/** The level of a further factor as cells have it: `0.50` CPUs are `0.5`, `1024MiB` are `1GiB`. */
export function sameLevel(factor: string, text: string): string {
  if ((factor === 'gomaxprocs' || factor === 'cpus') && Number(text) > 0) return String(Number(text));
  const size = factor === 'memory' ? parseSize(text) : undefined;
  return size !== undefined && 'value' in size ? writeSize(size.value) : text;
}

/** Why a selector names no cell of a matrix, and what to write; undefined where it names at least one. */
export function selectorProblem(
  selector: string,
  matrix: Matrix,
): { readonly problem: string; readonly hint: string } | undefined {
  const terms = termsOf(selector);
  const factors: string[] = [];
  for (const term of terms) {
    const { factor, level } = splitTerm(term);
    const names = factorNames(matrix);
    const known = names.find((name) => name === factor);
    if (known === undefined || !term.includes('=')) {
      const meant = nearest(factor, names);
      const hint =
        meant === undefined ? `write factors of the matrix, e.g. ${example(matrix)}` : `did you mean ${meant}=…?`;
      return { problem: `${quote(term)} is not a factor with a level`, hint };
    }
    if (factors.includes(known)) {
      return {
        problem: `${quote(selector)} names ${known} twice: no cell has two levels`,
        hint: 'split it into two entries',
      };
    }
    factors.push(known);
    const shown = writtenLevels(matrix, known);
    if (shown.some((one) => sameWritten(known, one, level))) continue;
    const meant = nearest(level, shown);
    return {
      problem: `there is no cell with ${quote(term)}`,
      hint:
        known !== 'gogc' && known !== 'gomemlimit' && meant !== undefined
          ? `did you mean ${meant}?`
          : `matrix.${known} has ${shown.join(', ')}`,
    };
  }
  return terms.length > 0
    ? undefined
    : { problem: 'the selector is empty', hint: `leave it out for every cell, or write e.g. ${example(matrix)}` };
}

/** Whether two texts mean the same level. */
export function sameWritten(factor: string, one: string, other: string): boolean {
  return factor === 'gogc' || factor === 'gomemlimit'
    ? goLevel(factor, one) === goLevel(factor, other)
    : one === sameLevel(factor, other);
}

const FREE = /^(?:env|args)\./;
const BEGINS = /^(?:gogc|gomemlimit|workload|version|toolchain|gomaxprocs|cpus|memory|(?:env|args)\.[A-Za-z0-9_.-]+)=/;

/** The terms of a selector, by white space or commas; the level of a variable or flag may have commas of its own. */
function termsOf(selector: string): readonly string[] {
  return selector.split(/\s+/).flatMap((word) =>
    word
      .split(',')
      .reduce<readonly string[]>((terms, piece) => {
        const last = terms.at(-1);
        if (last === undefined || !FREE.test(last) || piece === '' || BEGINS.test(piece)) return [...terms, piece];
        return [...terms.slice(0, -1), `${last},${piece}`];
      }, [])
      .filter((term) => term !== ''),
  );
}

/** The factor and the level of one term: `gogc=25`. */
export function splitTerm(term: string): { readonly factor: string; readonly level: string } {
  const [factor = '', level = ''] = term.split(/=(.*)/s);
  return { factor, level };
}

function example(matrix: Matrix): string {
  return `gogc=${writeLevel(matrix.gogc[0] ?? 100, 'gogc')}`;
}
