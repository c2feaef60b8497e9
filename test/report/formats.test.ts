import assert from 'node:assert/strict';
import test from 'node:test';
import type { Analysis } from '../../src/analysis/analysis.ts';
import { REPORT_FORMATS, type ReportFormat } from '../../src/report/report-formats.ts';
import { renderReport } from '../../src/report/formats.ts';
import { goldenText, matchesGolden } from '../golden.ts';
import { SAMPLES } from './samples.ts';

function goldenAnalysis(): Analysis {
  return JSON.parse(goldenText('report/analysis.json')) as Analysis;
}

const GOLDEN: readonly (readonly [file: string, format: ReportFormat, width?: number])[] = [
  ['report.md', 'md'],
  ['report-80.txt', 'text', 80],
  ['report-140.txt', 'text', 140],
  ['report.csv', 'csv'],
  ['report.benchfmt', 'benchfmt'],
];

for (const [file, format, width] of GOLDEN) {
  test(`${format}${width === undefined ? '' : ` of ${width} columns`} is the one in ${file}`, async () => {
    matchesGolden(`report/${file}`, await renderReport(goldenAnalysis(), format, { width }));
  });
}

test('the JSON report is the analysis', async () => {
  const analysis = goldenAnalysis();
  const text = await renderReport(analysis, 'json');
  assert.deepEqual(JSON.parse(text), analysis);
  assert.ok(text.endsWith('}\n'));
});

test('text keeps within its width, whatever the run', async () => {
  for (const [name, sample] of Object.entries(SAMPLES)) {
    if (name === 'hostile') continue;
    const analysis = await sample();
    for (const width of [80, 100, 200]) {
      const lines = (await renderReport(analysis, 'text', { width })).split('\n');
      const longest = lines.toSorted((a, b) => b.length - a.length)[0] ?? '';
      assert.ok(Array.from(longest).length <= width, `${name} at ${width}: ${longest}`);
    }
  }
});

test('every format of every kind of run is made, and is the same bytes again', async () => {
  for (const [name, sample] of Object.entries(SAMPLES)) {
    const analysis = await sample();
    for (const format of REPORT_FORMATS) {
      const report = await renderReport(analysis, format);
      assert.doesNotMatch(report, /\bNaN\b|\bundefined\b|\[object Object\]/, `${name} as ${format}`);
      // Between the two pages of one run come those of others, which leave Vega's counters elsewhere.
      if (format !== 'html' || AGAIN.has(name)) {
        assert.ok(report === (await renderReport(await sample(), format)), `${name} as ${format}`);
      }
    }
  }
});

const AGAIN: ReadonlySet<string> = new Set(['plain', 'off', 'hostile']);

test('a report does not change the analysis it is made of', async () => {
  const analysis = goldenAnalysis();
  const before = JSON.stringify(analysis);
  for (const format of REPORT_FORMATS) await renderReport(analysis, format);
  assert.equal(JSON.stringify(analysis), before);
});
