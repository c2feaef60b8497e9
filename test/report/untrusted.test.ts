import assert from 'node:assert/strict';
import test from 'node:test';
import { plainText } from '../../src/text/plain-text.ts';
import { escapeHtml, html, trusted } from '../../src/report/html.ts';
import { renderReport } from '../../src/report/formats.ts';
import { escaped } from '../../src/report/document/escaped-markdown.ts';
import { HOSTILE, SAMPLES } from './samples.ts';

const sample = SAMPLES['hostile'] as NonNullable<(typeof SAMPLES)[string]>;
// oxlint-disable-next-line no-control-regex -- control characters are what must not be there
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

test('the template tag escapes text, lists of text and attribute values, and nothing else', () => {
  const evil = '<a href="x">\'&`';
  assert.equal(html`<p title="${evil}">${evil}</p>`.text, `<p title="${escapeHtml(evil)}">${escapeHtml(evil)}</p>`);
  assert.equal(escapeHtml(evil), '&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#96;');
  assert.equal(html`<i>${['<', '>'].map((one) => html`<b>${one}</b>`)}</i>`.text, '<i><b>&lt;</b><b>&gt;</b></i>');
  assert.equal(html`${trusted('<b>')}${undefined}${false}${0}${''}`.text, '<b>0');
  assert.equal(escapeHtml('a\u202eb\u0000c\ud800d\te\nf'), 'a\ufffdb\ufffdc\ufffdd\te\nf');
});

test('hostile text opens no element and closes none in the page', async () => {
  const page = await renderReport(await sample(), 'html');
  assert.doesNotMatch(page, /<script|alert\(1\)<\/|<b>\*\*/i);
  assert.equal(page.match(/<\/style>/g)?.length, 1);
  assert.equal(page.match(/<\/title>/g)?.length, page.match(/<title[ >]/g)?.length);
  assert.doesNotMatch(page, CONTROL);
  assert.ok(page.includes(escapeHtml(HOSTILE)), 'it is there, as text');
});

test('hostile text moves no cursor, colours nothing and reorders nothing', async () => {
  const analysis = await sample();
  for (const format of ['text', 'md', 'benchfmt', 'json', 'github-action-benchmark'] as const) {
    assert.doesNotMatch(await renderReport(analysis, format), CONTROL, format);
  }
});

test('hostile text is no markup, no HTML, no link and no mention in Markdown', async () => {
  assert.equal(
    escaped('<b>|`*_[x](http://e.example) @team a@b #1 www.e.example'),
    '&lt;b&gt;\\|\\`\\*\\_\\[x\\](http:<!-- -->//e.example) @<!-- -->team a@b \\#1 www<!-- -->.e.example',
  );
  assert.equal(escaped('- a\n# b'), '\\- a \\# b');
  const lines = (await renderReport(await sample(), 'md')).split('\n');
  const outside = withoutCode(lines).join('\n');
  assert.doesNotMatch(outside, /<(?!!-- -->|\/?details>|\/?summary>)/);
  assert.doesNotMatch(outside, /(^|[^\w])@\w/);
  const tables = lines.join('\n').match(/(?:^\| .*\n)+/gm) ?? [];
  assert.ok(tables.length >= 3, 'summary, predictions and assertions');
  for (const rows of tables.map((text) => text.trimEnd().split('\n'))) {
    assert.ok(rows.length > 2);
    const columns = rows.map((row) => row.split(/(?<!\\)\|/).length);
    assert.equal(new Set(columns).size, 1, 'every row has as many cells');
  }
});

test('CSV keeps its columns and gives a spreadsheet no formula', async () => {
  const text = await renderReport(await sample(), 'csv');
  assert.doesNotMatch(text.replaceAll('\r\n', '\n'), CONTROL);
  const rows = parseCsv(text);
  assert.equal(new Set(rows.map((row) => row.length)).size, 1);
  const workload = rows[0]?.indexOf('workload') ?? -1;
  const kind = rows[0]?.indexOf('kind') ?? -1;
  const first = (all: readonly (readonly string[])[]) => all.find((row) => row[kind] === 'trial')?.[workload];
  assert.equal(first(rows), plainText(HOSTILE));
  assert.ok(
    rows.some((row) => row[kind] === 'warning' && row.includes(plainText(HOSTILE))),
    'warnings are rows',
  );
  for (const row of rows) for (const field of row) assert.doesNotMatch(field, /^[=+@\t\r]|^-(?![\d.])/);
  const analysis = await sample();
  const formulas = { ...analysis, workloads: analysis.workloads.map((one) => ({ ...one, workload: '=1+1' })) };
  assert.equal(first(parseCsv(await renderReport(formulas, 'csv'))), "'=1+1");
});

/** Lines without fenced blocks and code spans. */
function withoutCode(lines: readonly string[]): readonly string[] {
  let fence: string | undefined;
  return lines.flatMap((line) => {
    const [, ticks] = /^\s*(`{3,})/.exec(line) ?? [];
    if (fence !== undefined) {
      if (line.trim() === fence) fence = undefined;
      return [];
    }
    fence = ticks;
    return ticks === undefined ? [line.replace(/(?<![\\`])(`+)(?!`).*?(?<!`)\1(?!`)/g, '')] : [];
  });
}

/** RFC 4180, strictly. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gy;
  while (field.lastIndex < text.length) {
    const found = field.exec(text);
    assert.ok(found, `no field at ${field.lastIndex}`);
    rows.at(-1)?.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
    if (found[3] === '\r\n' && field.lastIndex < text.length) rows.push([]);
  }
  return rows;
}
