import { quote, type Parsed } from './units.ts';

/** A size as people and programs write it, in whole bytes, and how far the true one may be from it. */
export interface WrittenSize {
  readonly bytes: number;
  /** The least and the greatest that is rounded, or cut off, to what is written. Both are `bytes` where it is exact. */
  readonly low: number;
  readonly high: number;
  /** The unit as it is written and the bytes of 1000 instead of 1024, where it may mean either: `MB`. */
  readonly vague?: { readonly unit: string; readonly bytes: number } | undefined;
}

/** What stands at a place of a text that should be a number, and where it ends; or why it is none. */
export type Scanned<T> = ({ readonly value: T } | { readonly problem: string; readonly hint: string }) & {
  readonly end: number;
};

/** How bytes are counted: 1024 to the power, and whether the unit means powers of 1000 to some. */
const UNITS: ReadonlyMap<string, readonly [power: number, vague: boolean]> = new Map<string, [number, boolean]>(
  [
    ['k', 'kilo', 'kibi'],
    ['m', 'mega', 'mebi'],
    ['g', 'giga', 'gibi'],
    ['t', 'tera', 'tebi'],
  ].flatMap(([letter = '', long = '', binary = ''], index): [string, [number, boolean]][] => [
    ...[letter, `${letter}b`, `${long}byte`, `${long}bytes`].map((unit): [string, [number, boolean]] => [
      unit,
      [index + 1, true],
    ]),
    ...[`${letter}i`, `${letter}ib`, `${binary}byte`, `${binary}bytes`].map((unit): [string, [number, boolean]] => [
      unit,
      [index + 1, false],
    ]),
  ]),
)
  .set('b', [0, false])
  .set('byte', [0, false])
  .set('bytes', [0, false]);
const BLANK = '[ \\t\\u00a0\\u2007\\u2009\\u202f]';
const SPACED = new RegExp(`${BLANK}{0,3}([A-Za-z]{1,12})(?![\\w%])`, 'y');
/** Digits with whatever may stand between them, then an exponent. Its end is looked at apart: no prefix of it is a number. */
const NUMBER = /0[xX][0-9a-fA-F]{1,32}|\.?\d(?:[\d.,_'’\u00a0\u2007\u2009\u202f]{0,60}\d)?(?:[eE][+-]?\d{1,3})?/y;
const GROUPS = /(?: \d{3}){1,6}(?![\d.,])/y;
/** What may touch the end of a number: the end of a line, punctuation that closes, the `\` of an escape, InfluxDB's `i`. */
const CLOSES = /$|[iu](?![\w.])|[\s,;)\]}"'`|*<\\#]|\.(?!\d)|(?![%+\-=/:~^_\w])[\u0080-\uffff]|\(/y;
const ANOTHER = new RegExp(`^${BLANK}{1,60}(?:[+-]?\\d|->|→|/(?!/))`);
const WORD = new RegExp(`^${BLANK}{1,4}([A-Za-zµ]{1,16})(?![\\w.]|[ \\t"]{0,4}(?:[:=|{(]|[ \\t]\\d))`);
/** gops writes `22.89MB (24005552 bytes)`. */
const IN_BYTES = new RegExp(`^${BLANK}{0,3}\\((\\d{1,16}) ?(?:bytes|B)\\)`);
const WRITE = 'write digits, and a unit such as MiB where they are not bytes';
/** No machine has more. */
const MOST = Number.MAX_SAFE_INTEGER;
/** A figure below this that is followed by a word may be meant in it. */
const SURELY_BYTES = 2 ** 20;

/** Reads a whole text as a size: `918.7MiB`, `316252KiB`, `1,234,567`, `5.5M`. The one rule for sizes that people paste. */
export function parseWrittenSize(text: string): Parsed<WrittenSize> {
  const scanned = scanSize(text, 0);
  if ('problem' in scanned) return scanned;
  if (scanned.end === text.length) return { value: scanned.value };
  return { problem: `${quote(text)} is not a size`, hint: 'write one number and its unit, e.g. 918.7MiB' };
}

