/** A stream that text is written to. Once it is lost (`Io.onLost`), what is written goes nowhere. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Width and height of the terminal in characters; undefined where it is none. Asked anew each time. */
  size(): { readonly columns: number; readonly rows: number } | undefined;
  /** Calls back when the terminal's size has changed, until the returned function is called. */
  onResize(listener: () => void): () => void;
  /** Whether it has not taken all yet that was written: a terminal that is held (Ctrl-S) or whose line is down. */
  isBehind(): boolean;
  /** Resolves once everything written so far has left this process, or cannot any more: then with the error. */
  flushed(): Promise<NodeJS.ErrnoException | undefined>;
}

/** A stream that takes no more text. */
export interface LostOutput {
  readonly stream: 'stdout' | 'stderr';
  /** `EIO`: the terminal has gone; `ENOSPC`: the disk is full; `EPIPE`: the reader has gone. */
  readonly code: string;
}

/** What shows something in place on the terminal, and so hides the cursor. */
export interface TerminalHolder {
  /** Leaves the terminal as it was found: the process is stopped (Ctrl-Z) or ends. */
  release(): void;
  /** The process goes on. */
  retake(): void;
}

/** Everything a command may touch of the world around it, so that a test can stand in for that world. */
export interface Io {
  /** The answer only. */
  readonly stdout: Output;
  /** Progress, warnings, hints. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Text with each command as whoever started this one can type it; without it as it stands. */
  readonly typed?: (text: string) => string;
  /** Aborted by the first SIGINT, SIGTERM, SIGHUP or SIGQUIT; its reason is an `Interruption`. */
  readonly signal: AbortSignal;
  /** Aborted by the second one, by SIGQUIT, or where the first has not ended the command in time: what still runs is to be killed now. */
  readonly killSignal: AbortSignal;
  /** Monotonic seconds. */
  nowSeconds(): number;
  /** Unix seconds. */
  unixSeconds(): number;
  /** Calls back every so many seconds until the returned function is called. */
  every(seconds: number, tick: () => void): () => void;
  /** Calls back once for each stream that is lost, or was already, until the returned function is called. */
  onLost(listener: (lost: LostOutput) => void): () => void;
  /** The terminal is released however the process ends, until the returned function is called. */
  holdTerminal(holder: TerminalHolder): () => void;
  /** Starts `gctune clean` in a process of its own, which outlives this one: for a run, or, where it has no id yet, for all that are dead. */
  cleanUpBehind(runId: string | undefined): void;
}

/** The signals that end a command. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
type EndingSignal = (typeof ENDING_SIGNALS)[number];

/** Why the first signal was aborted. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly exitCode: 130 | 131 | 143;
  constructor(by: EndingSignal) {
    super(`interrupted by ${by}`);
    // 128 + the number of the signal, as shells do; SIGHUP counts as SIGTERM.
    this.exitCode = by === 'SIGINT' ? 130 : by === 'SIGQUIT' ? 131 : 143;
  }
}
