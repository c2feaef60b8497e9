import { z } from 'zod';
import { bearable, harmlessLine, harmlessText } from '../../experiment/schema/stored.ts';
import { plainText } from '../../text/plain-text.ts';

// What a value read from a run folder must look like. Text is made harmless where it is read, so that no output can
// forget to; numbers are finite and of a magnitude that arithmetic bears; keys that nobody knows are left out.

/** A minute more than the longest phase that an experiment file may ask for is far below this. */
const MOST_SECONDS = 1e8;

/**
 * A mapping with all keys of a type, so that none is read unchecked: a key that is added to the type is missing here
 * until it has its own check. Keys that nobody knows are left out.
 */
export function object<T extends object>(shape: { readonly [K in keyof T]-?: z.ZodType<T[K]> }): z.ZodType<T> {
  // The type of the output follows from the shape's, which TypeScript cannot see through the mapped type.
  return z.object(shape) as unknown as z.ZodType<T>;
}

/** A key that may be absent, or whose value may be undefined and then has no trace in JSON. */
export function maybe<T>(schema: z.ZodType<T>): z.ZodType<T | undefined> {
  return schema.optional();
}

/** A key that may be absent, of a type that has it absent rather than undefined. */
export function absent<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return schema.optional() as z.ZodType<T>;
}

/** A list of at most so many entries. */
export function list<T>(entry: z.ZodType<T>, most = 1_000_000): z.ZodType<readonly T[]> {
  return z.array(entry).max(most);
}

/** A value or null. */
export function orNull<T>(schema: z.ZodType<T>): z.ZodType<T | null> {
  return schema.nullable();
}

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[]): z.ZodType<T> {
  return z.enum(words);
}

/** True or false. */
export const truth: z.ZodType<boolean> = z.boolean();

/** A mapping in which each of some keys may stand. */
export function someOf<const K extends string, T>(
  keys: readonly K[],
  value: z.ZodType<T>,
): z.ZodType<Readonly<Partial<Record<K, T>>>> {
  return z.partialRecord(z.enum(keys), value);
}

/** A list of trees, each entry of which may hold such a list under one of its keys. */
export function recursive<T>(entry: (self: z.ZodType<T>) => z.ZodType<T>): z.ZodType<T> {
  const self: z.ZodType<T> = z.lazy(() => whole);
  const whole = entry(self);
  return whole;
}

/** Adds a check of how the parts of a value agree; it gives the place and what is wrong there. */
export function agreeing<T>(
  schema: z.ZodType<T>,
  check: (value: T, say: (place: readonly PropertyKey[], problem: string) => void) => void,
): z.ZodType<T> {
  return schema.superRefine((value, context) => {
    check(value, (place, message) => context.addIssue({ code: 'custom', message, path: [...place] }));
  });
}

/** A value of one form or the other. */
export function either<A, B>(one: z.ZodType<A>, other: z.ZodType<B>): z.ZodType<A | B> {
  return z.union([one, other]);
}

/** One line of text without anything that moves a cursor or reorders text. */
export const line: z.ZodType<string> = harmlessLine;

/** Text of several lines, each of them as `line`. */
export const lines: z.ZodType<string> = harmlessText;

/** Text that names a file or a folder of the run, or stands in a command: letters, digits and some marks. */
export const slug: z.ZodType<string> = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._~@-]*$/, 'expected letters, digits, . _ ~ @ and -');

/** Any finite number. */
export const number: z.ZodType<number> = bearable;
/** A number from 0 on: a size, a count, a share. */
export const amount: z.ZodType<number> = bearable.min(0);
/** A whole number from 0 on. */
export const count = z.int().min(0);
/** A whole number from 1 on. */
export const ordinal = z.int().min(1).max(10_000_000);
/** A length of time. */
export const seconds = z.number().min(0).max(MOST_SECONDS);
/** A share from 0 to 1. */
export const share = z.number().min(0).max(1);
/** A time in ISO 8601. */
export const time: z.ZodType<string> = z
  .string()
  .max(40)
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/, 'expected a time such as 2026-01-31T12:00:00.000Z')
  .refine((text) => Number.isFinite(Date.parse(text)), 'expected a time that exists');

/** A mapping from names to values. A name that JavaScript keeps for itself is none. */
export function mapping<T>(value: z.ZodType<T>): z.ZodType<Readonly<Record<string, T>>> {
  return z.record(line, value).refine((map) => !Object.hasOwn(map, '__proto__'), 'has a key __proto__');
}

/** What is wrong with a value, with its place: `plan.cells[3].levels.gogc: expected number`. Several problems are counted. */
export function problemIn(error: z.ZodError): string {
  const [first, ...more] = error.issues.map(deepest);
  if (first === undefined) return 'it does not have the form of such a file';
  const place = first.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${plainText(String(key))}`)).join('');
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  const what = plainText(first.message.replace(/^Invalid input: /, '').replace(/^(?=[A-Z])./, (a) => a.toLowerCase()));
  return `${place === '' ? '' : `${place.replace(/^\./, '')}: `}${what}${others}`;
}

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Of alternatives that all fail the problem of the one that got farthest. */
function deepest(issue: z.core.$ZodIssue): Problem {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const inner = issue.errors.flatMap((errors) => errors.map(deepest));
  const far = inner.toSorted((a, b) => b.path.length - a.path.length)[0];
  if (far === undefined || far.path.length === 0) {
    const alternatives = [...new Set(inner.map(({ message }) => message.replace(/^Invalid input: /, '')))];
    return { path: issue.path, message: alternatives.length === 0 ? issue.message : alternatives.join(', or ') };
  }
  return { path: [...issue.path, ...far.path], message: far.message };
}
