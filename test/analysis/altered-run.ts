import assert from 'node:assert/strict';

import { analyse } from '../../src/analysis/analyse.ts';
import type { Analysis } from '../../src/analysis/analysis.ts';
import { compareRuns } from '../../src/analysis/compare/compare-runs.ts';
import { recommend } from '../../src/analysis/recommend/recommend.ts';
import type { Wishes } from '../../src/analysis/recommend/wishes.ts';
import type { Warning } from '../../src/metrics/warning.ts';
import { comparisonCsv } from '../../src/report/compare/compare-csv.ts';
import { comparisonDocument } from '../../src/report/compare/compare-document.ts';
import { writeMarkdown } from '../../src/report/document/write-markdown.ts';
import { writeText } from '../../src/report/document/write-text.ts';
import { renderReport } from '../../src/report/formats.ts';
import { REPORT_FORMATS } from '../../src/report/report-formats.ts';
import type { Reading, TrialRecord } from '../../src/results/format.ts';
import type { SyntheticOptions } from '../fixtures/analysis/synthetic-run.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';
import { assertFinite } from './walk.ts';

/** The figures of a reading. */
export type Values = Reading['v'];
/** Three levels in enough blocks for intervals. */
export const SMALL: SyntheticOptions = { gogc: [50, 100, 200], blocks: 7 };
/** Limits on everything, and each kind of price. */
export const EVERY_WISH: readonly Wishes[] = [
  { limits: [], price: undefined },
  { limits: [], price: { kind: 'money', perGibMonth: 1, perCoreMonth: 3 } },
  {
    limits: (['cpu', 'p99', 'memory', 'rss'] as const).map((name) => ({ name, kind: 'change', most: 0.1 })),
    price: { kind: 'exchange', bytesPerPercent: 5 * 2 ** 20 },
  },
];

/** A run whose readings and records are altered before they are analysed. */
export async function altered(
  options: SyntheticOptions,
  values: (reading: Reading, record: TrialRecord, index: number) => Values | undefined,
  change: (record: TrialRecord) => TrialRecord = (record) => record,
): Promise<Analysis> {
  const run = syntheticRun(options);
  const trials = run.trials().map(({ record, readings }) => ({
    record: change(record),
    readings: [...(readings as Iterable<Reading>)].map((one, i) => ({ ...one, v: values(one, record, i) ?? one.v })),
  }));
  return analyse({ manifest: run.manifest, trials });
}

/** The warnings of one code. */
export function coded({ warnings }: Analysis, code: string): readonly Warning[] {
  return warnings.filter((warning) => warning.code === code);
}

/** Every format has each of these warnings, none has a number that is none, and nothing that is asked of it breaks. */
export async function assertSound(analysis: Analysis, codes: readonly string[]): Promise<void> {
  assertFinite(analysis);
  for (const wishes of EVERY_WISH) assertFinite(recommend(analysis, wishes));
  const comparison = compareRuns(analysis, analysis, { margin: 0 });
  assertFinite(comparison);
  const written: (readonly [string, string])[] = [];
  for (const format of REPORT_FORMATS) written.push([format, await renderReport(analysis, format)]);
  const forms: readonly (readonly [string, string])[] = [
    ...written,
    ['compare csv', comparisonCsv([comparison])],
    ['compare md', writeMarkdown(comparisonDocument(comparison, true))],
    ['compare text', writeText(comparisonDocument(comparison, true))],
  ];
  for (const [format, text] of forms) {
    // JSON has null where there is nothing; the page has the script of its theme.
    if (format !== 'json') assert.doesNotMatch(text, /\bNaN\b|Infinity|∞|\bundefined\b/, format);
  }
  for (const code of codes) {
    const [message = ''] = coded(analysis, code).map((warning) => warning.message);
    const words = bare(message).slice(0, 40);
    assert.ok(words.length > 10, `there is a warning ${code}`);
    // What a comparison says of a run itself is what spoils its figures.
    const where = code === 'not-a-number' ? forms : written;
    for (const [format, text] of where) assert.ok(bare(text).includes(words), `${format}: ${code}`);
  }
}

/** Without line breaks, tags and escapes, which differ between the formats. */
function bare(text: string): string {
  return text.replace(/<[^>]*>/g, '').replace(/[\\\s\u00A0]+/g, '');
}
