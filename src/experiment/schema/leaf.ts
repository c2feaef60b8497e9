import { z } from 'zod';
import { nearest } from '../../text/nearest.ts';
import { bearable, harmlessLine, harmlessText, storedAs } from './stored.ts';
import { quote, type QuantitySyntax } from '../../units/units.ts';

/** What became of one value of the file: what it means, or what is wrong with it and what to write instead. */
export type Read<T> = { readonly value: T } | Fault;

/** What is wrong with a value. */
export interface Fault {
  /** Stable kebab-case code of the diagnostic. */
  readonly code: string;
  readonly problem: string;
  readonly hint: string;
  /** For a mapping: keys of which one is missing. */
  readonly keys?: readonly string[];
}

/** The part of JSON Schema that a leaf declares of what it accepts. */
export type LeafSchema = Readonly<Record<string, unknown>>;

/**
 * A value without parts: its reader, which knows best what was meant, and beside it the JSON Schema of what the reader
 * accepts; `stored` is what its value looks like in the manifest of a run. Issues carry the fault as `params`.
 */
export function leaf<T>(read: (value: unknown) => Read<T>, schema: LeafSchema, stored: z.ZodType<T>) {
  const part = z
    .unknown()
    .meta(schema)
    .transform((value, context): T => {
      const result = read(value);
      if ('value' in result) return result.value;
      context.issues.push({ code: 'custom', input: value, message: result.problem, params: { fault: result } });
      return z.NEVER;
    });
  return storedAs(part, stored);
}

const POSITIVE = bearable.refine((value) => value > 0, 'expected more than 0');
/** What quantities of each kind are in a manifest. */
const QUANTITIES = {
  // A minute more than the longest phase that an experiment file may ask for is far below this.
  duration: z.number().min(0).max(1e8),
  percentage: bearable.min(0).max(1),
  confidence: z.number().min(0.5).lt(1),
  rate: POSITIVE,
  'byte-rate': POSITIVE,
} as const;

/** What YAML makes of `1e400`, which nobody wrote as it would be printed. */
function isTooLarge(value: unknown): boolean {
  return typeof value === 'number' && !Number.isFinite(value);
}

const TOO_LARGE = 'this number is too large, or is none';

/** A quantity with its unit, as text: a duration, a rate, a share. */
export function quantity(syntax: QuantitySyntax, what: keyof typeof QUANTITIES, example: string) {
  const code = `bad-${what}`;
  return leaf<number>(
    (value) => {
      // A bare number is read as if it had been quoted, so that the hint can name the unit that it lacks.
      const text = typeof value === 'number' ? String(value) : value;
      const hint = `write a ${what} such as ${example}`;
      if (isTooLarge(value)) return { code, problem: TOO_LARGE, hint };
      if (typeof text !== 'string') return wrongKind(value, `a ${what}`, hint);
      const parsed = syntax.parse(text);
      return 'value' in parsed ? parsed : { code, ...parsed };
    },
    { type: 'string', pattern: syntax.pattern.source },
    QUANTITIES[what],
  );
}

/** A quantity with its unit, or a word in its place: a duration or `auto`, a rate or `off`. */
export function quantityOr<const Word extends string>(
  word: Word,
  syntax: QuantitySyntax,
  what: keyof typeof QUANTITIES,
  example: string,
) {
  const hint = `write ${word}, or a ${what} such as ${example}`;
  return leaf<number | Word>(
    (value) => {
      if (value === word) return { value: word };
      const text = typeof value === 'number' ? String(value) : value;
      if (isTooLarge(value)) return { code: `bad-${what}`, problem: TOO_LARGE, hint };
      if (typeof text !== 'string') return wrongKind(value, `a ${what} or ${word}`, hint);
      const parsed = syntax.parse(text);
      return 'value' in parsed ? parsed : { code: `bad-${what}`, ...parsed };
    },
    { anyOf: [{ const: word }, { type: 'string', pattern: syntax.pattern.source }] },
    z.union([QUANTITIES[what], z.literal(word)]),
  );
}

/** A whole number within bounds. */
export function wholeNumber(least: number, most: number) {
  return leaf<number>(
    (value) => {
      if (typeof value !== 'number') return wrongKind(value, 'a whole number', 'write digits only, without quotes');
      const hint = `write a whole number from ${least} to ${most}`;
      if (!Number.isInteger(value)) return { code: 'bad-number', problem: `${value} is not a whole number`, hint };
      if (value < least) return { code: 'bad-number', problem: `${value} is too small`, hint };
      if (value > most) return { code: 'bad-number', problem: `${value} is too large`, hint };
      return { value };
    },
    { type: 'integer', minimum: least, maximum: most },
    z.int().min(least).max(most),
  );
}

