import assert from 'node:assert/strict';
import { test } from 'node:test';
import { READING_FAMILIES } from '../../src/export/reading-families.ts';
import { SampleSpool } from '../../src/session/sample-spool.ts';

test('each series is in one piece, though several of a family went on side by side for long', async () => {
  using spool = await SampleSpool.open();
  const series = ['{probe="proc"}', '{probe="ps"}'].map((labels) => spool.begin(READING_FAMILIES.rssBytes, labels));
  const COUNT = 9000;
  for (let at = 0; at < COUNT; at++) for (const put of series) put(at, at);
  spool.endSeries();
  let text = '';
  for (const piece of spool.pieces()) text += new TextDecoder().decode(piece);
  const probes = text.split('\n').flatMap((line) => /probe="(\w+)"/.exec(line)?.[1] ?? []);
  assert.equal(probes.length, 2 * COUNT);
  assert.equal(probes.filter((probe, i) => probe !== probes[i - 1]).length, 2);
});
