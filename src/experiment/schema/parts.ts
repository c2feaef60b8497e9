import { z } from 'zod';
import { text, truth, type Fault } from './leaf.ts';
import { badVariable } from '../secrets/secrets.ts';

/** Gives a key its place in the JSON Schema: what it is for and what may stand there. */
export function described<T extends z.ZodType>(schema: T, description: string, examples: readonly unknown[]): T {
  return schema.meta({ description, examples: [...examples] });
}

/** A list with at least one entry. */
export function listOf<T extends z.ZodType>(entry: T) {
  return z.array(entry).min(1);
}

/** A mapping of which exactly one of some keys must be there. */
export function exactlyOne<T extends z.ZodRawShape>(keys: readonly (keyof T & string)[], shape: T) {
  return z
    .strictObject(shape)
    .superRefine((value, context) => {
      const given = keys.filter((key) => (value as Record<string, unknown>)[key] !== undefined);
      if (given.length === 1) return;
      const all = `${keys.slice(0, -1).join(', ')} or ${keys.at(-1)}`;
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
      'Whether the value is redacted in everything that is written; without it the name decides.',
      [true],
    ),
  });
  return z.union([value.transform((written) => ({ value: written, secret: undefined })), entry]);
}

function variableFault(written: string): Fault | undefined {
  const bad = badVariable(written);
  if (bad === undefined) return undefined;
  const hint = 'write ${NAME} for a variable of the environment, or $${ for the two characters';
  return { code: 'bad-variable', problem: `${bad} is no variable`, hint };
}