/**
 * The size at a place of a text. No prefix of a number is taken: digits that are followed by what is not understood are
 * a problem. A `unit` that stands elsewhere (in a name) holds where the number has none; of a `pair`, ` / ` may follow.
 */
export function scanSize(text: string, at: number, unit?: string, pair = false): Scanned<WrittenSize> {
  const number = scanNumber(text, at);
  if ('problem' in number) return number;
  const written = unitAt(text, number.end);
  const end = written?.end ?? number.end;
  const word = written?.unit ?? unit;
  const [power, vague] = (word === undefined ? undefined : UNITS.get(word.toLowerCase())) ?? [0, false];
  const shown = quote(text.slice(at, Math.min(end, at + 60)));
  const bad = (problem: string, hint: string) => ({ problem: `${shown} ${problem}`, hint, end });
  const after = pair && text.startsWith(' / ', end) ? undefined : afterwards(text, end);
  if (after !== undefined) return bad(after, WRITE);
  const value = valueOf(number.value, power > 0);
  if ('problem' in value) return bad(value.problem, value.hint);
  const { amount, step } = value;
  if (power === 0 && !Number.isInteger(amount))
    return bad('is not a whole number of bytes', 'add the unit that it is in, e.g. MiB');
  if (power === 0 && written === undefined && amount < SURELY_BYTES) {
    const next = nextWord(text, end);
    if (next !== undefined)
      return bad(`is followed by ${quote(next)}, which is not a unit of bytes`, 'write B, KiB, MiB or GiB behind it');
  }
  const factor = 1024 ** power;
  if (amount * factor > MOST) return bad('is more memory than any machine has', WRITE);
  const bytes = Math.round(amount * factor);
  if (power === 0) return { value: { bytes, low: bytes, high: bytes }, end };
  const exact = IN_BYTES.exec(text.slice(end, end + 40));
  if (exact !== null) {
    const told = Number(exact[1]);
    if (told > bytes * 1.1 + factor || told * 1.1 + factor < bytes)
      return bad('is not the number of bytes that stands behind it', WRITE);
    return { value: { bytes: told, low: told, high: told }, end };
  }
  // Whole numbers of a unit are mostly cut off (Go's integer division), decimals rounded.
  const [below, above] = step === 1 ? [0.5, 1] : [step / 2, step / 2];
  return {
    value: {
      bytes,
      low: Math.max(0, Math.round((amount - below) * factor)),
      high: Math.round((amount + above) * factor),
      vague: vague ? { unit: word ?? '', bytes: Math.round(amount * 1000 ** power) } : undefined,
    },
    end,
  };
}

/** The number without a unit at a place of a text, with thousands separators or an exponent: a count, a fraction. */
export function scanPlainNumber(text: string, at: number): Scanned<number> {
  const number = scanNumber(text, at);
  if ('problem' in number) return number;
  const value = valueOf(number.value, /[.,]\d{1,2}$|[.,]\d{4,}$|[eE]/.test(number.value));
  const after = afterwards(text, number.end);
  const shown = quote(text.slice(at, Math.min(number.end, at + 60)));
  if (after !== undefined) return { problem: `${shown} ${after}`, hint: 'write digits alone', end: number.end };
  if ('problem' in value) return { problem: `${shown} ${value.problem}`, hint: value.hint, end: number.end };
  return { value: value.amount, end: number.end };
}

/** Whether a word is a unit of bytes. */
export function isByteUnit(word: string): boolean {
  return UNITS.has(word.toLowerCase());
}

function scanNumber(text: string, at: number): Scanned<string> {
  const sign = /[+-]?/y;
  sign.lastIndex = at;
  const [signed = ''] = sign.exec(text) ?? [];
  NUMBER.lastIndex = at + signed.length;
  const [digits] = NUMBER.exec(text) ?? [];
  if (digits === undefined) {
    const shown = quote(text.slice(at, at + 20).split('\n')[0]);
    return { problem: `${shown} is not a number`, hint: WRITE, end: at };
  }
  const end = at + signed.length + digits.length;
  if (signed === '-' && /[1-9]/.test(digits))
    return { problem: `${quote(text.slice(at, end))} is negative`, hint: 'no figure of memory is', end };
  // 234 567 890: with a blank between groups of three.
  GROUPS.lastIndex = end;
  const [groups] = /^\d{1,3}$/.test(digits) ? (GROUPS.exec(text) ?? []) : [];
  return { value: digits + (groups ?? ''), end: end + (groups?.length ?? 0) };
}

