import type { VerdictMark } from '../comparison.ts';
import type { Figure } from '../figure.ts';
import type { Content, Html } from '../html.ts';
import { html } from '../html.ts';
import { MOST_CARD_COLUMNS } from '../page-style.ts';

/** A column of a table in the page. */
export interface Column {
  readonly head: Content;
  readonly unit?: string;
  /** What the column holds, shown when the pointer rests on its head. */
  readonly title?: string;
  /** Numbers stand at the right. */
  readonly numeric?: boolean;
  /** Left out at first where the reader can choose the columns. */
  readonly extra?: boolean;
}

/** How a table is shown where it is read on a telephone, and what its reader may do with it. */
export interface TableUse {
  /** Each row becomes a card there, with the heads beside the values. */
  readonly cards?: boolean;
  /** What can be done with it where there is a script: `columns` to choose from, rows to `filter`. Any table can be sorted. */
  readonly tools?: 'columns' | 'filter';
}

/** A row: its cells, and classes such as `baseline`. */
export interface Row {
  readonly cells: readonly Content[];
  readonly mark?: string;
  /** Its address on the page. */
  readonly id?: string;
}

const ROW = html` scope="row"`;

/** A table that scrolls sideways in its own frame where the page is too narrow for it. The first cell of a row heads it. */
export function table(
  name: string,
  columns: readonly Column[],
  rows: readonly Row[],
  { cards: wanted = false, tools }: TableUse = {},
): Html {
  const cards = wanted && columns.length <= MOST_CARD_COLUMNS;
  const side = (column: Column | undefined): Content => column?.numeric === true && html` class="num"`;
  return html`<div class="scroll${cards && ' cards'}" role="region" aria-label="${name}" tabindex="0">
    <table${cards && html` style="${headsInStyle(columns)}"`}${tools !== undefined && html` data-tools="${tools}"`}>
      <thead>
        <tr>
          ${columns.map(
            (column) =>
              html`<th
                scope="col"
                ${side(column)}${column.extra === true && html` data-extra`}${column.title !== undefined && html` title="${column.title}"`}
              >
                ${column.head}${column.unit !== undefined && column.unit !== '' && html` <span class="unit">${column.unit}</span>`}
              </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ cells, mark, id }) =>
            html`<tr${id !== undefined && html` id="${id}"`}${mark !== undefined && mark !== '' && html` class="${mark}"`}>${cells.map(
              (cell, i) =>
                i === 0 ? html`<th${[ROW, side(columns[i])]}>${cell}</th>` : html`<td${side(columns[i])}>${cell}</td>`,
            )}</tr>
`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** The heads with their units as strings of the style sheet: where a row is a card, each stands beside its value. */
function headsInStyle(columns: readonly Column[]): string {
  return columns
    .map(({ head, unit = '' }, i) => {
      const name = typeof head === 'string' ? head : '';
      const said = (unit === '' ? name : `${name}, ${unit}`).replace(
        /[^\w ,.-]/gu,
        (character) => `\\${character.codePointAt(0)?.toString(16) ?? ''} `,
      );
      return `--h${i + 1}:'${said}'`;
    })
    .join(';');
}

/** A figure in a cell of a table whose head has the unit: the value, and its interval (or why there is none) below. */
export function figureCell(
  figure: (Figure & { readonly mark?: VerdictMark }) | undefined,
  ofRow?: number,
  unit = '',
): Content {
  if (figure === undefined) return html`<span class="none">–</span>`;
  const { value, interval, refusal, n, mark = '' } = figure;
  const doubt = mark === '' ? '' : `${mark} `;
  return html`<span class="value${doubt !== '' && ' doubtful'}">${doubt}${value}${unit !== '' && ` ${unit}`}</span
    ><span class="interval"
      >${
        interval ?? html`<abbr class="refusal" title="${refusal}">no interval</abbr>`
      }${ofRow !== undefined && n !== ofRow && html` <span class="own-n">n = ${n}</span>`}</span
    >`;
}
