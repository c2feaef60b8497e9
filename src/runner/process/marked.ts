import { MARKS } from '../owner.ts';
import { listPids, readIfPresent } from '../proc.ts';

/** A process that carries the marks of a run in its environment. */
export interface MarkedProcess {
  readonly pid: number;
  readonly runId: string;
  readonly trialId: string | undefined;
  readonly owner: string;
}

/** The processes that carry our marks. Only the same user and root can read a process's environment. */
export async function markedProcesses(): Promise<readonly MarkedProcess[]> {
  const pids = (await listPids()).filter((pid) => pid !== process.pid);
  const found = await Promise.all(pids.map(markOf));
  return found.filter((each) => each !== undefined);
}

async function markOf(pid: number): Promise<MarkedProcess | undefined> {
  const environ = await readIfPresent(`/proc/${pid}/environ`);
  if (environ?.includes(`${MARKS.env.owner}=`) !== true) return undefined;
  const variables = new Map(
    environ.split('\0').map((text) => [text.split('=', 1)[0], text.slice(text.indexOf('=') + 1)]),
  );
  const runId = variables.get(MARKS.env.run);
  const owner = variables.get(MARKS.env.owner);
  if (runId === undefined || owner === undefined) return undefined;
  return { pid, runId, trialId: variables.get(MARKS.env.trial), owner };
}
