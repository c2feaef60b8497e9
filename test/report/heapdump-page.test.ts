import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { heapdumpPage } from '../../src/report/heapdump/heapdump-page.ts';
import { writeMarkdown } from '../../src/report/document/write-markdown.ts';
import { writeText } from '../../src/report/document/write-text.ts';
import { heapdumpFindings, heapdumpTables } from '../../src/report/heapdump/heapdump-document.ts';
import { analysed, DumpWriter, fixtureDump, HEAP } from '../heapdump/dump-bytes.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');
const facts = { file: 'heap.dump', toolVersion: '1.2.3', sha256 };

test('the page allows its own script and nothing else, and loads nothing', async () => {
  const page = heapdumpPage(await analysed(fixtureDump('go1.26.dump')), facts);
  const script = /<script>(.*?)<\/script>/s.exec(page)?.[1] ?? '';
  assert.ok(page.includes(`script-src &#39;sha256-${sha256(script)}&#39;`));
  assert.equal(page.match(/<script/g)?.length, 2);
  assert.ok(!/(?:src|href)="(?!#)/.test(page));
  for (const part of ['What single places retain', 'Objects that retain most', 'Slot sizes', 'list of 50 × 1.13 KiB'])
    assert.ok(page.includes(part), part);
});

test('names from the dump can neither end an element nor move a terminal', async () => {
  const evil = '</script><img src=x onerror=alert(1)>\u001b[2J\u202e';
  const bytes = new DumpWriter()
    .object(HEAP, 64)
    .goroutine(0x9000, 1)
    .frame(evil, { 8: HEAP })
    .memStats(64)
    .numbers(16, 1, 64, 1)
    .text(evil)
    .text(evil)
    .numbers(1, 1, 0, 17, HEAP, 1)
    .end();
  const analysis = await analysed(bytes);
  const page = heapdumpPage(analysis, { ...facts, file: evil });
  assert.ok(!page.includes('<img'));
  assert.equal(page.match(/<script/g)?.length, 2);
  for (const hidden of ['\u001b', '\u202e']) assert.ok(!page.includes(hidden));
  const document = [...heapdumpFindings(analysis, evil), ...heapdumpTables(analysis, 10)];
  for (const text of [writeText(document), writeMarkdown(document)]) {
    assert.ok(text.includes('onerror'), 'the name is shown');
    for (const hidden of ['\u001b', '\u202e']) assert.ok(!text.includes(hidden));
  }
  const outside = writeMarkdown(document).replace(/`[^`\n]*`/g, '');
  assert.ok(outside.includes('&lt;img') && !outside.includes('<img'), 'what is no code is escaped');
});

test('an empty heap has a page too', async () => {
  const page = heapdumpPage(await analysed(new DumpWriter().memStats().end()), facts);
  assert.ok(page.includes('The heap is empty.'));
});
