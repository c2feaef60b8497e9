import {
  ASSERTION_VERSION,
  hasErrors,
  severityOf,
  type AssertionReport,
} from '../../analysis/assert/assertion-report.ts';

/** The answer of `gctune assert` as one JSON document. Every key is always there: what does not apply is null. */
export function assertionJson(run: string, report: AssertionReport, strict: boolean): string {
  const document = {
    formatVersion: ASSERTION_VERSION,
    run,
    strict,
    holds: !hasErrors(report, strict),
    off: report.off,
    results: report.results.map((result) => {
      // An assertion of a run's folder lacks the keys that it does not need.
      const { metric, cell, kind, min, max, level } = result.assertion;
      return { ...result, assertion: { metric, cell, kind, min, max, level }, severity: severityOf(result, strict) };
    }),
  };
  return `${JSON.stringify(document, (_, value: unknown) => (value === undefined ? null : value), 2)}\n`;
}
