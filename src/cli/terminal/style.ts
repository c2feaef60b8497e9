import { styleText } from 'node:util';
import type { TextOptions } from '../../report/document/write-text.ts';
import type { Io, Output } from '../io.ts';

/** `--color`. */
export type ColorChoice = 'auto' | 'always' | 'never';

type Paint = (text: string) => string;
/** How text is dressed for one stream: colours (or not) and the characters that it can show. */
export interface Style {
  readonly color: boolean;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly yellow: Paint;
  readonly green: Paint;
  /** `…` or `...`. */
  readonly ellipsis: string;
  /** A full and an empty piece of a bar. */
  readonly bar: { readonly full: string; readonly empty: string };
  /** Between facts of one line. */
  readonly dot: string;
  /** Takes the characters that ASCII lacks out of a text, where the locale has only ASCII. */
  readonly text: Paint;
}

/**
 * Whether a stream gets colours: `--color` decides; else NO_COLOR (not empty), FORCE_COLOR, TERM=dumb, and last
 * whether it is a terminal. See https://no-color.org and https://force-color.org.
 */
export function wantsColor(choice: ColorChoice, env: Io['env'], isTTY: boolean): boolean {
  if (choice !== 'auto') return choice === 'always';
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return isTTY && env['TERM'] !== 'dumb';
}

/** Whether the locale says that more than ASCII can be shown (POSIX: LC_ALL, then LC_CTYPE, then LANG). */
export function hasUnicode(env: Io['env']): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '');
  return locale !== undefined && /utf-?8/i.test(locale);
}

/** The style of a stream. */
export function styleOf(output: Output, choice: ColorChoice, env: Io['env']): Style {
  const color = wantsColor(choice, env, output.isTTY);
  // A pipe or a file keeps what was written: only a terminal is asked what it can show.
  const unicode = !output.isTTY || hasUnicode(env);
  const paint =
    (format: 'bold' | 'dim' | 'red' | 'yellow' | 'green'): Paint =>
    (text) =>
      color ? styleText(format, text, { validateStream: false }) : text;
  return {
    color,
    bold: paint('bold'),
    dim: paint('dim'),
    red: paint('red'),
    yellow: paint('yellow'),
    green: paint('green'),
    ellipsis: unicode ? '…' : '...',
    bar: unicode ? { full: '█', empty: '░' } : { full: '#', empty: '.' },
    dot: unicode ? '·' : '-',
    text: unicode ? (text) => text : toAscii,
  };
}

/** How wide text is where no terminal says it. */
export const COLUMNS_OF_A_PIPE = 80;

/** How the pieces of a document are dressed and shown on a stream. */
export function dressOf({ bold, dim, green, yellow, red, text: shown }: Style): Pick<TextOptions, 'dress' | 'shown'> {
  const paints = { strong: bold, code: (text: string) => text, dim, good: green, caution: yellow, bad: red };
  return { dress: (text, as) => paints[as](text), shown };
}

const ASCII: Readonly<Record<string, string>> = {
  '±': '+-',
  '−': '-',
  '–': '-',
  '—': '-',
  '…': '...',
  '’': "'",
  '“': '"',
  '”': '"',
  '÷': '/',
  '→': '->',
  '·': '-',
  '×': 'x',
  '≥': '>=',
  '≤': '<=',
  '≈': '~',
  µ: 'u',
  μ: 'u',
  '█': '#',
  '░': '.',
  '▁': '_',
  '▂': '.',
  '▃': '-',
  '▄': '=',
  '▅': '+',
  '▆': 'o',
  '▇': '*',
};

function toAscii(text: string): string {
  // oxlint-disable-next-line no-control-regex -- everything that is not ASCII
  return text.replace(/[^\u0000-\u007f]/gu, (character) => ASCII[character] ?? '?');
}
