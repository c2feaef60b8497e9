import { UserError, type Diagnostic } from '../../errors.ts';
import type { Assertion } from '../../experiment/assert/assertion.ts';
import { METRIC_IDS } from '../../metrics/metrics.ts';
import { nearest } from '../../text/nearest.ts';
import { readAssertion, type AssertionScope } from '../../experiment/assert/read-assertion.ts';
import { quote } from '../../units/units.ts';

/** A metric, perhaps a cell in brackets, and one bound. */
const THAT = /^\s*([\w.]+)\s*(?:\[([^\]]*)\])?\s*(<=|>=)\s*(\S+)\s*$/;

/** Reads flags such as `memory.anon[gogc=50] <= 40MiB`; a sign makes it a change against the baseline. Throws UserError with every problem. */
export function assertionsThat(texts: readonly string[], scope: AssertionScope): readonly Assertion[] {
  const problems: Diagnostic[] = [];
  const assertions = texts.flatMap((text) => {
    const wrong = (code: string, message: string, hint: string): void => {
      problems.push({ code, message, at: '--that', hint });
    };
    const [whole, name = '', cell, operator, bound = ''] = THAT.exec(text) ?? [];
    if (whole === undefined) {
      wrong(
        'bad-value',
        `${quote(text)} is not a valid assertion`,
        'write e.g. "memory.anon[gogc=50] <= 40MiB" or "cpu.used <= +5%"',
      );
      return [];
    }
    const metric = METRIC_IDS.find((id) => id === name);
    if (metric === undefined) {
      const meant = nearest(name, METRIC_IDS);
      const hint = meant === undefined ? 'gctune help metrics lists them' : `did you mean ${meant}?`;
      wrong('unknown-metric', `${quote(name)} is not a known metric`, hint);
      return [];
    }
    const against = /^[+-]/.test(bound) ? ('baseline' as const) : undefined;
    const read = readAssertion(
      { metric, cell, against, level: 'error', [operator === '<=' ? 'max' : 'min']: bound },
      scope,
    );
    if ('assertion' in read) return [read.assertion];
    for (const { code, message, hint } of read.problems) wrong(code, message, hint);
    return [];
  });
  if (problems.length > 0) throw new UserError(problems);
  return assertions;
}
