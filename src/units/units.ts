/** What became of a text that should be a quantity: its value in base units, or what is wrong and what to write. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string; readonly hint: string };

/** One kind of quantity that people write: its parser and, for the JSON Schema, the pattern of what it accepts. */
export interface QuantitySyntax {
  readonly parse: (text: string) => Parsed<number>;
  /** Accepts exactly the texts that `parse` accepts. */
  readonly pattern: RegExp;
}

const MICROSECONDS = { h: 3_600_000_000, m: 60_000_000, s: 1_000_000, ms: 1000, us: 1 } as const;
const BYTES = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;
const SECONDS_PER = { s: 1, min: 60, h: 3600 } as const;

const DURATION =
  /^(?=[0-9])(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6}(?:\.[0-9]{1,6})?)s)?(?:([0-9]{1,6})ms)?(?:([0-9]{1,6})us)?$/;

/** A length of time in seconds: `30s`, `1m30s`, `500ms`. Zero is a length too. */
export const DURATION_OR_ZERO: QuantitySyntax = { parse: parseDuration, pattern: DURATION };
/** A length of time in seconds that is not zero. */
export const DURATION_SYNTAX: QuantitySyntax = {
  parse: (text) =>
    positive(parseDuration(text), `${quote(text)} is a duration of zero`, 'write a duration such as 500ms'),
  pattern: new RegExp(DURATION.source.replace('^', '^(?=.*[1-9])')),
};
/** A size in bytes, more than zero: `512MiB`, `64KiB`, `4096`. */
export const SIZE_SYNTAX: QuantitySyntax = { parse: parseSize, pattern: /^0*[1-9][0-9]{0,14}(?:B|KiB|MiB|GiB|TiB)?$/ };
/** How often, per second, more than zero: `200/s`, `6000/min`. */
export const RATE_SYNTAX: QuantitySyntax = {
  parse: parseRate,
  pattern: /^(?=[0-9.]*[1-9])[0-9]{1,9}(?:\.[0-9]{1,9})?\/(?:s|min|h)$/,
};
/** How many bytes per second, more than zero: `1GiB/s`. */
export const BYTES_RATE_SYNTAX: QuantitySyntax = {
  parse: (text) => {
    const parsed = parseSize(text.replace(/\/s$/, ''));
    if ('value' in parsed && text.endsWith('/s')) return parsed;
    return { problem: `${quote(text)} is not a number of bytes per second`, hint: 'write a size, then /s: 1GiB/s' };
  },
  pattern: /^0*[1-9][0-9]{0,14}(?:B|KiB|MiB|GiB|TiB)?\/s$/,
};
/** A share from 0 to 1, written as a percentage: `5%`, `99.9%`. */
export const SHARE_SYNTAX: QuantitySyntax = {
  parse: (text) => atMostAll(parsePercent(text), text),
  pattern: /^0*(?:100(?:\.0{1,6})?|[0-9]{1,2}(?:\.[0-9]{1,6})?)%$/,
};

