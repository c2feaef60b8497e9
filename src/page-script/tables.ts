import { toolsAbove } from './tools-row.ts';

/** Lets tables be sorted by a click on a head, their columns be chosen and their rows be filtered. Without it all is there. */
export function useTables(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>('.part table')) {
    if (table.tBodies[0] === undefined || table.rows.length < 4) continue;
    sortable(table);
    if (table.dataset['tools'] === 'filter') filterable(table);
  }
  choosable([...document.querySelectorAll<HTMLTableElement>('table[data-tools=columns]')]);
}

function sortable(table: HTMLTableElement): void {
  const heads = headsOf(table);
  for (const [column, head] of heads.entries()) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    button.append(...head.childNodes);
    // No space between the sign for sorting and the first word.
    const [text] = button.childNodes;
    if (text !== undefined && text.nodeType === Node.TEXT_NODE) text.textContent = text.textContent?.trimStart() ?? '';
    button.addEventListener('click', () => {
      const falling = head.ariaSort === 'ascending';
      for (const other of heads) other.ariaSort = null;
      head.ariaSort = falling ? 'descending' : 'ascending';
      sort(table, column, falling ? -1 : 1);
    });
    head.append(button);
  }
}

/** Rows without a figure stay last, whichever way the others are sorted. */
function sort(table: HTMLTableElement, column: number, direction: 1 | -1): void {
  const body = table.tBodies[0];
  const rows = [...(body?.rows ?? [])].map((row) => ({ row, key: keyOf(row.cells[column]) }));
  const order = (a: number | string, b: number | string): number =>
    typeof a === 'number' && typeof b === 'number'
      ? a - b
      : String(a).localeCompare(String(b), 'en', { numeric: true });
  const rank = (key: number | string): number => (key === '' ? 2 : typeof key === 'number' ? 0 : 1);
  rows.sort((a, b) => rank(a.key) - rank(b.key) || direction * order(a.key, b.key));
  body?.append(...rows.map(({ row }) => row));
}

/** The number that a cell begins with, else its text; empty where it has none. */
function keyOf(cell: HTMLTableCellElement | undefined): number | string {
  const text = (cell?.querySelector('.value') ?? cell)?.textContent.trim().replace('−', '-') ?? '';
  if (cell?.classList.contains('num') !== true) return text;
  const number = /^[?=]? ?([+-]?[\d.]+)/.exec(text)?.[1];
  return number === undefined ? '' : Number(number);
}

/** A box for each column but the first, which heads the rows; tables of one kind show the same columns. */
function choosable(tables: readonly HTMLTableElement[]): void {
  const [first] = tables;
  if (first === undefined) return;
  const columns = tables.flatMap((table) =>
    headsOf(table).flatMap((head, column) => (column === 0 ? [] : [{ table, column, head, name: nameOf(head) }])),
  );
  const fold = document.createElement('details');
  const summary = document.createElement('summary');
  summary.textContent = 'Columns';
  fold.append(summary);
  for (const [name, own] of Map.groupBy(columns, (column) => column.name)) {
    const label = document.createElement('label');
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.checked = own.every(({ head }) => head.dataset['extra'] === undefined);
    const show = (): void => {
      for (const { table, column } of own)
        for (const { cells } of table.rows) {
          const cell = cells[column];
          if (cell !== undefined) cell.hidden = !box.checked;
        }
    };
    box.addEventListener('change', show);
    show();
    label.append(box, name);
    fold.append(label);
  }
  toolsAbove(first).append(fold);
}

/** `CPU per request`: a head without its unit. */
function nameOf(head: HTMLTableCellElement): string {
  const unit = head.querySelector('.unit')?.textContent ?? '';
  const text = head.textContent.trim().replace(/\s+/g, ' ');
  return unit !== '' && text.endsWith(unit) ? text.slice(0, -unit.length).trim() : text;
}

/** A field for words that a row must have, and a box for those that do not count. */
function filterable(table: HTMLTableElement): void {
  const rows = [...(table.tBodies[0]?.rows ?? [])];
  const [words, spoilt] = [document.createElement('input'), document.createElement('input')];
  words.type = 'search';
  words.placeholder = 'gogc=50';
  spoilt.type = 'checkbox';
  const said = document.createElement('output');
  const apply = (): void => {
    const wanted = words.value.toLowerCase().split(/\s+/);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !wanted.every((word) => text.includes(word)) || (spoilt.checked && !row.classList.contains('void'));
    }
    said.textContent = `${rows.filter(({ hidden }) => !hidden).length} of ${rows.length}`;
  };
  const labelled = (before: string, control: HTMLInputElement, after: string): HTMLElement => {
    const label = document.createElement('label');
    label.append(before, control, after);
    control.addEventListener('input', apply);
    return label;
  };
  toolsAbove(table).append(
    labelled('Only rows with', words, ''),
    labelled('', spoilt, 'only those that do not count'),
    said,
  );
  apply();
}

function headsOf(table: HTMLTableElement): readonly HTMLTableCellElement[] {
  return [...(table.tHead?.rows[0]?.cells ?? [])];
}
