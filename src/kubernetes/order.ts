import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { UserError } from '../errors.ts';

/** The environment variable in which the harness of a pod finds its order. */
export const ORDER_VARIABLE = 'GCTUNE_ORDER';
/** The kernel takes no longer argument or variable (MAX_ARG_STRLEN), the name and a zero included. */
const LONGEST_VARIABLE = 128 * 1024 - 64;
/** No order that fits into a variable is larger once it is unpacked. */
const LARGEST_ORDER = 16 * 2 ** 20;

const shape = z.strictObject({
  /** The experiment's file as it was given. */
  text: z.string(),
  seed: z.number().int().nonnegative(),
  /** Blocks of the whole plan, of which each is a part of its own. */
  of: z.number().int().positive(),
  /** The block of each index. */
  blocks: z.array(z.number().int().positive()).min(1),
  filter: z.array(z.string()),
  /** Where the program of the target is, if the experiment gives it as something else than an image. */
  target: z.strictObject({ image: z.string(), program: z.string() }).optional(),
  /** Whole CPUs that the harness and the target were promised. */
  cpus: z.strictObject({ harness: z.number().int().positive(), target: z.number().int().positive().optional() }),
  /** Whether nodes are called by their names. */
  nodeNames: z.boolean(),
  /** How long what was printed is kept for whoever missed a part of it, and from which size on. */
  hold: z.strictObject({ seconds: z.number().nonnegative(), aboveBytes: z.number().nonnegative() }),
});

/** What the harness of every pod of a Job is told; which of the blocks is its own follows from its index. */
export type Order = z.infer<typeof shape>;

/** The order as the value of a variable. Throws UserError where the experiment is too long for one. */
export function writeOrder(order: Order): string {
  const text = gzipSync(JSON.stringify(order), { level: 9 }).toString('base64');
  if (text.length <= LONGEST_VARIABLE) return text;
  throw new UserError({
    code: 'experiment-too-long',
    message: `the experiment takes ${text.length} bytes packed, and a pod is told at most ${LONGEST_VARIABLE}`,
    hint: 'shorten the file: what is long in it is data, which belongs into the image of the target',
  });
}

/** Reads the value of the variable. Throws UserError where it is not an order. */
export function readOrder(text: string | undefined): Order {
  try {
    const packed = Buffer.from(text ?? '', 'base64');
    return shape.parse(JSON.parse(gunzipSync(packed, { maxOutputLength: LARGEST_ORDER }).toString('utf8')));
  } catch (error) {
    throw new UserError({
      code: 'not-in-a-pod',
      message: `${ORDER_VARIABLE} is not the order of a harness`,
      hint: 'gctune run --on kubernetes starts it in its pods',
      ...(error instanceof Error ? { cause: error } : {}),
    });
  }
}
