import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import type { Analysis } from '../../src/analysis/analysis.ts';
import { analyse } from '../../src/analysis/analyse.ts';
import { evaluateAssertions } from '../../src/analysis/assert/evaluate-assertions.ts';
import { compareRuns } from '../../src/analysis/compare/compare-runs.ts';
import { recommend } from '../../src/analysis/recommend/recommend.ts';
import { NO_FLAGS, wishesOf } from '../../src/analysis/recommend/wish-flags.ts';
import { recommendFoot } from '../../src/commands/recommend/recommend-foot.ts';
import type { Assertion } from '../../src/experiment/assert/assertion.ts';
import { assertionBrief } from '../../src/report/assert/assert-brief.ts';
import type { Brief, BriefFoot } from '../../src/report/brief/brief.ts';
import { briefText } from '../../src/report/brief/brief-text.ts';
import { shortAnswers } from '../../src/report/brief/verdict-words.ts';
import { recommendationBrief, runBrief } from '../../src/report/brief/settings-brief.ts';
import { comparisonBrief } from '../../src/report/compare/compare-brief.ts';
import { runExplanationBrief } from '../../src/report/explain/explain-brief.ts';
import { textWidth } from '../../src/text/text-width.ts';
import { matchesGolden } from '../golden.ts';
import { SMALL_SERVICE } from '../fixtures/analysis/heap-model.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';
import { HOSTILE, SAMPLES } from './samples.ts';

const WIDTH = 80;
const MOST_LINES = 12;
const NEXT: readonly BriefFoot[] = [
  { name: 'To decide', text: 'gctune run experiment.yaml --blocks 60 (about 5 h 18 min)' },
  { name: 'Next', text: 'gctune report results/run' },
];
const FOOT: readonly BriefFoot[] = [
  { name: 'Report', text: 'results/run/report.html' },
  { name: 'Next', text: 'gctune recommend results/run' },
];
const LIMITS = [{}, { 'max-cpu': '+30%', 'max-rss': '60MiB' }, { 'price-gib-month': '4', 'price-core-month': '25' }];

/** Refuses a text that is longer or wider than the screen that it is made for, and gives it. */
function onOneScreen(name: string, brief: Brief, foot: readonly BriefFoot[]): string {
  const text = briefText(brief, foot, { width: WIDTH });
  const lines = text.trimEnd().split('\n');
  assert.ok(lines.length <= MOST_LINES, `${name}: ${lines.length} lines\n${text}`);
  for (const line of lines) assert.ok(textWidth(line) <= WIDTH, `${name}: ${line}`);
  return `${name}\n\n${text}`;
}

const analyses = new Map<string, Analysis>();
before(async () => {
  for (const [name, make] of Object.entries(SAMPLES)) analyses.set(name, await make());
});

function sample(name: string): Analysis {
  const analysis = analyses.get(name);
  assert.ok(analysis);
  return analysis;
}

function eachSample(say: (name: string, analysis: Analysis) => readonly string[]): string {
  return [...analyses].flatMap(([name, analysis]) => say(name, analysis)).join('\n');
}

test('the end of a run is at most twelve lines of eighty columns, whatever came of it', () => {
  const written = eachSample((name, analysis) => {
    const brief = runBrief(analysis);
    return brief === undefined ? [] : [onOneScreen(name, brief, FOOT)];
  });
  matchesGolden('report/brief.txt', written);
});

test('a refusal names the limit that stands in the way, not a setting that only shows no saving', () => {
  const found = [...analyses.values()]
    .map((analysis) => recommend(analysis, wishesOf(NO_FLAGS), { containerBytes: undefined }))
    .find(({ answers }) => answers.some(({ refusal }) => refusal?.code === 'overlap'));
  const answer = found?.answers.find(({ refusal }) => refusal?.code === 'overlap');
  const [limited] = answer?.refusal?.obstacles.filter(({ limit }) => limit !== undefined) ?? [];
  assert.ok(found && answer?.refusal && limited);
  const gain = { ...limited, setting: 'GOGC=1', kind: 'gain', limit: undefined } as const;
  const refused = { ...answer, refusal: { ...answer.refusal, obstacles: [gain, limited] } };
  const [said] = shortAnswers({ ...found, answers: [refused] });
  assert.match(said?.because ?? '', new RegExp(`^${limited.setting} may exceed `));
});

test('a recommendation is at most twelve lines of eighty columns, whatever the run is and whatever is asked', () => {
  const written = eachSample((name, analysis) =>
    LIMITS.map((flags, i) => {
      const recommendation = recommend(analysis, wishesOf({ ...NO_FLAGS, ...flags }), { containerBytes: 2 ** 28 });
      const foot = recommendFoot(recommendation, 'results/run', { confirm: false });
      return onOneScreen(`${name} ${i}`, recommendationBrief(analysis, recommendation), foot);
    }),
  );
  matchesGolden('report/recommend-brief.txt', written);
});