/** A number above zero, at most `most`. */
export function positiveNumber(most: number) {
  return leaf<number>(
    (value) => {
      if (typeof value !== 'number') return wrongKind(value, 'a number', 'write a number without quotes or unit');
      if (value > 0 && value <= most) return { value };
      return {
        code: 'bad-number',
        problem: `${value} is out of range`,
        hint: `write a number above 0, at most ${most}`,
      };
    },
    { type: 'number', exclusiveMinimum: 0, maximum: most },
    POSITIVE.max(most),
  );
}

/** `true` or `false`. */
export function truth() {
  return leaf<boolean>(
    (value) => (typeof value === 'boolean' ? { value } : wrongKind(value, 'true or false', 'write true or false')),
    { type: 'boolean' },
    z.boolean(),
  );
}

/** One of a few words. */
export function choice<const T extends string>(words: readonly T[], code = 'bad-choice') {
  return leaf<T>(
    (value) => {
      const word = words.find((candidate) => candidate === value);
      if (word !== undefined) return { value: word };
      const known = `it is one of ${words.join(', ')}`;
      if (typeof value !== 'string') return wrongKind(value, `one of ${words.join(', ')}`, known);
      const meant = nearest(value, words);
      return {
        code,
        problem: `${quote(value)} is not a known value`,
        hint: meant === undefined ? known : `did you mean ${meant}?`,
      };
    },
    { type: 'string', enum: words },
    z.enum(words),
  );
}

/** What text may hold; the patterns are those of the JSON Schema too. */
/* oxlint-disable no-control-regex -- they are what is kept out */
const TEXT = {
  /** One line without control characters (C0, DEL, C1). */
  line: { pattern: /^[^\u0000-\u001f\u007f-\u009f]+$/, rule: 'write one line without control characters' },
  /** As `line`, but may be empty. */
  optionalLine: { pattern: /^[^\u0000-\u001f\u007f-\u009f]*$/, rule: 'write one line without control characters' },
  /** Lines; tab and line feed are the only control characters. */
  lines: {
    pattern: /^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*$/,
    rule: 'write text without control characters other than tabs and line feeds',
  },
  /** Part of a folder's name, of a cell's name and of a container label. */
  name: {
    pattern: /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/,
    rule: 'write letters, digits, - and _, at most 63 of them, the first one a letter or digit',
  },
  /** As `path`, or one on a further port of the target. */
  servedPath: {
    pattern: /^(?:[a-z][a-z0-9_-]{0,30}:)?\/[!-~]*$/,
    rule: 'write a path that begins with / and holds no spaces, or the name of a port before it: admin:/debug/vars',
  },
  /** The path of a request, templates included. */
  path: { pattern: /^\/[!-~]*$/, rule: 'write a path that begins with / and holds no spaces: /work?session=1' },
} as const;
/* oxlint-enable no-control-regex */

/** Text of one of the kinds above. `also` may refuse what the pattern cannot tell. */
export function text(kind: keyof typeof TEXT, also: (value: string) => Fault | undefined = () => undefined) {
  const { pattern, rule } = TEXT[kind];
  return leaf<string>(
    (value) => {
      if (typeof value !== 'string') {
        const plain = typeof value === 'number' || typeof value === 'boolean';
        return wrongKind(value, 'text', plain ? `put it in quotes: "${String(value)}"` : rule);
      }
      if (value === '' && !pattern.test('')) return { code: 'bad-text', problem: 'the text is empty', hint: rule };
      if (!pattern.test(value)) {
        return {
          code: kind === 'name' ? 'bad-name' : 'bad-text',
          problem: `${quote(value)} cannot be used`,
          hint: rule,
        };
      }
      return also(value) ?? { value };
    },
    { type: 'string', pattern: pattern.source },
    kind === 'lines' || kind === 'optionalLine' ? harmlessText : harmlessLine,
  );
}

/** The fault of a value of another kind than the expected one. */
export function wrongKind(value: unknown, expected: string, hint: string): Fault {
  return { code: 'wrong-type', problem: `expected ${expected}, not ${kindOf(value)}`, hint };
}

/** What a value of a file is, in words: `a list`, `the number 3`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return `the text ${quote(value)}`;
  return typeof value === 'number' ? `the number ${value}` : JSON.stringify(value);
}
