import { z } from 'zod';
import { experimentSchema } from './schema.ts';

/** The JSON Schema (draft-07) of an experiment file, for editors. */
export function experimentJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(experimentSchema, {
    target: 'draft-07',
    io: 'input',
    // zod leaves examples out where a value is transformed, because they might be of its output; ours are of the input.
    override: ({ zodSchema, jsonSchema }) => {
      const examples = z.globalRegistry.get(zodSchema)?.examples;
      if (Array.isArray(examples)) jsonSchema.examples = examples;
    },
  });
}
