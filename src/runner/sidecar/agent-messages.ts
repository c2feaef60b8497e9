import { z } from 'zod';

/** The protocol that this gctune speaks with the agent; see agent/README.md. */
export const PROTOCOL = 1;

/** What the agent is asked, a line of JSON each. */
export type AgentRequest =
  | { readonly do: 'look' }
  | {
      readonly do: 'start';
      readonly argv: readonly string[];
      /** In the place of what the container has under these names. */
      readonly env: Readonly<Record<string, string>>;
      /** Absent: the container's. */
      readonly directory?: string | undefined;
      /** Absent: wherever the container may run. */
      readonly cpus?: readonly number[] | undefined;
    }
  | { readonly do: 'signal'; readonly signal: 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGKILL' };

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));

const messageSchema = z.union([
  z.strictObject({
    looked: z.object({
      protocol: z.int(),
      pid: z.int(),
      pidNamespace: z.string(),
      path: z.string(),
      directory: z.string(),
      busy: z.boolean(),
    }),
  }),
  z.strictObject({ started: z.object({ pid: z.int() }) }),
  z.strictObject({ stdout: base64 }),
  z.strictObject({ stderr: base64 }),
  z.strictObject({
    exited: z.object({ code: z.int().nullable(), signal: z.string().nullable(), cpuSeconds: z.number() }),
  }),
  z.strictObject({ error: z.object({ code: z.string(), message: z.string() }) }),
]);

/** What the agent answers, a line of JSON each. */
export type AgentMessage = z.output<typeof messageSchema>;

/** The agent and the container that it runs in. */
export type Looked = Extract<AgentMessage, { looked: unknown }>['looked'];

/** Reads a line of the agent; undefined where it is none. */
export function parseMessage(line: string): AgentMessage | undefined {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined;
  }
  return messageSchema.safeParse(json).data;
}
