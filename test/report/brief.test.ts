import assert from 'node:assert/strict';
import test from 'node:test';
import { briefOf } from '../../src/report/brief/brief.ts';
import { briefText } from '../../src/report/brief/brief-text.ts';
import { textWidth } from '../../src/text/text-width.ts';
import { matchesGolden } from '../golden.ts';
import { HOSTILE, SAMPLES } from './samples.ts';

const FOOT = [
  { name: 'Report', text: 'results/run/report.html' },
  { name: 'Next', text: 'gctune recommend results/run' },
];
const WIDTH = 80;

test('the end of a run is at most twelve lines of eighty columns, whatever came of it', async () => {
  const written: string[] = [];
  for (const [name, make] of Object.entries(SAMPLES)) {
    const brief = briefOf(await make());
    if (brief === undefined) continue;
    const text = briefText(brief, FOOT, { width: WIDTH });
    const lines = text.trimEnd().split('\n');
    assert.ok(lines.length <= 12, `${name}: ${lines.length} lines\n${text}`);
    for (const line of lines) assert.ok(textWidth(line) <= WIDTH, `${name}: ${line}`);
    written.push(`${name}\n\n${text}`);
  }
  matchesGolden('report/brief.txt', written.join('\n'));
});

test('what is longer than a line is cut, and what has no room is counted', async () => {
  const analysis = await SAMPLES['plain']?.();
  assert.ok(analysis);
  const brief = briefOf(analysis);
  assert.ok(brief);
  const cautions = Array.from({ length: 9 }, (_, i) => `${i} ${'long '.repeat(40)}${HOSTILE}`);
  const text = briefText({ ...brief, cautions }, FOOT, { width: WIDTH });
  const warnings = text.split('\n').filter((line) => line.startsWith('warning:'));
  assert.ok(warnings.length >= 1);
  assert.match(warnings.at(-1) ?? '', new RegExp(`… \\(and ${9 - warnings.length} more in the report\\)$`));
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  assert.ok(text.split('\n').every((line) => textWidth(line) <= WIDTH));
});

test('a narrow terminal keeps memory and leaves out what does not fit', async () => {
  const analysis = await SAMPLES['one-workload']?.();
  assert.ok(analysis);
  const brief = briefOf(analysis);
  assert.ok(brief);
  const text = briefText(brief, FOOT, { width: 45 });
  assert.match(text, /memory/);
  assert.doesNotMatch(text, /p99/);
});
