import { z } from 'zod';
import { plainText } from '../../text/plain-text.ts';

// A key of the experiment file stands in the manifest of a run too, there with its value in base units. What it may be
// there follows from its description in the schema, so that no key has to be described a second time.

/** 2^64 and some: the greatest number that Go's counters and limits can show. */
const MOST = 2e19;
/** Far below any time or share that was ever measured. */
const LEAST = 1e-100;

/** Whether a number is finite and its logarithm and its square are: neither too large nor so small that a ratio of it is 0. */
export function isBearable(value: number): boolean {
  const size = Math.abs(value);
  return size <= MOST && (size >= LEAST || value === 0);
}

/** Any finite number of a magnitude that arithmetic bears. */
export const bearable = z.number().refine(isBearable, 'expected a number of a plausible magnitude');

/** One line of text without anything that moves a cursor or reorders text: made so where it is read. */
export const harmlessLine = z
  .string()
  .max(4 * 2 ** 20)
  .transform(plainText);

/** Text of several lines, each of them as `harmlessLine`. */
export const harmlessText = z
  .string()
  .max(4 * 2 ** 20)
  .transform((text) => text.split('\n').map(plainText).join('\n'));

const FORMS = new WeakMap<z.core.$ZodType, z.ZodType>();

/** Says what the value of a part of the schema looks like in a run's manifest. */
export function storedAs<S extends z.ZodType>(schema: S, stored: z.ZodType): S {
  FORMS.set(schema, stored);
  return schema;
}

/** Marks a key that a section got after runs were made: one that lacks it takes the default of the file. */
export function addedLater<S extends z.ZodPrefault>(schema: S): S {
  return storedAs(
    schema,
    formOf(schema.unwrap()).default(() => schema.parse(undefined)),
  );
}

/**
 * What a value of the schema looks like in a run's manifest. A key with a default in the file must be there all the same:
 * a run tells what was in force, and what is missing was damaged.
 */
export function storedForm<T>(schema: z.ZodType<T>): z.ZodType<T> {
  // The type follows from the schema's, which TypeScript cannot see through what wraps it.
  return formOf(schema) as unknown as z.ZodType<T>;
}

function formOf(schema: z.core.$ZodType): z.ZodType {
  // A description makes a copy of what it describes.
  for (let part: z.core.$ZodType | undefined = schema; part !== undefined; part = part._zod.parent) {
    const known = FORMS.get(part);
    if (known !== undefined) return known;
  }
  if (schema instanceof z.ZodOptional) return formOf(schema.unwrap()).optional();
  if (schema instanceof z.ZodPrefault) return formOf(schema.unwrap());
  if (schema instanceof z.ZodArray) return z.array(formOf(schema.element));
  if (schema instanceof z.ZodUnion) return z.union(schema.options.map(formOf));
  if (schema instanceof z.ZodRecord) {
    const mapping: z.ZodType<object> = z.record(harmlessLine, formOf(schema.valueType));
    return mapping.refine((map) => !Object.hasOwn(map, '__proto__'), 'has a key __proto__');
  }
  throw new Error('a part of the schema does not say what it looks like in a manifest');
}
