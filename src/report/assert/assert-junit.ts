import type { AssertionReport } from '../../analysis/assert/assertion-report.ts';
import type { RunManifest } from '../../results/format.ts';
import type { AssertedRun } from './assert-document.ts';
import { junitXml, type JunitCase } from '../junit.ts';
import { assertionRows, type AssertionRow } from './assert-words.ts';

/**
 * The answer of `gctune assert` for a CI system: a case for each assertion and cell. What ends the command with 6 is a
 * failure, and nothing else is; what is only said is skipped, with the reason.
 */
export function assertionJunit(
  { id, startedAt, experimentFile }: AssertedRun & Pick<RunManifest, 'startedAt'>,
  report: AssertionReport,
): string {
  return junitXml('gctune assert', {
    name: id,
    measuredAt: startedAt,
    properties: [
      ['run', id],
      ['strict', String(report.strict)],
    ],
    cases: assertionCases(report, experimentFile),
  });
}

/** A case for each assertion and cell; `experimentFile`: what a command that would decide names. */
export function assertionCases(report: AssertionReport, experimentFile: string | undefined): readonly JunitCase[] {
  return assertionRows(report, experimentFile).map(caseOf);
}

function caseOf({ severity, outcome, cell, asserted, found, n, note }: AssertionRow): JunitCase {
  const figure = found === '' ? [] : [`found ${found}, n = ${n}`];
  const more = note === '' ? [] : [note];
  return {
    name: `${cell}: ${asserted}`,
    className: 'gctune.assert',
    complaint:
      severity === 'ok'
        ? undefined
        : {
            kind: severity === 'error' ? 'failure' : 'skipped',
            type: outcome,
            message: [outcome, ...figure, ...more].join('; '),
          },
    found: [`asserted ${asserted}`, ...figure, ...more],
  };
}
