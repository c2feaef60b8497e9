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
  machineFault: 8,
  uselessBlock: 42,
  interrupted: 130,
  quit: 131,
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

/** What the system refuses where a disk, a folder or a device has gone or gives way: conditions of the machine, whoever meets them. */
const CONDITIONS: Readonly<Record<string, readonly [code: string, what: string]>> = {
  ENOSPC: ['disk-full', 'the disk is full'],
  EDQUOT: ['disk-full', 'the disk quota is used up'],
  EFBIG: [
    'file-too-large',
    'a file may not become larger (the limit of this process, see ulimit -f, or of the file system)',
  ],
  EROFS: ['file-system-read-only', 'the file system is read-only'],
  EIO: ['input-output-error', 'the device reports an input/output error'],
  ESTALE: ['file-system-gone', 'the network file system has lost this file'],
  ENOENT: ['file-gone', 'it is not there'],
  ENOTDIR: ['file-gone', 'a part of the path is not a folder'],
  EISDIR: ['not-a-file', 'it is a folder'],
  EACCES: ['not-permitted', 'permission denied'],
  EPERM: ['not-permitted', 'operation not permitted'],
  EMFILE: ['too-many-files', 'this process has too many open files'],
  ENFILE: ['too-many-files', 'the machine has too many open files'],
  ENOMEM: ['out-of-memory', 'the machine has no memory left'],
  EAGAIN: ['out-of-processes', 'the machine starts no more processes for now'],
};

/**
 * The condition of the machine behind an error, whatever it is wrapped in: what went wrong first, not what the cleaning up
 * after it met. Undefined where it is something else.
 */
export function machineCondition(error: unknown): EnvironmentError | undefined {
  if (error instanceof SuppressedError) return machineCondition(error.suppressed);
  if (error instanceof AggregateError) return error.errors.map(machineCondition).find((found) => found !== undefined);
  if (error instanceof EnvironmentError) return error;
  if (!(error instanceof Error)) return undefined;
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  const [kind, what] = CONDITIONS[code ?? ''] ?? [];
  if (kind === undefined || syscall === undefined) return undefined;
  const where = path ?? syscall;
  return new EnvironmentError(kind, `${where}: ${what} (${code})`, { cause: error });
}

/** An error without what was met while cleaning up after it. */
export function firstCause(error: unknown): unknown {
  return error instanceof SuppressedError ? firstCause(error.suppressed) : error;
}
