import type { Gogc, Gomemlimit, Levels, Matrix } from '../experiment.ts';
import { gogcInGo, gomemlimitInGo } from '../../go/settings.ts';
import { writeLevel } from './make-plan.ts';
import { nearest } from '../../text/nearest.ts';
import { quote } from '../../units/units.ts';

/** The factors of a matrix, as selectors and filters name them. */
export const FACTORS = ['gogc', 'gomemlimit', 'workload'] as const satisfies readonly (keyof Levels)[];

/** Whether a cell has all the levels that a selector such as `gogc=10 workload=steady` names; an empty one fits every cell. */
export function fitsSelector(levels: Levels, selector: string): boolean {
  return termsOf(selector).every((term) => {
    const { factor, level } = splitTerm(term);
    if (factor === 'workload') return levels.workload === level;
    return (factor === 'gogc' || factor === 'gomemlimit') && levels[factor] === goLevel(factor, level);
  });
}

/** The level that a text means, as Go reads it; undefined where it means none. */
export function goLevel(factor: 'gogc' | 'gomemlimit', text: string): Gogc | Gomemlimit | undefined {
  if (text === '') return undefined;
  if (factor === 'gomemlimit') return gomemlimitInGo(text);
  const { gogc, readable } = gogcInGo(text);
  return readable ? gogc : undefined;
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
    const known = FACTORS.find((name) => name === factor);
    if (known === undefined || !term.includes('=')) {
      const meant = nearest(factor, FACTORS);
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
    const levels = levelsOf(matrix, known);
    const found = levels.some((one) =>
      fitsSelector({ gogc: 'off', gomemlimit: 'off', workload: '', [known]: one }, term),
    );
    if (found) continue;
    const shown = levels.map((one) => written(one, known));
    const meant = nearest(level, shown);
    return {
      problem: `there is no cell with ${quote(term)}`,
      hint:
        known === 'workload' && meant !== undefined
          ? `did you mean ${meant}?`
          : `matrix.${known} has ${shown.join(', ')}`,
    };
  }
  return terms.length > 0
    ? undefined
    : { problem: 'the selector is empty', hint: `leave it out for every cell, or write e.g. ${example(matrix)}` };
}

/** The terms of a selector: by spaces or commas. */
function termsOf(selector: string): readonly string[] {
  return selector.split(/[\s,]+/).filter((term) => term !== '');
}

/** The factor and the level of one term: `gogc=25`. */
export function splitTerm(term: string): { readonly factor: string; readonly level: string } {
  const [factor = '', level = ''] = term.split(/=(.*)/s);
  return { factor, level };
}

type Level = number | string;

function levelsOf(matrix: Matrix, factor: keyof Levels): readonly Level[] {
  return matrix[factor];
}

function written(level: Level, factor: keyof Levels): string {
  return factor === 'workload' ? String(level) : writeLevel(level as Gogc | Gomemlimit, factor);
}

function example(matrix: Matrix): string {
  return `gogc=${writeLevel(matrix.gogc[0] ?? 100, 'gogc')}`;
}