function unitAt(text: string, at: number): { readonly unit: string; readonly end: number } | undefined {
  SPACED.lastIndex = at;
  const match = SPACED.exec(text);
  if (match === null || !UNITS.has((match[1] ?? '').toLowerCase())) return undefined;
  const end = at + match[0].length;
  // `Alloc:1 M:2`: the word is the next name.
  if (match[0] !== match[1] && /[ \t"]{0,4}[:=]/y.test(text.slice(end, end + 6))) return undefined;
  return { unit: match[1] ?? '', end };
}

/** What is wrong with what follows a number. */
function afterwards(text: string, end: number): string | undefined {
  CLOSES.lastIndex = end;
  if (end < text.length && !CLOSES.test(text)) {
    const next = /^\S{1,12}/.exec(text.slice(end, end + 12))?.[0] ?? '';
    return `is followed by ${quote(next)}`;
  }
  const behind = ANOTHER.exec(text.slice(end, end + 80));
  return behind === null
    ? undefined
    : `is followed by ${quote(behind[0].trim())}, so it is unclear which figure is meant`;
}

/** The word behind a number and a blank, where it is no name of the next figure and no word of a sentence's grammar. */
function nextWord(text: string, end: number): string | undefined {
  const match = WORD.exec(text.slice(end, end + 40));
  return match === null || /^(?:and|or|of|at|in|on|is|as|to|for|the|with|done|ok|now)$/i.test(match[1] ?? '')
    ? undefined
    : match[1];
}

interface Amount {
  readonly amount: number;
  readonly step: number;
}

/** The amount that digits with separators mean, and what one of the last place is; `decimals` may stand there. */
function valueOf(digits: string, decimals: boolean): Amount | { readonly problem: string; readonly hint: string } {
  if (/^0[xX]/.test(digits)) {
    const amount = Number(digits);
    return amount > MOST ? { problem: 'is more memory than any machine has', hint: WRITE } : { amount, step: 1 };
  }
  const [mantissa = '', exponent] = digits.split(/[eE]/);
  const marks = mantissa.replace(/\d/g, '');
  const plain = (whole: string, part: string): ReturnType<typeof valueOf> => {
    const power = Number(exponent ?? 0);
    const amount = Number(`${whole || '0'}.${part || '0'}e${power}`);
    return Number.isFinite(amount)
      ? { amount, step: 10 ** (power - part.length) }
      : { problem: 'is too large', hint: WRITE };
  };
  if (marks === '') return plain(mantissa, '');
  const last = marks.at(-1) ?? '';
  const at = mantissa.lastIndexOf(last);
  const part = mantissa.slice(at + 1);
  const single = marks.length === 1;
  // The last mark is the decimal one where it is a dot or a comma that no other place has.
  const decimal = /[.,]/.test(last) && marks.indexOf(last) === marks.length - 1;
  const group = decimal ? marks[0] : last;
  if (decimal && single) {
    // 1,234 and 1,234 MB: a decimal comma, or one between thousands?
    if (last === ',' && part.length === 3 && /^[1-9]\d{0,2}$/.test(mantissa.slice(0, at))) {
      if (!decimals) return plain(mantissa.replace(',', ''), '');
      return {
        problem: 'may be a number with decimals or one with a comma between thousands',
        hint: `write ${mantissa.replace(',', '')} or ${mantissa.replace(',', '.')}`,
      };
    }
    return plain(mantissa.slice(0, at), part);
  }
  const whole = decimal ? mantissa.slice(0, at) : mantissa;
  const parts = whole.split(group ?? '');
  const grouped =
    parts.length > 1 && /^\d{1,3}$/.test(parts[0] ?? '') && parts.slice(1).every((one) => /^\d{3}$/.test(one));
  if (!grouped) return { problem: 'is not a number', hint: WRITE };
  return plain(parts.join(''), decimal ? part : '');
}
