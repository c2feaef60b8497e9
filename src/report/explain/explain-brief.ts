import type { Analysis, CellAnalysis, WorkloadAnalysis } from '../../analysis/analysis.ts';
import type { ExplanationDocument } from '../../analysis/explain/explanation-document.ts';
import type { SeriesDocument } from '../../analysis/explain/series.ts';
import { mebibyteScale } from '../../units/mebibytes.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import type { Brief, BriefTable } from '../brief/brief.ts';
import { figureLine, figureOf } from '../figure.ts';
import { explainRows } from './explain-rows.ts';
import { scaleOf, shareText, signed } from './explain-words.ts';
import { courseTable } from './series-document.ts';
import { answerText } from './series-words.ts';
import { limitText } from './view-blocks.ts';

/** So many parts stand beside the whole. */
const MOST_PARTS = 5;

/** Where the memory of one process is, at a glance: what Go holds of it, its largest parts, and what to doubt. */
export function explanationBrief({ reconciliation: of, points, warnings, view }: ExplanationDocument): Brief {
  const rows = explainRows(of).filter(({ kind }) => kind === 'part' || kind === 'missing' || kind === 'total');
  const parts = rows.filter(({ kind }) => kind !== 'total');
  const largest = new Set(parts.toSorted((a, b) => Math.abs(b.bytes) - Math.abs(a.bytes)).slice(0, MOST_PARTS));
  const whole = rows.findLast(({ kind }) => kind === 'total');
  const scale = scaleOf(of);
  const told = points.filter(({ topic }) => topic === 'rss' || topic === 'gogc').map(({ text }) => text);
  const bound = view?.inForce.limit === 'binds' || view?.inForce.limit === 'thrashes';
  return {
    sentences: told.length > 0 ? told : points.slice(0, 1).map(({ text }) => text),
    table: {
      columns: [
        { head: 'part' },
        { head: 'MiB', align: 'right' },
        ...(of.rssBytes === undefined ? [] : [{ head: 'of RSS', align: 'right' } as const]),
      ],
      least: 2,
      rows: rows
        .filter((row) => row.kind !== 'total' || row === whole)
        .map((row) => ({
          cells: [
            row.kind === 'total' ? `= ${row.name}` : row.name,
            signed(scale.number(row.bytes)),
            ...(of.rssBytes === undefined ? [] : [shareText(row, of)]),
          ],
          chosen: false,
          kept: row === whole || largest.has(row),
        })),
    },
    cautions: [...(view !== undefined && bound ? [limitText(view.inForce)] : []), ...warnings],
  };
}

/** What a process's memory does over time, at a glance: whether anything grows, and the parts that changed most. */
export function seriesBrief({ series }: SeriesDocument): Brief {
  const { columns, rows } = courseTable(series);
  const changes = series.courses.map(({ firstBytes, lastBytes }) => Math.abs(lastBytes - firstBytes));
  const most = new Set(changes.toSorted((a, b) => b - a).slice(0, MOST_PARTS));
  return {
    sentences: [answerText(series)],
    table: {
      columns,
      least: 2,
      rows: rows.map(({ cells }, i) => ({
        cells: cells.map((cell) => (typeof cell === 'string' ? cell : '')),
        chosen: false,
        kept: most.has(changes[i] ?? 0) || series.courses[i]?.key === series.about,
      })),
    },
    cautions: series.warnings,
  };
}

/** Where the memory is in the cells of a run, at a glance: of each workload what no GOGC can save, and the settings of the one with most. */
export function runExplanationBrief({ workloads }: Analysis): Brief {
  const known = workloads.flatMap((workload) => {
    const cells = workload.cells.filter(({ role, composition }) => role === 'level' && composition !== undefined);
    const baseline = cells.find((cell) => cell.baseline) ?? cells[0];
    return baseline === undefined ? [] : [{ workload, cells, baseline }];
  });
  const [most] = known.toSorted((a, b) => wholeOf(b.baseline) - wholeOf(a.baseline));
  const unknown = workloads.flatMap(({ workload, cells }) => {
    const lost = cells.filter(({ composition }) => composition === undefined).map(({ label }) => label);
    return lost.length === 0 ? [] : [`${workload}: unknown for ${lost.join(', ')}: no trial counts, or no MemStats`];
  });
  return {
    sentences:
      most === undefined
        ? ['It is unknown where the memory is: no trial counts, or the target does not expose MemStats.']
        : known.map(({ workload, baseline }) => sentenceOf(workload, baseline, known.length > 1)),
    table: most === undefined ? undefined : settingsTable(most.workload, most.cells, known.length > 1),
    cautions: most === undefined ? [] : unknown,
  };
}

function wholeOf({ composition, estimates }: CellAnalysis): number {
  return (composition?.rss ?? estimates['memory.go'] ?? composition?.objects)?.value ?? 0;
}

/** `add: of 214 MiB RSS at GOGC=100, 74.5 MiB is reachable objects, which no GOGC saves, and 38.6 MiB is outside Go.` */
function sentenceOf({ workload }: WorkloadAnalysis, cell: CellAnalysis, named: boolean): string {
  const { composition, estimates, label } = cell;
  const { rss, outsideGo } = composition ?? {};
  const whole = rss ?? estimates['memory.go'];
  const live = estimates['heap.live'] ?? composition?.objects;
  const scale = mebibyteScale(wholeOf(cell));
  const size = ({ value }: Estimate): string => scale.format(value);
  const parts = [
    ...(live === undefined
      ? []
      : [
          estimates['heap.live'] === undefined
            ? `${size(live)} is objects, reachable or not yet swept`
            : `${size(live)} is reachable objects, which no GOGC saves`,
        ]),
    ...(outsideGo === undefined || outsideGo.value < 0 ? [] : [`${size(outsideGo)} is outside Go`]),
  ];
  const of =
    whole === undefined ? `At ${label}` : `Of ${size(whole)} ${rss === undefined ? 'Go’s own' : 'RSS'} at ${label}`;
  return `${named ? `${workload}: ${of.replace(/^./, (first) => first.toLowerCase())}` : of}, ${parts.join(', and ')}.`;
}

function settingsTable({ workload }: WorkloadAnalysis, cells: readonly CellAnalysis[], named: boolean): BriefTable {
  const scale = mebibyteScale(Math.max(...cells.map(wholeOf)));
  const columns = (
    [
      ['RSS', ({ composition }) => composition?.rss],
      ['reachable', ({ estimates }) => estimates['heap.live']],
      ['Go’s own', ({ estimates }) => estimates['memory.go']],
      ['outside Go', ({ composition }) => composition?.outsideGo],
    ] as const satisfies readonly (readonly [string, (cell: CellAnalysis) => Estimate | undefined])[]
  ).filter(([, of]) => cells.some((cell) => of(cell) !== undefined));
  const n = Math.max(...cells.map(({ valid }) => valid));
  return {
    columns: [
      { head: `${named ? `${workload}, ` : ''}MiB, n = ${n}`, shrink: true },
      ...columns.map(([head]) => ({ head, align: 'right' }) as const),
    ],
    least: 2,
    rows: cells.map((cell) => ({
      cells: [
        cell.label,
        ...columns.map(([, of]) => {
          const estimate = of(cell);
          if (estimate === undefined) return '–';
          const own = estimate.n === n ? '' : ` n = ${estimate.n}`;
          if (estimate.low === null) return `${scale.number(estimate.value)} (no interval)${own}`;
          return `${figureLine(figureOf(estimate, { scale, kind: 'level' }), '')}${own}`;
        }),
      ],
      chosen: false,
      kept: cell.baseline,
    })),
  };
}
