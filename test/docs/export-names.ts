import { sampleName, type Family } from '../../src/export/exposition.ts';
import { SWEEP_FAMILIES } from '../../src/export/live-sweep.ts';
import { MEASURING, MEMORY_USED, READING_FAMILIES } from '../../src/export/reading-families.ts';
import { METRIC_FAMILIES, RESULT_FAMILIES } from '../../src/export/result-families.ts';
import { METRICS, type MetricId } from '../../src/metrics/metrics.ts';

/** A row of a table of names: its cells as Markdown. */
type Row = readonly string[];

/** The tables of names in docs/export.md, made from the families themselves. */
export function namesTables(): Readonly<Record<'results' | 'metrics' | 'readings' | 'sweep', string>> {
  return {
    results: table(['name', 'type', 'meaning'], Object.values(RESULT_FAMILIES).map(row)),
    metrics: table(
      ['name', 'metric'],
      (Object.entries(METRIC_FAMILIES) as [MetricId, Family][]).map(([id, family]) => [
        code(sampleName(family)),
        `${METRICS[id].label} (${code(id)})`,
      ]),
    ),
    readings: table(
      ['name', 'type', 'meaning', 'named by'],
      [MEASURING, MEMORY_USED, ...Object.values(READING_FAMILIES)].map((family) => [...row(family), family.namedBy]),
    ),
    sweep: table(['name', 'type', 'meaning'], Object.values(SWEEP_FAMILIES).map(row)),
  };
}

function row(family: Family): Row {
  return [code(sampleName(family)), family.type, family.help.replaceAll('|', '\\|').replaceAll('_', '\\_')];
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: Row, rows: readonly Row[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
