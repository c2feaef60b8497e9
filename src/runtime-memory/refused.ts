/** Why a process's runtime cannot be read from outside. */
export type RefusedCode =
  | 'not-linux'
  | 'no-such-process'
  | 'not-permitted'
  | 'not-go'
  | 'other-machine'
  | 'unknown-version'
  | 'does-not-fit'
  | 'swapped'
  | 'too-large'
  | 'torn';

/** A process that cannot be read from outside, in words for the user, and what would help. */
export class RuntimeRefused extends Error {
  override readonly name = 'RuntimeRefused';
  readonly code: RefusedCode;
  readonly hint: string | undefined;

  constructor(code: RefusedCode, message: string, hint?: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.hint = hint;
  }
}
