// Draws the pictures of docs/architecture.md and writes its table of rooms, from what the source says: scripts/rooms.ts,
// the planner's own order of trials. With --check it changes nothing and exits with 1 where something is not up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { escapeHtml } from '../src/report/html.ts';
import { textWidth } from '../src/report/text-metrics.ts';
import { seededStream } from '../src/statistics/random.ts';
import { type Room, rooms } from './rooms.ts';

const root = join(import.meta.dirname, '..');
const check = process.argv.includes('--check');

// One set of colours on a ground of its own, so that a picture can be read on a light page and on a dark one.
const INK = '#1c2024';
const MUTED = '#5a6470';
const STEP = '#dbe8f6';
const FILE = '#fdf3d8';
const ANSWER = '#dff1e6';
const LEVELS = ['#32509a', '#227b93', '#2c9672', '#806600'];

/** How a text is set. */
interface TextStyle {
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly fill?: string;
  readonly bold?: boolean;
}

/** A line of text. */
function text(
  x: number,
  y: number,
  said: string,
  { size = 13, anchor = 'start', fill = INK, bold = false }: TextStyle = {},
): string {
  const weight = bold ? ' font-weight="600"' : '';
  return `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}" fill="${fill}"${weight}>${escapeHtml(said)}</text>`;
}

/** How much wider than the table says the widest common face is: DejaVu Sans, bold. */
const WIDEST = 1.16;

/** A box with a title and smaller lines below it. Throws where one of them is wider than the box. */
function box(
  x: number,
  y: number,
  width: number,
  height: number,
  fill: string,
  title: string,
  ...notes: readonly string[]
): string {
  const sizes = [13, ...notes.map(() => 11)];
  const lines = [title, ...notes];
  for (const [i, line] of lines.entries()) {
    if (textWidth(line, sizes[i] ?? 11) * WIDEST > width - 8)
      throw new Error(`"${line}" is wider than its box of ${width}`);
  }
  const first = y + height / 2 - (notes.length * 15) / 2 + 4.5;
  return (
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${fill === FILE ? 0 : 8}" fill="${fill}" stroke="${MUTED}"/>` +
    lines
      .map((line, i) =>
        text(x + width / 2, first + i * 15, line, {
          size: sizes[i] ?? 11,
          anchor: 'middle',
          bold: i === 0,
          fill: i === 0 ? INK : MUTED,
        }),
      )
      .join('')
  );
}

/** An arrow along straight lines. */
function arrow(...points: readonly (readonly [x: number, y: number])[]): string {
  const path = points.map(([x, y]) => `${x},${y}`).join(' ');
  return `<polyline points="${path}" fill="none" stroke="${MUTED}" stroke-width="1.5" marker-end="url(#head)"/>`;
}

function line(x1: number, y1: number, x2: number, y2: number, stroke = MUTED, dash = ''): string {
  const dashed = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${stroke}" stroke-width="1.5"${dashed}/>`;
}