/** Reads a duration such as `1m30s` as seconds. */
export function parseDuration(text: string): Parsed<number> {
  const match = DURATION.exec(text);
  if (match === null) {
    return { problem: `${quote(text)} is not a duration`, hint: durationHint(text) };
  }
  const [h, m, s, ms, us] = match.slice(1).map((digits) => Number(digits ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  // Whole microseconds are exact, so that 1s500ms is the same number as 1.5s.
  const micro = h * MICROSECONDS.h + m * MICROSECONDS.m + Math.round(s * MICROSECONDS.s) + ms * MICROSECONDS.ms + us;
  return { value: micro / 1e6 };
}

function durationHint(text: string): string {
  if (/^[0-9]+(\.[0-9]+)?$/.test(text)) return `add a unit: ${text}s or ${text}ms`;
  if (text.startsWith('-')) return 'a duration cannot be negative';
  return 'write h, m, s, ms or us after whole numbers, largest first, without spaces: 30s, 1m30s, 500ms';
}

/** Reads a size such as `512MiB` as bytes; the units are those that Go reads in GOMEMLIMIT. */
export function parseSize(text: string): Parsed<number> {
  const match = /^0*([0-9]{1,15})(B|KiB|MiB|GiB|TiB)?$/.exec(text);
  if (match === null) return { problem: `${quote(text)} is not a size`, hint: sizeHint(text) };
  const bytes = Number(match[1]) * BYTES[(match[2] ?? 'B') as keyof typeof BYTES];
  if (bytes === 0) return { problem: `${quote(text)} is a size of zero`, hint: 'write a size such as 512MiB' };
  return { value: bytes };
}

function sizeHint(text: string): string {
  const match = /^([0-9]+)(\.[0-9]+)?\s*([kmgt]?)(i?b?)$/i.exec(text);
  if (match === null) {
    return text.startsWith('-') ? 'a size cannot be negative' : 'write whole B, KiB, MiB, GiB or TiB: 512MiB';
  }
  const [, digits, decimals, letter] = match;
  if (decimals !== undefined) return 'write a whole number of a smaller unit: 1536MiB for 1.5GiB';
  const unit = letter === '' ? 'B' : `${letter!.toUpperCase()}iB`;
  return `write ${digits}${unit}: the units are B, KiB, MiB, GiB and TiB, as in GOMEMLIMIT`;
}

/** Reads a rate such as `6000/min` as events per second. */
export function parseRate(text: string): Parsed<number> {
  const match = /^([0-9]{1,9}(?:\.[0-9]{1,9})?)\/(s|min|h)$/.exec(text);
  if (match === null) {
    const hint = text.startsWith('-')
      ? 'a rate cannot be negative'
      : /^[0-9.]+$/.test(text)
        ? `add a unit of time: ${text}/s or ${text}/min`
        : 'write a number, then /s, /min or /h: 200/s';
    return { problem: `${quote(text)} is not a rate`, hint };
  }
  const value = Number(match[1]) / SECONDS_PER[match[2] as keyof typeof SECONDS_PER];
  return positive({ value }, `${quote(text)} means never`, 'write a rate such as 200/s');
}

/** Reads a percentage such as `5%` as a fraction. */
export function parsePercent(text: string): Parsed<number> {
  if (!/^[0-9]+(?:\.[0-9]{1,6})?%$/.test(text)) {
    const number = /^[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : undefined;
    const hint =
      number === undefined
        ? 'write a number and a percent sign, without a space: 5%'
        : `write it as a percentage: ${number > 0 && number < 1 ? writePercent(number) : `${text}%`}`;
    return { problem: `${quote(text)} is not a percentage`, hint };
  }
  // Shifting the decimal point in the text keeps 99.9% the double nearest to 0.999; dividing by 100 may not.
  return { value: Number(`${text.slice(0, -1)}e-2`) };
}

function atMostAll(parsed: Parsed<number>, text: string): Parsed<number> {
  if ('problem' in parsed || parsed.value <= 1) return parsed;
  return { problem: `${quote(text)} is more than 100%`, hint: 'write at most 100%' };
}

function positive(parsed: Parsed<number>, problem: string, hint: string): Parsed<number> {
  return 'problem' in parsed || parsed.value > 0 ? parsed : { problem, hint };
}

/** A value as it is quoted in a message: control characters escaped, long texts cut. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…"` : text;
}

/** A duration as it is written in a file: `1m30s`; read again it gives the same microseconds. */
export function writeDuration(seconds: number): string {
  let rest = Math.round(seconds * 1e6);
  let text = '';
  for (const [unit, size] of Object.entries(MICROSECONDS)) {
    const whole = Math.floor(rest / size);
    if (whole > 0) text += `${whole}${unit}`;
    rest -= whole * size;
  }
  return text === '' ? '0s' : text;
}

/** A size as it is written in a file and understood by Go: `64MiB`, `1536KiB`; read again it gives the same bytes. */
export function writeSize(bytes: number): string {
  const [unit, size] = Object.entries(BYTES).findLast(([, candidate]) => bytes % candidate === 0) ?? ['B', 1];
  return `${bytes / size}${unit}`;
}

/** A rate as it is written in a file: `200/s`. */
export function writeRate(perSecond: number): string {
  return `${perSecond}/s`;
}

/** A fraction as it is written in a file: `5%`; read again it gives the same fraction. */
export function writePercent(fraction: number): string {
  return `${Number(`${fraction}e2`)}%`;
}
