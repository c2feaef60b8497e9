/** Why bytes are no profile that can be read, and where that was found. Its message is for people. */
export class ProfileFault extends Error {
  override readonly name = 'ProfileFault';
  /** Byte of the uncompressed profile, counted from 0; undefined where the compression itself is at fault. */
  readonly position: number | undefined;
  constructor(reason: string, position?: number) {
    super(position === undefined ? reason : `${reason}, at byte ${position}`);
    this.position = position;
  }
}
