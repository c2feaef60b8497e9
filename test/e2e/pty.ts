import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { main } from './gctune.ts';

/** A command on a terminal of its own, of which it is the session leader. */
export interface OnTerminal {
  /** Everything that the terminal has been written so far. */
  readonly shown: () => string;
  /** Types text; `\u0003` is Ctrl-C, `\u001c` Ctrl-\, `\u001a` Ctrl-Z. */
  send(text: string): void;
  resize(columns: number, rows: number): void;
  /** The terminal takes nothing more, as by Ctrl-S or on a line that is down; `resume` ends that. */
  hold(): void;
  resume(): void;
  /** Closes the terminal, as by closing its window. */
  close(): void;
  /** How the command ended: `exit 0`, `signal 15`. */
  readonly ended: Promise<string>;
  /** Waits until the terminal shows this; rejects after a minute. */
  shows(what: string | RegExp): Promise<void>;
}

/** Starts a command on a terminal. Needs python3. */
export function onTerminal(
  command: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly columns?: number;
    readonly rows?: number;
  } = {},
): OnTerminal {
  const helper = fileURLToPath(new URL('../fixtures/on-terminal.py', import.meta.url));
  const { columns = 80, rows = 24 } = options;
  const child = spawn('python3', [helper, String(columns), String(rows), ...command], {
    cwd: options.cwd,
    env: { ...process.env, CI: '', TERM: 'xterm', ...options.env },
    stdio: 'pipe',
  });
  let shown = '';
  let said = '';
  let over = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stdin.on('error', () => undefined);
  const tell = (line: string): void => void child.stdin.write(`${line}\n`);
  const ended = new Promise<string>((resolve, reject) => {
    child.on('error', reject).on('close', () => {
      over = true;
      resolve(said.trim());
    });
  });
  return {
    shown: () => shown,
    send: (text) => tell(`send ${Buffer.from(text).toString('hex')}`),
    resize: (c, r) => tell(`resize ${c} ${r}`),
    hold: () => tell('hold'),
    resume: () => tell('resume'),
    close: () => tell('close'),
    ended,
    shows: async (what) => {
      const isShown = (): boolean => (typeof what === 'string' ? shown.includes(what) : what.test(shown));
      const isOver = (): boolean => over;
      const deadline = Date.now() + 60_000;
      while (!isShown() && !isOver() && Date.now() < deadline) await sleep(100);
      if (isShown()) return;
      throw new Error(`the terminal does not show ${String(what)}:\n${shown}${said}`);
    },
  };
}

/** The words of a command line that starts gctune. */
export function gctuneWords(...args: readonly string[]): readonly string[] {
  return [process.execPath, main, ...args];
}
