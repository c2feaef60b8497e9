import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EXPLANATION_VERSION, type ExplanationDocument } from '../../src/analysis/explain/explanation-document.ts';
import { explainMemory, type ExplainedFacts } from '../../src/analysis/explain/explanation.ts';
import { reconcile } from '../../src/analysis/explain/reconcile.ts';
import { waterfallChart } from '../../src/report/charts/waterfall.ts';
import { documentPage } from '../../src/report/document/document-page.ts';
import { writeMarkdown } from '../../src/report/document/write-markdown.ts';
import { writeText } from '../../src/report/document/write-text.ts';
import { drawnWaterfall, explanationDocument } from '../../src/report/explain/explain-document.ts';
import { explainRows } from '../../src/report/explain/explain-rows.ts';
import { drawnCompositions, runExplanationDocument } from '../../src/report/explain/explain-run-document.ts';
import { loadRenderer } from '../../src/report/render.ts';
import { pageTheme } from '../../src/report/theme.ts';
import { HOSTILE, SAMPLES } from './samples.ts';

const MIB = 2 ** 20;
const COUNTERS = {
  heapAllocBytes: 40 * MIB,
  heapInuseBytes: 60 * MIB,
  heapIdleBytes: 30 * MIB,
  heapReleasedBytes: 10 * MIB,
  heapSysBytes: 90 * MIB,
  stackSysBytes: 12 * MIB,
  mspanSysBytes: MIB,
  mcacheSysBytes: MIB,
  buckHashSysBytes: MIB,
  gcSysBytes: 4 * MIB,
  otherSysBytes: MIB,
  sysBytes: 110 * MIB,
};

const KINDS: Readonly<Record<string, ExplainedFacts>> = {
  whole: {
    counters: COUNTERS,
    rssBytes: 130 * MIB,
    rssFileBytes: 20 * MIB,
    live: { bytes: 30 * MIB, source: 'runtime' },
  },
  'not all resident': { counters: COUNTERS, rssBytes: 110 * MIB, rssFileBytes: 40 * MIB },
  'less than Go': { counters: COUNTERS, rssBytes: 70 * MIB },
  'no RSS': { counters: COUNTERS },
  'no HeapReleased': { counters: { heapAllocBytes: MIB, heapSysBytes: 4 * MIB, heapIdleBytes: MIB }, rssBytes: MIB },
  'no HeapAlloc': { counters: { ...COUNTERS, heapAllocBytes: NaN }, rssBytes: 120 * MIB },
  nothing: { counters: {} },
};

function documentOf(figures: ExplainedFacts, name = 'vars.json'): ExplanationDocument {
  const reconciliation = reconcile(figures);
  return {
    formatVersion: EXPLANATION_VERSION,
    source: { kind: 'process', name, form: 'expvar', pid: 7, commandLine: [name], url: name },
    figures,
    reconciliation,
    points: explainMemory(reconciliation, figures),
    warnings: [],
  };
}

async function pageOf(document: ExplanationDocument): Promise<string> {
  return documentPage(explanationDocument(document, await drawnWaterfall(document.reconciliation)), 'Memory', '1.2.3');
}

test('Vega complains of no waterfall, and none has a number that is none', async () => {
  const draw = await loadRenderer();
  for (const [kind, figures] of Object.entries(KINDS)) {
    const chart = waterfallChart(reconcile(figures), pageTheme, 'w');
    assert.equal(chart === undefined, kind === 'nothing', kind);
    if (chart === undefined) continue;
    const { svg, complaints } = await draw(chart);
    assert.deepEqual(complaints, [], kind);
    assert.doesNotMatch(svg, /="[^"]*(?:NaN|Infinity|undefined|null)/, kind);
  }
});

test('rows lead from zero to RSS: parts add up to each total, byte by byte', () => {
  const bytes = fc.integer({ min: 0, max: 2 ** 44 });
  const counters = fc.record(Object.fromEntries(Object.keys(COUNTERS).map((key) => [key, bytes])), {
    requiredKeys: [],
  });
  fc.assert(
    fc.property(counters, bytes, fc.option(bytes, { nil: undefined }), (found, rssBytes, rssFileBytes) => {
      let sum = 0;
      const of = reconcile({ counters: found, rssBytes, rssFileBytes });
      for (const row of explainRows(of)) {
        if (row.kind === 'part' || row.kind === 'missing') sum += row.bytes;
        if (row.kind === 'total' && of.goBytes !== undefined) assert.equal(row.bytes, sum, row.name);
      }
    }),
  );
});

test('every kind of figures fits a narrow terminal and is a page', async () => {
  for (const [kind, figures] of Object.entries(KINDS)) {
    const document = documentOf(figures);
    const text = writeText(explanationDocument(document), { width: 60 });
    for (const line of text.split('\n')) assert.ok(line.length <= 60, `${kind}: ${line}`);
    assert.equal(/<svg /.test(await pageOf(document)), kind !== 'nothing', kind);
  }
});

test('names cannot get out of where they stand', async () => {
  const document = documentOf(KINDS['whole'] as ExplainedFacts, HOSTILE);
  const hostile = { ...document, warnings: [HOSTILE] };
  const page = await pageOf(hostile);
  assert.ok(!page.includes('<script>alert') && !page.includes('\u202e') && !page.includes('\u001b'));
  for (const text of [writeText(explanationDocument(hostile)), writeMarkdown(explanationDocument(hostile))]) {
    // oxlint-disable-next-line no-control-regex -- that there are none is what is tested
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  }
  assert.ok(!writeMarkdown(explanationDocument(hostile)).includes('<script'));
});

test('a run is explained cell by cell, each figure with its interval or the reason why there is none', async () => {
  for (const [name, sample] of Object.entries(SAMPLES)) {
    const analysis = await sample();
    const text = writeText(runExplanationDocument(analysis));
    const composed = analysis.workloads.flatMap(({ cells }) => cells).filter((cell) => cell.composition !== undefined);
    const rows = text.split('\n').filter((line) => line.startsWith('unused in spans'));
    assert.equal(rows.length > 0, composed.length > 0, name);
    for (const row of rows)
      assert.match(row.slice('unused in spans'.length), /^(?: +−?[\d.]+ \((?:[^()]+)\))+$/, `${name}: ${row}`);
    const page = documentPage(runExplanationDocument(analysis, await drawnCompositions(analysis)), 'Memory', '1.2.3');
    assert.equal(page.includes('Cell by cell'), composed.length > 0, name);
  }
});

test('a cell’s figures in the text are those of its composition', async () => {
  const analysis = await (SAMPLES['one-workload'] as () => ReturnType<(typeof SAMPLES)[string]>)();
  const [cell] = analysis.workloads[0]?.cells ?? [];
  const value = cell?.composition?.unusedInSpans.value ?? NaN;
  const first = /^unused in spans +(\S+) \(/m.exec(writeText(runExplanationDocument(analysis)))?.[1] ?? '';
  const decimals = first.split('.')[1]?.length ?? 0;
  assert.equal(first, (value / MIB).toFixed(decimals));
});
