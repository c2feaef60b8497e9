import assert from 'node:assert/strict';
import test from 'node:test';
import { trusted } from '../../../src/report/html.ts';
import { writeHtml } from '../../../src/report/document/write-html.ts';
import { everywhere, HOSTILE, TABLE } from './samples.ts';

test('a table has the classes of the page, a row that is the baseline its mark, and no number a dash', () => {
  const { text } = writeHtml([TABLE]);
  assert.match(text, /<div class="scroll cards" role="region" aria-label="Summary" tabindex="0">/);
  assert.match(text, /<th\s+scope="col"\s+class="num"\s*>\s*memory <span class="unit">MiB<\/span>/);
  assert.match(text, /<tr class="baseline"><th scope="row">GOGC=100<\/th>/);
  assert.match(text, /<span class="none">–<\/span>/);
  assert.match(text, /<abbr class="refusal" title="interval not attainable with n = 4, needs 6">no interval<\/abbr>/);
  assert.equal(writeHtml([{ ...TABLE, rows: [] }]).text, '');
});

test('each kind of block is the element that it is', () => {
  const { text } = writeHtml([
    { kind: 'heading', level: 3, text: 'Head' },
    { kind: 'prose', text: ['a ', { text: 'b', as: 'strong' }, { text: 'c', as: 'code' }] },
    {
      kind: 'facts',
      facts: [
        ['name', '5 MiB'],
        ['name', 'more'],
        ['other', ''],
      ],
    },
    { kind: 'note', text: 'small' },
    { kind: 'code', text: 'x\ny' },
    { kind: 'chart', caption: 'Drawn', drawing: trusted('<svg></svg>') },
    { kind: 'warnings', warnings: ['doubt'] },
    { kind: 'folded', title: 'More', blocks: [{ kind: 'list', items: ['in it'] }] },
  ]);
  const flat = text.replace(/\s*\n\s*/g, '');
  for (const expected of [
    '<h3>Head</h3>',
    '<p>a <b>b</b><code>c</code></p>',
    '<dl><div><dt>name</dt><dd>5\u00a0MiB</dd><dd>more</dd></div><div><dt>other</dt><dd></dd></div></dl>',
    '<p class="note">small</p>',
    '<figure><figcaption>Drawn</figcaption><svg></svg></figure>',
    '<section class="warnings"><h2>One warning</h2><ul><li>doubt</li></ul></section>',
    '<details class="numbers"><summary>More</summary><ul><li>in it</li></ul></details>',
  ])
    assert.ok(flat.includes(expected), `${expected}\n${flat}`);
  assert.ok(text.includes('<pre>x\ny</pre>'));
});

test('hostile text opens no element, runs nothing and reorders nothing', () => {
  const { text } = writeHtml(everywhere(HOSTILE));
  assert.doesNotMatch(text, /<img/);
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  assert.match(text, /&lt;img src=x&gt;/);
});
