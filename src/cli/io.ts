/** A stream that text is written to. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Width and height of the terminal in characters; undefined where it is none. Asked anew each time. */
  size(): { readonly columns: number; readonly rows: number } | undefined;
  /** Calls back when the terminal's size has changed, until the returned function is called. */
  onResize(listener: () => void): () => void;
}

/** Everything a command may touch of the world around it, so that a test can stand in for that world. */
export interface Io {
  /** The answer only. */
  readonly stdout: Output;
  /** Progress, warnings, hints. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP; its reason is an `Interruption`. */
  readonly signal: AbortSignal;
  /** Aborted by the second one: what still runs is to be killed now. */
  readonly killSignal: AbortSignal;
  /** Monotonic seconds. */
  nowSeconds(): number;
  /** Unix seconds. */
  unixSeconds(): number;
  /** Calls back every so many seconds until the returned function is called. */
  every(seconds: number, tick: () => void): () => void;
  /** Starts `gctune clean` for a run in a process of its own, which outlives this one. */
  cleanUpBehind(runId: string): void;
}

/** Why the first signal was aborted. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly exitCode: 130 | 143;
  constructor(by: 'SIGINT' | 'SIGTERM' | 'SIGHUP') {
    super(`interrupted by ${by}`);
    // 128 + the number of the signal, as shells do; SIGHUP counts as SIGTERM.
    this.exitCode = by === 'SIGINT' ? 130 : 143;
  }
}
