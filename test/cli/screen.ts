/**
 * As much of a terminal as the live display uses: text, line feed, carriage return, cursor up, clearing, wrapping at the
 * right margin and scrolling. Anything else it is sent is an error.
 */
export class Screen {
  cursorVisible = true;
  readonly #columns: number;
  readonly #rows: number;
  /** What has scrolled away and what is shown. */
  readonly #lines: string[] = [''];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  write(text: string): void {
    // oxlint-disable-next-line no-control-regex -- a terminal
    for (const [token, code] of text.matchAll(/\u001b\[([?0-9;]*[A-Za-z])|\n|\r|[^\u001b\n\r]/gu)) {
      if (code !== undefined) this.#control(code);
      else if (token === '\n') this.#newLine();
      else if (token === '\r') this.#column = 0;
      else this.#put(token);
    }
  }

  /** Everything since the start, without trailing blanks. */
  get text(): string {
    return this.#lines
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd();
  }

  #put(character: string): void {
    if (this.#column === this.#columns) {
      this.#newLine();
    }
    const line = Array.from((this.#lines[this.#row] ?? '').padEnd(this.#column));
    line[this.#column] = character;
    this.#lines[this.#row] = line.join('');
    this.#column++;
  }

  #newLine(): void {
    this.#row++;
    this.#column = 0;
    if (this.#row === this.#lines.length) this.#lines.push('');
  }

  #control(code: string): void {
    if (code === '?25l' || code === '?25h') {
      this.cursorVisible = code === '?25h';
    } else if (code.endsWith('A')) {
      // The cursor cannot go above the first line that is still shown.
      const top = Math.max(0, this.#lines.length - this.#rows);
      this.#row = Math.max(top, this.#row - Number(code.slice(0, -1)));
    } else if (code === 'K') {
      this.#lines[this.#row] = Array.from(this.#lines[this.#row] ?? '')
        .slice(0, this.#column)
        .join('');
    } else if (code === 'J') {
      this.#control('K');
      for (let row = this.#row + 1; row < this.#lines.length; row++) this.#lines[row] = '';
    } else if (!code.endsWith('m')) {
      throw new Error(`the screen does not know ESC [ ${code}`);
    }
  }
}
