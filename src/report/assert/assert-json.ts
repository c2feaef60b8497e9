import { jsonDocument } from '../../text/json-text.ts';
import type { AssertionReport } from '../../analysis/assert/assertion-report.ts';

/** The answer of `gctune assert` as one JSON document. */
export function assertionJson(run: string, report: AssertionReport): string {
  const { formatVersion, strict, off, results } = report;
  const document = {
    formatVersion,
    run,
    strict,
    holds: results.every(({ severity }) => severity !== 'error'),
    off,
    results: results.map((result) => {
      // An assertion of a run's folder lacks the keys that it does not need.
      const { metric, cell, kind, min, max, level } = result.assertion;
      return { ...result, assertion: { metric, cell, kind, min, max, level } };
    }),
  };
  return jsonDocument(document);
}
