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

interface DrawnPanel {
  readonly title: string;
  readonly targets: readonly { readonly legendFormat: string }[];
  readonly options: { readonly legend: { readonly showLegend: boolean }; readonly tooltip: { readonly mode: string } };
  readonly fieldConfig: { readonly defaults: { readonly min?: number } };
}

test('panels of the dashboards tell their series apart, and ratios are not drawn from zero', () => {
  const panels = Object.values(dashboards).flatMap((made) => made().panels as unknown as readonly DrawnPanel[]);
  for (const { title, targets, options } of panels) {
    const several = targets.length > 1 || targets.some(({ legendFormat }) => legendFormat.includes('{{'));
    assert.equal(options.legend.showLegend, several, title);
    assert.equal(options.tooltip.mode, 'multi', title);
  }
  assert.deepEqual(
    panels.filter(({ fieldConfig }) => fieldConfig.defaults.min === undefined).map(({ title }) => title),
    ['Ratio to the canary', 'Lasting changes'],
  );
  const trials = panels.find(({ title }) => title.startsWith('Anonymous memory of all trials'));
  assert.equal(trials?.targets[0]?.legendFormat, '{{cell}}, block {{block}}', 'with the levels of all factors');
});
