import assert from 'node:assert/strict';
import test from 'node:test';
import { writeMarkdown } from '../../../src/report/document/write-markdown.ts';
import { everywhere, HOSTILE, TABLE } from './samples.ts';

test('a table has its units in the head, numbers at the right and the reason of a missing interval below', () => {
  assert.equal(
    writeMarkdown([{ kind: 'heading', level: 2, text: 'Summary' }, TABLE]),
    `## Summary

| cell | memory, MiB | saved, % |
| --- | ---: | ---: |
| GOGC=100 | 9.7 (9.3–10.1) |  |
| GOGC=50 | 8.1 (no interval) | ?9.7 (9.3–10.1, n = 7) |

No interval: interval not attainable with n = 4, needs 6.
`,
  );
});

test('blocks are separated, items and warnings are not, and detail is folded', () => {
  assert.equal(
    writeMarkdown([
      { kind: 'facts', facts: [['run', [{ text: 'a`b', as: 'code' }]]] },
      { kind: 'list', items: ['- one', { text: [{ text: 'two', as: 'strong' }, ': b'], log: ['```', 'x'] }] },
      { kind: 'warnings', warnings: ['so', 'and so'] },
      { kind: 'folded', title: 'More <', blocks: [{ kind: 'prose', text: '1. inside' }] },
      { kind: 'code', text: 'a\nb' },
      { ...TABLE, rows: [] },
      { kind: 'warnings', warnings: [] },
    ]),
    `- run: \`\`a\`b\`\`

- \\- one
- **two**: b

  \`\`\`\`text
  \`\`\`
  x
  \`\`\`\`

> [!WARNING]
> - so
> - and so

<details><summary>More &lt;</summary>

1\\. inside

</details>

\`\`\`text
a
b
\`\`\`
`,
  );
});

test('hostile text is no markup, no HTML, no link and no mention, and ends no cell', () => {
  const written = writeMarkdown(everywhere(HOSTILE));
  const outside = written
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('a|b `c`'))
    .join('\n')
    .replace(/(?<![\\`])(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
  assert.doesNotMatch(outside, /<(?!!-- -->|\/?details>|\/?summary>|!)/);
  assert.doesNotMatch(outside, /(^|[^\w])@\w/);
  assert.doesNotMatch(outside.replace(/<summary>.*/g, ''), /\*\*d/);
  const tables = written.match(/(?:^\| .*\n(?:\|.*\n)+)/gm) ?? [];
  assert.equal(tables.length, 6);
  for (const rows of tables.map((text) => text.trimEnd().split('\n'))) {
    assert.equal(new Set(rows.map((row) => row.split(/(?<!\\)\|/).length)).size, 1, rows.join('\n'));
  }
});
