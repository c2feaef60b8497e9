/** Whether a load is sent at its times whatever the target does (open), or each request waits for an answer first (closed). */
export type Loop = 'open' | 'closed';

/** Programs whose reports are known, and the loop of each; undefined where it depends on what the program is told. */
const TOOLS = {
  vegeta: 'open',
  wrk2: 'open',
  wrk: 'closed',
  ghz: 'closed',
  hey: 'closed',
  oha: 'closed',
  'redis-benchmark': 'closed',
  'go-bench': 'closed',
  k6: undefined,
} as const satisfies Readonly<Record<string, Loop | undefined>>;

/** A program whose report is known. */
export type LoadTool = keyof typeof TOOLS;

/** All of them. */
export const LOAD_TOOLS = Object.keys(TOOLS) as readonly LoadTool[];

/** The loop that a program keeps where it is not told otherwise. */
export function loopOf(tool: LoadTool): Loop | undefined {
  return TOOLS[tool];
}
