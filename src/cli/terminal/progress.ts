import type { Interim } from '../../report/brief/settings-brief.ts';
import type { SweepEvent } from '../../sweep/event.ts';
import type { Io } from '../io.ts';
import { liveProgress } from './live.ts';
import { plainProgress } from './plain.ts';
import type { Style } from './style.ts';

/** `--progress`. */
export type ProgressChoice = 'auto' | 'tty' | 'plain' | 'none';

/** Shows how a sweep goes on. */
export interface Progress {
  event(event: SweepEvent): void;
  /** Takes what is known after a block; a display without it has no use for that. */
  readonly interim?: (interim: Interim) => void;
  /** A line that stays. */
  message(text: string): void;
  /** Leaves the terminal as it was found. May be called twice. */
  close(): void;
}

/** The display for a stream: live on a terminal, else (and in CI) one line for each trial. */
export function chooseProgress(
  choice: ProgressChoice,
  io: Pick<Io, 'stderr' | 'env' | 'nowSeconds' | 'every' | 'holdTerminal'>,
  style: Style,
  verbose: boolean,
): Progress {
  const live = choice === 'auto' ? io.stderr.isTTY && !inCi(io.env) && io.env['TERM'] !== 'dumb' : choice === 'tty';
  if (choice === 'none') return { event: () => {}, message: (text) => io.stderr.write(`${text}\n`), close: () => {} };
  return live ? liveProgress(io, style) : plainProgress(io.stderr, style, verbose);
}

/** CI systems set CI to something; `false` and `0` unset it again. */
function inCi(env: Io['env']): boolean {
  const ci = env['CI'];
  return ci !== undefined && ci !== '' && ci !== 'false' && ci !== '0';
}
