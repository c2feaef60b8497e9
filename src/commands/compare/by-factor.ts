import type { Analysis } from '../../analysis/analysis.ts';
import { compareBy, type FactorComparison } from '../../analysis/compare/compare-by.ts';
import { PRECISION_MISSED } from '../../analysis/inference/missed-precision.ts';
import { UserError } from '../../errors.ts';
import { varyingFactors } from '../../experiment/factors.ts';
import { splitTerm } from '../../experiment/plan/cell-selector.ts';
import { nearest } from '../../text/nearest.ts';
import { quote } from '../../units/units.ts';

/** The levels of a factor of one run against its baseline level; `version=new`: that level alone. Throws UserError. */
export function compareFactor(analysis: Analysis, by: string, margin: number): FactorComparison {
  const { factor: name, level } = splitTerm(by);
  const varying = varyingFactors(analysis.run.experiment.matrix);
  const factor = varying.find((one) => one.name === name);
  if (factor === undefined) {
    const names = varying.map((one) => one.name);
    const meant = nearest(name, names);
    throw new UserError({
      code: 'no-such-factor',
      message: `no factor ${quote(name)} varies in ${analysis.run.id}`,
      at: '--by',
      hint:
        names.length === 0
          ? 'only GOGC, GOMEMLIMIT and the workload vary in it, which gctune report compares; docs/factors.md has the others'
          : meant === undefined
            ? `these vary: ${names.join(', ')}`
            : `did you mean ${meant}?`,
    });
  }
  const whole = withMissedPrecision(compareBy(analysis, factor, margin), analysis);
  if (level === '') return whole;
  const comparisons = whole.comparisons.filter((one) => one.by?.new === level);
  if (comparisons.length > 0) return { ...whole, comparisons };
  const others = factor.levels.filter((one) => one !== factor.baseline);
  throw new UserError({
    code: 'no-such-level',
    message: `${quote(level)} is not compared with ${name}=${factor.baseline}`,
    at: '--by',
    hint: `these levels are: ${others.join(', ')}`,
  });
}

/** Whoever compares levels must know, too, that the run is less sure of them than was asked. */
function withMissedPrecision(whole: FactorComparison, { warnings }: Analysis): FactorComparison {
  const missed = warnings.filter(({ code }) => code === PRECISION_MISSED);
  if (missed.length === 0) return whole;
  return {
    ...whole,
    comparisons: whole.comparisons.map((one) => ({ ...one, warnings: [...one.warnings, ...missed] })),
  };
}
