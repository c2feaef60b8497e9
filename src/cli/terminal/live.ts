import type { Io } from '../io.ts';
import type { SweepEvent } from '../../sweep/event.ts';
import { frame } from './frame.ts';
import { lastingLine } from './lasting-line.ts';
import type { Progress } from './progress.ts';
import { advance, initialProgress } from './progress-state.ts';
import type { Style } from './style.ts';
import { textWidth } from '../../text/text-width.ts';

const REDRAW_SECONDS = 0.25;
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_TO_END_OF_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/**
 * A few lines at the bottom of the terminal that are redrawn in place, at most four times a second. What lasts (a trial
 * that did not count, a note) is written above them and scrolls away.
 */
export function liveProgress(io: Pick<Io, 'stderr' | 'nowSeconds' | 'every' | 'holdTerminal'>, style: Style): Progress {
  const { stderr } = io;
  let state = initialProgress(io.nowSeconds());
  let drawn: readonly string[] = [];
  let open = true;

  const size = (): { columns: number; rows: number } => stderr.size() ?? { columns: 80, rows: 24 };
  /** Back to the first drawn line. A terminal that became narrower has wrapped what was drawn. */
  const home = (): string => {
    const { columns } = size();
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)), 0);
    return rows === 0 ? '' : `\u001b[${rows}A\r`;
  };
  const draw = (above = ''): void => {
    // A frame that nobody has seen yet needs no other.
    if (above === '' && stderr.isBehind()) return;
    const lines = frame(state, io.nowSeconds(), size(), style);
    // One write, so that no half frame is ever seen; lines are overwritten, not cleared first.
    const text = lines.map((line) => `${line}${CLEAR_TO_END_OF_LINE}\n`).join('');
    const before = above === '' ? '' : above.replaceAll('\n', `${CLEAR_TO_END_OF_LINE}\n`);
    stderr.write(`${home()}${before}${text}${CLEAR_BELOW}`);
    drawn = lines;
  };

  stderr.write(HIDE_CURSOR);
  draw();
  const stopTicking = io.every(REDRAW_SECONDS, () => draw());
  const stopResizing = stderr.onResize(() => draw());
  const release = (): void => {
    stderr.write(`${home()}${CLEAR_BELOW}${SHOW_CURSOR}`);
    drawn = [];
  };
  const letGo = io.holdTerminal({
    release,
    retake: () => {
      stderr.write(HIDE_CURSOR);
      draw();
    },
  });
  return {
    event(event: SweepEvent): void {
      if (!open) return;
      state = advance(state, event, io.nowSeconds());
      // Before the run has begun a note is what the display itself shows.
      const line = event.type === 'note' && state.run === undefined ? undefined : lastingLine(event, style);
      if (line !== undefined) draw(`${line}\n`);
    },
    interim(interim): void {
      state = { ...state, interim };
      if (open) draw();
    },
    message(text: string): void {
      if (open) draw(`${text}\n`);
      else stderr.write(`${text}\n`);
    },
    close(): void {
      if (!open) return;
      open = false;
      stopTicking();
      stopResizing();
      letGo();
      release();
    },
  };
}