function picture(width: number, height: number, title: string, ...parts: readonly string[]): string {
  const head =
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse">' +
    `<path d="M0,0.5 L8,4 L0,7.5 z" fill="${MUTED}"/></marker></defs>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `font-family="Helvetica, Arial, 'Liberation Sans', sans-serif" role="img" aria-label="${escapeHtml(title)}">\n` +
    `${head}\n<rect width="${width}" height="${height}" rx="10" fill="#f6f7f8"/>\n${parts.join('\n')}\n</svg>\n`
  );
}

function pipeline(): string {
  const wide = 170;
  const high = 58;
  const at = (column: number, row: number): [number, number] => [20 + column * 222, 24 + row * 104];
  const put = (column: number, row: number, fill: string, title: string, ...notes: readonly string[]): string =>
    box(...at(column, row), wide, high, fill, title, ...notes);
  const right = (column: number, row: number): string => {
    const [x, y] = at(column, row);
    return arrow([x + wide, y + high / 2], [x + 221, y + high / 2]);
  };
  const down = (column: number, row: number): string => {
    const [x, y] = at(column, row);
    return arrow([x + wide / 2, y + high], [x + wide / 2, y + 103]);
  };
  const [last] = at(3, 0);
  const [first] = at(0, 0);
  const wrap = (row: number): string => {
    const [, y] = at(0, row);
    return arrow(
      [last + wide / 2, y + high],
      [last + wide / 2, y + 81],
      [first + wide / 2, y + 81],
      [first + wide / 2, y + 103],
    );
  };
  return picture(
    896,
    24 + 4 * 104 + 82,
    'From an experiment file to a report, with the files on disk',
    put(0, 0, FILE, 'experiment.yaml'),
    put(1, 0, STEP, 'read and check', 'session, experiment'),
    put(2, 0, STEP, 'plan', 'cells, blocks, order, seeds'),
    put(3, 0, FILE, 'run.json', 'experiment, plan, machine'),
    ...[0, 1, 2].map((column) => right(column, 0)),
    wrap(0),
    put(0, 1, STEP, 'sweep', 'block by block'),
    put(1, 1, STEP, 'trial', 'one launch of the target'),
    put(2, 1, STEP, 'read and judge', 'probe, workload, trial'),
    put(3, 1, FILE, 'trials/001-01-…/', 'trial.json, readings.ndjson,', 'latency.hdr, output.log, …'),
    ...[0, 1, 2].map((column) => right(column, 1)),
    put(0, 2, FILE, 'journal.ndjson', 'what happened and when'),
    down(0, 1),
    arrow(
      [last + wide / 2, at(0, 1)[1] + high],
      [last + wide / 2, at(0, 3)[1] - 23],
      [first + wide / 2, at(0, 3)[1] - 23],
      [first + wide / 2, at(0, 3)[1] - 1],
    ),
    text(at(1, 2)[0], at(0, 2)[1] + 24, 'Above: measured once, needs the machine.', { fill: MUTED }),
    text(at(1, 2)[0], at(0, 2)[1] + 44, 'Below: computed from the folder, as often as you like.', { fill: MUTED }),
    put(0, 3, STEP, 'reduce a trial', 'one number per metric'),
    put(1, 3, STEP, 'analyse a cell', 'median over its trials'),
    put(2, 3, STEP, 'infer', 'contrasts, noise, verdicts,', 'cost model, front'),
    put(3, 3, FILE, 'analysis.json', 'can be deleted'),
    ...[0, 1, 2].map((column) => right(column, 3)),
    wrap(3),
    put(0, 4, ANSWER, 'report', 'html, md, text, csv,', 'json, benchfmt'),
    put(1, 4, ANSWER, 'recommend', 'which GOGC to run'),
    put(2, 4, ANSWER, 'compare', 'two runs'),
    put(3, 4, ANSWER, 'assert', 'exit code for CI'),
    ...[1, 2].map((column) => {
      const [x, y] = at(column, 4);
      return arrow([x + wide / 2, y - 23], [x + wide / 2, y - 1]);
    }),
    arrow([last + wide / 2, at(0, 3)[1] + high], [last + wide / 2, at(0, 4)[1] - 1]),
  );
}

function trial(): string {
  const left = 190;
  const phases = [
    ['launch', 70, '#e8ebee'],
    ['ready', 70, '#e8ebee'],
    ['preload', 90, '#e8ebee'],
    ['warm-up', 110, '#e8ebee'],
    ['settle', 70, '#e8ebee'],
    ['measure', 220, STEP],
    ['drain', 70, '#e8ebee'],
    ['stop', 60, '#e8ebee'],
  ] as const;
  const starts = phases.map((_, i) => left + phases.slice(0, i).reduce((sum, [, width]) => sum + width, 0));
  const from = (name: (typeof phases)[number][0]): number => starts[phases.findIndex(([phase]) => phase === name)] ?? 0;
  const end = left + phases.reduce((sum, [, width]) => sum + width, 0);
  const top = 30;
  const open = from('measure');
  const close = from('drain');
  const lane = (row: number): number => top + 70 + row * 42;
  const label = (row: number, said: string, note: string): string =>
    text(16, lane(row), said, { bold: true }) + text(16, lane(row) + 15, note, { size: 11, fill: MUTED });
  const bar = (row: number, x1: number, x2: number, fill: string): string =>
    `<rect x="${x1}" y="${lane(row) - 8}" width="${x2 - x1}" height="14" rx="3" fill="${fill}" stroke="${MUTED}"/>`;
  const edge = (row: number, x: number): string => `<circle cx="${x}" cy="${lane(row)}" r="5" fill="${INK}"/>`;
  const rows = 7;
  return picture(
    end + 20,
    lane(rows) + 6,
    'The phases of a trial and what is read when',
    ...phases.map(([name, width, fill], i) => box(starts[i] ?? 0, top, width, 30, fill, name)),
    line(open, top + 30, open, lane(rows) - 24, MUTED, '4 3'),
    line(close, top + 30, close, lane(rows) - 24, MUTED, '4 3'),
    label(0, 'load', 'open loop, from the seed'),
    bar(0, from('preload'), from('warm-up') - 2, '#e9d8a6'),
    bar(0, from('warm-up'), close, FILE),
    bar(0, close, close + 34, '#ffffff'),
    label(1, 'outside', '/proc, cgroup: 10 a second'),
    bar(1, from('warm-up'), from('stop'), '#cfe3f5'),
    label(2, 'inside', 'runtime counters: 1 a second'),
    bar(2, from('warm-up'), from('stop'), '#cfe3f5'),
    label(3, 'gctrace', 'lines on stderr as they come'),
    bar(3, from('launch'), end, '#cfe3f5'),
    label(4, 'every source, once', 'at the edges'),
    ...[from('warm-up'), open, close].map((x) => edge(4, x)),
    label(5, 'heap profile', 'where it is asked for'),
    bar(5, close + 36, from('stop'), '#e4cfe0'),
    text(open + 110, lane(5) + 4, 'never in the window', { size: 11, anchor: 'middle', fill: MUTED }),
    label(6, 'the figures', 'of metrics'),
    bar(6, open, close, ANSWER),
    text(open + 110, lane(6) + 3, 'only what lies in the window', { size: 11, anchor: 'middle' }),
  );
}

function blocks(): string {
  const cells = ['gogc=50', 'gogc=100', 'gogc=100 (A/A)', 'gogc=200'];
  const wide = 128;
  const rows = 6;
  const x = (i: number): number => 96 + i * (wide + 8);
  const y = (block: number): number => 52 + (block - 1) * 40;
  const drawn = Array.from({ length: rows }, (_, i) => i + 1).flatMap((block) => {
    const order = seededStream(7, 'order', block).shuffle(cells);
    const parts = order.map((cell, i) => {
      const baseline = cell.startsWith('gogc=100');
      const again = cell.endsWith('(A/A)');
      const fill = LEVELS[baseline ? 1 : cells.indexOf(cell)] ?? INK;
      return (
        `<rect x="${x(i)}" y="${y(block)}" width="${wide}" height="30" rx="6" fill="${again ? '#ffffff' : fill}" stroke="${fill}" ` +
        `stroke-width="2"${again ? ' stroke-dasharray="5 3"' : ''}/>` +
        text(x(i) + wide / 2, y(block) + 19.5, cell, {
          size: 12,
          anchor: 'middle',
          fill: again ? INK : '#ffffff',
          bold: true,
        })
      );
    });
    return [text(20, y(block) + 20, `block ${block}`, { bold: true }), ...parts];
  });
  const below = y(rows) + 58;
  return picture(
    700,
    below + 62,
    'Blocks and cells, with the A/A cell',
    text(x(0), 30, 'time runs to the right within a block, and block after block downwards', { size: 12, fill: MUTED }),
    ...drawn,
    text(20, below, 'Within each block:', { bold: true }),
    text(
      20,
      below + 20,
      'gogc=50 and gogc=200 against gogc=100: the contrasts. Both of a pair share the machine’s drift.',
      { size: 12 },
    ),
    text(
      20,
      below + 40,
      'gogc=100 (A/A) against gogc=100: the same setting twice. Its scatter is the noise of this machine.',
      { size: 12 },
    ),
  );
}

function verdict(): string {
  const questions = [
    ['Is there an interval?', 'enough blocks for the confidence asked', 'none'],
    ['Does it exclude “no difference”?', 'that of the ratio, or else of the difference', 'not-shown'],
    ['Does the family allow it?', 'p, adjusted for all comparisons, ≤ 1 − confidence', 'may-be-chance'],
    ['Is it large enough to matter?', 'its estimate is beyond the experiment’s matters', 'smaller-than-matters'],
    ['Is less or more better?', 'says the registry of metrics; neither, for A/A', 'changed'],
  ] as const;
  const high = 58;
  const y = (i: number): number => 20 + i * 92;
  const last = y(questions.length);
  return picture(
    680,
    last + high + 20,
    'How a contrast is judged',
    ...questions.flatMap(([question, how, claim], i) => [
      box(20, y(i), 340, high, STEP, question, how),
      arrow([360, y(i) + high / 2], [459, y(i) + high / 2]),
      text(410, y(i) + high / 2 - 7, i === 4 ? 'neither' : 'no', { size: 12, anchor: 'middle', fill: MUTED }),
      box(460, y(i) + 9, 200, 40, FILE, claim),
      ...(i === 4
        ? []
        : [
            arrow([190, y(i) + high], [190, y(i + 1) - 1]),
            text(200, y(i) + high + 22, 'yes', { size: 12, fill: MUTED }),
          ]),
    ]),
    arrow([100, y(4) + high], [100, last + 8]),
    text(110, y(4) + high + 22, 'it went that way', { size: 12, fill: MUTED }),
    arrow([280, y(4) + high], [280, last + 8]),
    text(290, y(4) + high + 22, 'it went the other way', { size: 12, fill: MUTED }),
    box(20, last + 9, 150, 40, ANSWER, 'better'),
    box(210, last + 9, 150, 40, ANSWER, 'worse'),
  );
}

/** What a room may use of another. */
function use(from: Room, to: string): 'values' | 'types' | 'format' | undefined {
  if (from.values?.includes(to) === true) return 'values';
  if (from.types?.includes(to) === true) return 'types';
  return to === 'results' && from.format === true ? 'format' : undefined;
}

/** A row for each room and a mark under each room that it may import. All marks lie below the diagonal: arrows only go down. */
function roomMap(): string {
  const names = Object.keys(rooms);
  const side = 34;
  const left = 110;
  const top = 96;
  const x = (i: number): number => left + i * side;
  const y = (i: number): number => top + i * side;
  const width = x(names.length) + 50;
  const marks = names.flatMap((name, row) =>
    names.flatMap((to, column) => {
      const found = use(rooms[name] ?? {}, to);
      if (found === undefined) return [];
      if (column > row) throw new Error(`${name} imports ${to}, which stands above it in scripts/rooms.ts`);
      const circle = `<circle cx="${x(column) + side / 2}" cy="${y(row) + side / 2}" r="7" `;
      if (found === 'values') return [`${circle}fill="#32509a"/>`];
      return [
        `${circle}fill="#ffffff" stroke="#32509a" stroke-width="2"${found === 'format' ? ' stroke-dasharray="3 2"' : ''}/>`,
      ];
    }),
  );
  const legend = y(names.length) + 30;
  return picture(
    width,
    legend + 54,
    'Which room may import which',
    ...names.flatMap((name, i) => [
      i % 2 === 0
        ? `<rect x="${left - 96}" y="${y(i)}" width="${x(i + 1) - left + 96}" height="${side}" fill="#e8ebee"/>`
        : '',
      text(left - 8, y(i) + 21, name, { anchor: 'end', bold: true }),
      line(x(i) + side / 2, top - 8, x(i) + side / 2, y(i), '#d5dae0'),
      `<g transform="translate(${x(i) + side / 2 + 4} ${top - 14}) rotate(-45)">${text(0, 0, name, { size: 12 })}</g>`,
      `<rect x="${x(i) + 4}" y="${y(i) + 4}" width="${side - 8}" height="${side - 8}" rx="5" fill="${rooms[name]?.pure === undefined ? '#e9d8a6' : '#9ccaee'}" stroke="${MUTED}"/>`,
    ]),
    ...marks,
    `<circle cx="30" cy="${legend - 4}" r="7" fill="#32509a"/>`,
    text(46, legend, 'the room of the row may import the room of the column'),
    `<circle cx="430" cy="${legend - 4}" r="7" fill="#ffffff" stroke="#32509a" stroke-width="2"/>`,
    text(446, legend, 'types only'),
    `<circle cx="550" cy="${legend - 4}" r="7" fill="#ffffff" stroke="#32509a" stroke-width="2" stroke-dasharray="3 2"/>`,
    text(566, legend, 'only format.ts and outcome-text.ts of it'),
    `<rect x="22" y="${legend + 14}" width="16" height="16" rx="4" fill="#9ccaee" stroke="${MUTED}"/>`,
    text(46, legend + 27, 'pure: no clock, process, network or chance'),
    `<rect x="422" y="${legend + 14}" width="16" height="16" rx="4" fill="#e9d8a6" stroke="${MUTED}"/>`,
    text(446, legend + 27, 'may use all of Node.js'),
  );
}

function roomTable(): string {
  const listed = (names: readonly string[] = []): string => names.join(', ') || '–';
  const rows = Object.entries(rooms).map(([name, room]) => {
    const parts = [
      ...(room.types ?? []).map((one) => `${one} (types)`),
      ...(room.format === true ? ['results (format.ts, outcome-text.ts)'] : []),
    ];
    const pure = room.pure === undefined ? 'no' : room.pure.length === 0 ? 'yes' : `yes, and ${room.pure.join(', ')}`;
    return `| [${name}](../src/${name}/README.md) | ${listed(room.values)} | ${listed(parts)} | ${listed(room.packages)} | ${pure} |`;
  });
  return ['| room | imports | imports in part | packages | pure |', '| --- | --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}

const BEGIN = '<!-- rooms: written by scripts/draw-architecture.ts -->';
const END = '<!-- end of rooms -->';

async function architecture(): Promise<string> {
  const path = join(root, 'docs/architecture.md');
  const now = readFileSync(path, 'utf8');
  const [before, rest] = now.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`docs/architecture.md lacks "${BEGIN}" or "${END}"`);
  const config = await resolveConfig(path);
  return format(`${before}${BEGIN}\n\n${roomTable()}\n\n${END}${after}`, { ...config, filepath: path });
}

const made: Readonly<Record<string, string>> = {
  'docs/images/pipeline.svg': pipeline(),
  'docs/images/trial.svg': trial(),
  'docs/images/blocks.svg': blocks(),
  'docs/images/verdict.svg': verdict(),
  'docs/images/rooms.svg': roomMap(),
  'docs/architecture.md': await architecture(),
};
for (const [file, content] of Object.entries(made)) {
  const path = join(root, file);
  if (!check) writeFileSync(path, content);
  else if (readOrNothing(path) !== content) {
    process.stderr.write(`${file} is not up to date: node scripts/draw-architecture.ts\n`);
    process.exitCode = 1;
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
