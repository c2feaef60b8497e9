import { z } from 'zod';
import { text, truth, type Fault } from './leaf.ts';
import { harmlessText, storedAs, storedForm } from './stored.ts';
import { badVariable } from '../secrets/secrets.ts';

/** Gives a key its place in the JSON Schema: what it is for and what may stand there. */
export function described<T extends z.ZodType>(schema: T, description: string, examples: readonly unknown[]): T {
  return schema.meta({ description, examples: [...examples] });
}

/** A list with at least one entry. */
export function listOf<T extends z.ZodType>(entry: T) {
  return z.array(entry).min(1);
}

/** A value that nobody changes, however deep. */
export type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

type Names<S> = { readonly [K in keyof S]?: string };
/** What a mapping comes to. Of one without any key TypeScript would say that every key is never. */
type Renamed<S extends z.ZodRawShape, N, T = z.output<z.ZodObject<S>>> = [keyof S] extends [never]
  ? unknown
  : { [K in keyof T as K extends keyof N ? (N[K] extends string ? N[K] : K) : K]: T[K] };

/**
 * A mapping that stands in an Experiment with the same keys, apart from those that `names` gives another name, mostly one
 * with the unit of its value.
 */
export function section<S extends z.ZodRawShape, const N extends Names<S> = object>(shape: S, names: N = {} as N) {
  return renamed(shape, names, {});
}

/** As `section`, with a `kind` that tells it from its alternatives. */
export function tagged<const K extends string, S extends z.ZodRawShape, const N extends Names<S> = object>(
  kind: K,
  shape: S,
  names: N = {} as N,
) {
  return renamed(shape, names, { kind });
}

function renamed<S extends z.ZodRawShape, N extends Names<S>, K extends Readonly<Record<string, string>>>(
  shape: S,
  names: N,
  tag: K,
) {
  type Whole = K & Renamed<S, N>;
  const nameOf = (key: string): string => (names as Readonly<Record<string, string | undefined>>)[key] ?? key;
  const keys = Object.keys(shape);
  const mapping = z.strictObject(shape).transform((value) => {
    const values = value as Readonly<Record<string, unknown>>;
    return { ...tag, ...Object.fromEntries(keys.map((key) => [nameOf(key), values[key]])) } as Whole;
  });
  const stored = z.object({
    ...Object.fromEntries(Object.entries(tag).map(([key, value]) => [key, z.literal(value)])),
    ...Object.fromEntries(keys.map((key) => [nameOf(key), storedForm(shape[key] as z.ZodType)])),
  });
  return storedAs(mapping, stored);
}

/** `http, kubo or idle`. */
export function alternatives(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** A mapping of which exactly one of some keys must be there. */
export function exactlyOne<T extends z.ZodRawShape>(keys: readonly (keyof T & string)[], shape: T) {
  return z
    .strictObject(shape)
    .superRefine((value, context) => {
      const given = keys.filter((key) => (value as Record<string, unknown>)[key] !== undefined);
      if (given.length === 1) return;
      const all = alternatives(keys);
      const fault =
        given.length === 0
          ? { code: 'missing-key', problem: `one of the keys ${all} is missing`, hint: 'add one of them', keys }
          : { code: 'too-many-keys', problem: `${given.join(' and ')} exclude each other`, hint: `keep one of ${all}` };
      // The place of the second one, where there is one: the first may well be meant.
      const path = given.length === 0 ? [] : [given[1] as string];
      context.addIssue({ code: 'custom', message: fault.problem, params: { fault, atKey: given.length > 0 }, path });
    })
    .meta({ oneOf: keys.map((key) => ({ required: [key] })) });
}

/** A text in which `${NAME}` stands for a variable of the caller's environment; alone, or with what the file says of its being secret. */
export function secretText(also: (value: string) => Fault | undefined = () => undefined) {
  const value = text('optionalLine', (written) => variableFault(written) ?? also(written));
  const entry = z.strictObject({
    value: described(value, 'The value.', ['${SERVICE_TOKEN}']),
    secret: described(
      truth().optional(),
      'Whether the value is redacted in all output. Default: decided by the name.',
      [true],
    ),
  });
  return storedAs(z.union([value, entry.transform((given) => given.value)]), harmlessText);
}

function variableFault(written: string): Fault | undefined {
  const bad = badVariable(written);
  if (bad === undefined) return undefined;
  const hint = 'write ${NAME} for a variable of the environment, or $${ for the two characters';
  return { code: 'bad-variable', problem: `${bad} is not a variable`, hint };
}
