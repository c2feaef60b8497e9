/**
 * Which file is pinned or unpinned next. At first files are pinned in order until half of them are; from then on the one
 * that was pinned first is unpinned and another pinned in turn. So an unpin comes long after its pin, and the number of
 * pins stays the same.
 */
export class PinWalk {
  readonly #pinned: number[] = [];
  #next = 0;

  /** The next step, of so many files. */
  step(files: number): { readonly verb: 'add' | 'rm'; readonly file: number } {
    const enough = Math.max(1, Math.floor(files / 2));
    const oldest = this.#pinned.length >= enough ? this.#pinned.shift() : undefined;
    if (oldest !== undefined) return { verb: 'rm', file: oldest };
    const file = this.#next++ % files;
    this.#pinned.push(file);
    return { verb: 'add', file };
  }
}
