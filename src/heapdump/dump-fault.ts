/** Why bytes are no heap dump that can be read, and where that was found. Its message is for people. */
export class DumpFault extends Error {
  override readonly name = 'DumpFault';
  /** Byte of the file, counted from 0; undefined where no single place is at fault. */
  readonly position: number | undefined;
  constructor(reason: string, position?: number) {
    super(position === undefined ? reason : `${reason}, at byte ${position}`);
    this.position = position;
  }
}
