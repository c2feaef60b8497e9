import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dashboards, dashboardText } from '../../scripts/dashboards/dashboards.ts';
import { namesTables } from './export-names.ts';
import { root } from './page.ts';

const page = readFileSync(join(root, 'docs/export.md'), 'utf8');

/** The rows of Markdown tables, without the spaces that only align them. */
function rowsOf(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^[|\s-]+$/.test(line))
    .map((line) => line.replaceAll(/\s*\|\s*/g, '|'));
}

for (const [name, table] of Object.entries(namesTables())) {
  test(`docs/export.md has every name of ${name}, with its type and meaning, and no other`, () => {
    const own = rowsOf(table);
    const head = own[0] ?? '';
    const rows = rowsOf(page);
    const begin = rows.findIndex((row, index) => row === head && rows[index + 1] === own[1]);
    assert.ok(begin >= 0, `the table ${head}`);
    assert.deepEqual(rows.slice(begin, begin + own.length), own);
    assert.ok(!(rows[begin + own.length] ?? '').startsWith('|`gctune_'), 'no row more');
  });
}

for (const [name, made] of Object.entries(dashboards)) {
  test(`docs/grafana/${name} is what scripts/draw-dashboards.ts makes`, () => {
    assert.equal(readFileSync(join(root, 'docs/grafana', name), 'utf8'), dashboardText(made()));
  });
}