test('so is a comparison of two runs, and of the levels of a factor', async () => {
  const same = eachSample((name, analysis) => [
    onOneScreen(name, comparisonBrief([compareRuns(analysis, analysis, { margin: 0 })]), NEXT.slice(1)),
  ]);
  const shape = { name: 'night', blocks: 10, noise: 0.01 };
  const [base, dearer] = await Promise.all(
    [1, 1.1].map(async (factor) => {
      const model = () => ({ ...SMALL_SERVICE, requestSeconds: SMALL_SERVICE.requestSeconds * factor });
      const run = syntheticRun({ ...shape, seed: factor * 10, model });
      return analyse({ manifest: run.manifest, trials: run.trials() });
    }),
  );
  assert.ok(base && dearer);
  const worse = onOneScreen('worse', comparisonBrief([compareRuns(base, dearer, { margin: 0 })]), NEXT.slice(1));
  matchesGolden('report/compare-brief.txt', `${same}\n${worse}`);
  // Everything changed, and nothing cuts what a file takes.
  const brief = comparisonBrief([compareRuns(base, dearer, { margin: 0 })]);
  const uncut = briefText({ ...brief, sentences: [], cautions: [] }, [], { uncut: true });
  assert.ok(
    uncut.split('\n').every((line) => textWidth(line) <= WIDTH),
    uncut,
  );
  assert.match(brief.cautions.at(-1) ?? '', /^\d+ further metrics changed and are not shown here: --verbose$/);
});

test('so is what became of assertions', () => {
  const base = { metric: 'cpu.per_request', kind: 'change', cell: undefined, min: undefined, level: 'error' } as const;
  const asserted: readonly Assertion[] = [
    { ...base, max: { value: 0.16, written: '+16%' } },
    { ...base, metric: 'memory.anon', kind: 'level', max: { value: 2 ** 25, written: '32MiB' }, level: 'warn' },
  ];
  const written = eachSample((name, { run, workloads, assertions }) => {
    const report = evaluateAssertions(asserted, workloads, { confidence: run.experiment.confidence });
    return [
      onOneScreen(name, assertionBrief(report), NEXT),
      ...(assertions === undefined ? [] : [onOneScreen(`${name}, its own`, assertionBrief(assertions), NEXT)]),
    ];
  });
  matchesGolden('report/assert-brief.txt', written);
});

test('so is where the memory of a run is', () => {
  const written = eachSample((name, analysis) => [onOneScreen(name, runExplanationBrief(analysis), NEXT.slice(1))]);
  matchesGolden('report/explain-brief.txt', written);
});

test('what is longer than a line is cut, and what has no room is counted', () => {
  const brief = runBrief(sample('plain'));
  assert.ok(brief);
  const cautions = Array.from({ length: 9 }, (_, i) => `${i} ${'long '.repeat(40)}${HOSTILE}`);
  const text = briefText({ ...brief, cautions }, FOOT, { width: WIDTH });
  const warnings = text.split('\n').filter((line) => line.startsWith('warning:'));
  assert.ok(warnings.length >= 1);
  assert.match(warnings.at(-1) ?? '', new RegExp(`… \\(and ${9 - warnings.length} more: --verbose\\)$`));
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  assert.ok(text.split('\n').every((line) => textWidth(line) <= WIDTH));
});

test('a narrow terminal keeps memory and leaves out what does not fit', () => {
  const brief = runBrief(sample('one-workload'));
  assert.ok(brief);
  const text = briefText(brief, FOOT, { width: 45 });
  assert.match(text, /memory/);
  assert.doesNotMatch(text, /p99/);
});

test('a log has every row, column and caution, and cuts none', () => {
  const brief = runBrief(sample('many-levels'));
  assert.ok(brief?.table);
  const cautions = Array.from({ length: 20 }, (_, i) => `${i} ${'long '.repeat(40)}end`);
  const lines = briefText({ ...brief, cautions }, FOOT, { width: WIDTH, uncut: true }).split('\n');
  assert.equal(lines.filter((line) => line.startsWith('warning:') && line.endsWith(' end')).length, 20);
  for (const [setting = ''] of brief.table.rows.map(({ cells }) => cells))
    assert.ok(
      lines.some((line) => line.replace('*', ' ').trimStart().startsWith(`${setting} `)),
      setting,
    );
  assert.match(lines.join('\n'), /memory +CPU\/request +p99\n/);
});
