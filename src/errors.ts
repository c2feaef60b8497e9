/** Where in a file something was found; lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One problem with what the user gave: what it is, where, and what to do about it. */
export interface Diagnostic {
  /** Stable kebab-case code, for example `unknown-key`. */
  readonly code: string;
  /** What is wrong, with the offending value in it. One sentence, no final full stop needed. */
  readonly message: string;
  /** Where: a place in a file, or the name of a flag such as `--seed`. */
  readonly at?: Position | string;
  /** What to do. */
  readonly hint?: string;
}

/** The documented exit codes; see `gctune help exit-codes`. */
export const ExitCode = {
  ok: 0,
  bug: 1,
  usage: 2,
  environment: 3,
  someTrialsFailed: 4,
  noUsableResult: 5,
  assertion: 6,
  corruptResults: 7,
  interrupted: 130,
  terminated: 143,
} as const;
/** One of the documented exit codes. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A bad file, flag or value: the user can mend it. Carries every problem found at once. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitCode: ExitCode;
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: Diagnostic | readonly Diagnostic[], exitCode: ExitCode = ExitCode.usage) {
    const list: readonly Diagnostic[] = Array.isArray(diagnostics) ? diagnostics : [diagnostics as Diagnostic];
    super(list.map((d) => d.message).join('\n'));
    this.diagnostics = list;
    this.exitCode = exitCode;
  }
}

/** The machine is not ready: Docker absent, port taken, no Go, disk full, target does not start. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly exitCode: ExitCode;
  /** Stable kebab-case code, for example `docker-unreachable`. */
  readonly code: string;
  /** What to do; names the `gctune doctor` check where there is one. */
  readonly hint: string | undefined;
  /** Lines to show below the message: compiler output, the tail of a daemon's log. Untrusted text. */
  readonly details: readonly string[];
  constructor(
    code: string,
    message: string,
    more: { hint?: string; details?: readonly string[]; exitCode?: ExitCode; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.code = code;
    this.hint = more.hint;
    this.details = more.details ?? [];
    this.exitCode = more.exitCode ?? ExitCode.environment;
  }
}
