import type { Io, Output, TerminalHolder } from '../../src/cli/io.ts';

/** A world that a command can be run in, and what it left there. */
export interface FakeIo extends Io {
  readonly written: { stdout: string; stderr: string };
  /** What `gctune clean` was started for. */
  readonly cleaned: readonly (string | undefined)[];
  /** What holds the terminal. */
  readonly holders: ReadonlySet<TerminalHolder>;
  /** As by Ctrl-S: nothing that is written is taken. */
  hold(held: boolean): void;
  /** Everything that waits for the clock is called once. */
  tick(): void;
  /** Moves the clock. */
  setSeconds(seconds: number): void;
  resize(columns: number, rows: number): void;
}

/** An Io that writes into strings. Its clock stands still until it is moved. */
export function fakeIo(
  options: {
    readonly env?: Io['env'];
    readonly cwd?: string;
    readonly terminal?: { readonly columns: number; readonly rows: number };
    readonly signal?: AbortSignal;
    readonly killSignal?: AbortSignal;
  } = {},
): FakeIo {
  const written = { stdout: '', stderr: '' };
  const tickers = new Set<() => void>();
  const resized = new Set<() => void>();
  const cleaned: (string | undefined)[] = [];
  const holders = new Set<TerminalHolder>();
  let behind = false;
  let seconds = 0;
  let size = options.terminal;
  const output = (name: 'stdout' | 'stderr'): Output => ({
    write: (text) => {
      written[name] += text;
    },
    isTTY: options.terminal !== undefined,
    size: () => size,
    onResize: (listener) => {
      resized.add(listener);
      return () => resized.delete(listener);
    },
    isBehind: () => behind,
    flushed: () => Promise.resolve(undefined),
  });
  return {
    written,
    cleaned,
    stdout: output('stdout'),
    stderr: output('stderr'),
    env: options.env ?? {},
    cwd: options.cwd ?? '/',
    signal: options.signal ?? new AbortController().signal,
    killSignal: options.killSignal ?? new AbortController().signal,
    nowSeconds: () => seconds,
    unixSeconds: () => 1_700_000_000 + seconds,
    every: (_seconds, tick) => {
      tickers.add(tick);
      return () => tickers.delete(tick);
    },
    onLost: () => () => undefined,
    holdTerminal: (holder) => {
      holders.add(holder);
      return () => holders.delete(holder);
    },
    cleanUpBehind: (runId) => cleaned.push(runId),
    holders,
    hold: (held) => {
      behind = held;
    },
    tick: () => tickers.forEach((tick) => tick()),
    setSeconds: (value) => {
      seconds = value;
    },
    resize: (columns, rows) => {
      size = { columns, rows };
      resized.forEach((listener) => listener());
    },
  };
}
