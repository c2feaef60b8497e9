import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import type { Analysis } from '../../src/analysis/analysis.ts';
import { evaluateAssertions } from '../../src/analysis/assert/evaluate-assertions.ts';
import { compareRuns } from '../../src/analysis/compare/compare-runs.ts';
import { parseAssertions } from '../../src/experiment/assert/parse-assertions.ts';
import { scopeOf } from '../../src/experiment/assert/read-assertion.ts';
import { assertionJunit } from '../../src/report/assert/assert-junit.ts';
import { comparisonJunit } from '../../src/report/compare/compare-junit.ts';
import { junitXml } from '../../src/report/junit.ts';
import { SMALL_SERVICE, type HeapModel } from '../fixtures/analysis/heap-model.ts';
import { syntheticRun, type SyntheticOptions } from '../fixtures/analysis/synthetic-run.ts';
import { requirement } from '../requirements.ts';

const SCHEMA = join(import.meta.dirname, '../fixtures/junit/junit-10.xsd');
const HOSTILE = "\"/><failure message='x'>]]> &amp; \u0000\u0001\ufffe\ud800 \u001b[31mred\u001b[0m\n<!-- --> 世界 🚀";

/** What xmllint says against a document: nothing where the schema allows it. */
function objections(xml: string): string {
  const { status, stderr } = spawnSync('xmllint', ['--noout', '--schema', SCHEMA, '-'], {
    input: xml,
    encoding: 'utf8',
  });
  return status === 0 ? '' : stderr;
}

async function analysisOf(options: SyntheticOptions): Promise<Analysis> {
  const run = syntheticRun({ gogc: [50, 100, 200], noise: 0.02, ...options });
  return analyse({ manifest: run.manifest, trials: run.trials() });
}

async function assertions(list: string, { strict = false, blocks = 8 } = {}): Promise<string> {
  const { run, workloads } = await analysisOf({ name: 'night', blocks });
  const parsed = parseAssertions(`assert:\n${list}`, 'f.yaml', scopeOf(run.experiment));
  assert.ok('assertions' in parsed, JSON.stringify(parsed));
  const report = evaluateAssertions(parsed.assertions, workloads, { strict, confidence: 0.95 });
  const results = report.results.map((one) => ({ ...one, workload: HOSTILE, reason: one.reason && HOSTILE }));
  return assertionJunit({ ...run, id: HOSTILE }, { ...report, results });
}

const KEPT = '  - { metric: memory.anon, cell: gogc=50, max: 1GiB }\n';
const BROKEN = '  - { metric: memory.anon, cell: gogc=50, max: 1MiB }\n';
const SAID = '  - { metric: memory.anon, cell: gogc=50, max: 1MiB, level: warn }\n';

const counts = (xml: string): readonly (string | undefined)[] =>
  (/<testsuite .*? tests="(\d+)" failures="(\d+)" errors="(\d+)" skipped="(\d+)" time="0"/.exec(xml) ?? []).slice(1);

test('assert: what ends with 6 is a failure, what is only said is skipped, the rest has passed', async () => {
  const xml = await assertions(KEPT + BROKEN + SAID);
  assert.deepEqual(counts(xml), ['3', '1', '0', '1']);
  assert.match(
    xml,
    /<testcase name=".*?: memory\.anon max 1MiB" classname="gctune.assert" time="0">\n {6}<failure message="failed; found 20\.8 MiB \(.*?\), n = 8 trials" type="failed">asserted memory\.anon max 1MiB\n/,
  );
  assert.match(xml, /<skipped message="failed \(warning\); found [^"]*" type="failed \(warning\)">/);
  assert.match(xml, /<system-out>asserted memory\.anon max 1GiB\nfound [^<]* n = 8 trials<\/system-out>/);
  assert.match(xml, / timestamp="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d">/);
});

test('assert: what is undecided is skipped, and fails under --strict', async () => {
  assert.deepEqual(counts(await assertions(KEPT, { blocks: 3 })), ['1', '0', '0', '1']);
  const strict = await assertions(KEPT, { blocks: 3, strict: true });
  assert.deepEqual(counts(strict), ['1', '1', '0', '0']);
  assert.match(strict, /<failure message="undecided \(error\); [^"]*" type="undecided \(error\)">/);
});

async function comparison(dearer: number, blocks = 10): Promise<string> {
  const model = (): HeapModel => ({ ...SMALL_SERVICE, requestSeconds: SMALL_SERVICE.requestSeconds * dearer });
  const base = await analysisOf({ name: 'night', blocks, seed: 1 });
  const other = await analysisOf({ name: 'night', blocks, seed: 2, model });
  const compared = compareRuns(base, other, { margin: 0 });
  return comparisonJunit([
    {
      ...compared,
      new: { ...compared.new, artifact: HOSTILE },
      cells: compared.cells.map((cell) => ({ ...cell, workload: HOSTILE })),
      warnings: [{ code: 'hostile', message: HOSTILE }],
    },
  ]);
}

test('compare: a primary metric that is worse is a failure, one in which nothing is shown has passed', async () => {
  const xml = await comparison(1.1);
  assert.deepEqual(counts(xml), ['6', '3', '0', '0']);
  assert.match(
    xml,
    /: GOGC=50: CPU per request" classname="gctune\.compare" time="0">\n {6}<failure message="worse; changed by \+[^"]*, n = 10 trials of each run at least, p &lt; 0\.001" type="worse">base /,
  );
  assert.match(xml, /<system-out>base [^<]*\nnew [^<]*\nchanged by [^<]*\nverdict not-shown<\/system-out>/);
  assert.deepEqual(counts(await comparison(1)), ['6', '0', '0', '0']);
});

test('compare: what cannot be compared is skipped, with the reason', async () => {
  const xml = await comparison(1, 3);
  assert.deepEqual(counts(xml), ['6', '0', '0', '6']);
  assert.match(xml, /<skipped message="not comparable; [^"]*needs 4[^"]*" type="not comparable">/);
});

test(
  'the published schema allows failing and passing documents, whatever the names hold',
  requirement('xmllint'),
  async () => {
    const documents = {
      'assert, failing': await assertions(KEPT + BROKEN + SAID),
      'assert, passing': await assertions(KEPT),
      'compare, failing': await comparison(1.1),
      'compare, passing': await comparison(1),
      empty: junitXml('none', { name: '', measuredAt: '', properties: [], cases: [] }),
    };
    for (const [name, xml] of Object.entries(documents)) assert.equal(objections(xml), '', name);
    assert.match(
      objections(documents.empty.replace(' failures="0"', '').replace(' failures="0"', '')),
      /'failures' is required/,
    );
  },
);

test('what XML 1.0 forbids is dropped, and what it gives a meaning is escaped', async () => {
  const xml = await assertions(BROKEN);
  assert.doesNotMatch(xml, /[^\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
  assert.ok(
    xml.includes('name="&quot;/&gt;&lt;failure message=&apos;x&apos;&gt;]]&gt; &amp;amp;  red &lt;!-- --&gt; 世界 🚀'),
    xml,
  );
  assert.equal(xml.match(/<failure /g)?.length, 1);
});
