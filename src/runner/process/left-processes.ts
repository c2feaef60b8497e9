import { readFileSync, rmSync } from 'node:fs';
import { ownPlace } from '../../target/cache-directory.ts';
import { isLeft, sharesPids } from '../owner.ts';
import type { Leftover } from '../runner.ts';
import { Descendants, readLedgers } from './descendants.ts';
import { markedProcesses } from './marked.ts';

/** What dead runs left running: what was written down of one of their programs, or all that carries the marks of one run. */
export interface LeftProcesses {
  readonly runId: string;
  readonly descendants: Descendants;
  /** Removes the record of them. */
  forget(): void;
}

/** Finds the processes that dead runs left: those that carry their marks, and those that were written down while the runs lived. */
export async function leftProcesses(runId: string | undefined): Promise<readonly LeftProcesses[]> {
  const asked = async (each: { readonly runId: string; readonly owner: string }): Promise<boolean> =>
    (runId === undefined || each.runId === runId) && isLeft(each.owner, runId !== undefined);
  const found = new Map<string, LeftProcesses>();
  const add = (of: string): Descendants => {
    const known = found.get(of) ?? { runId: of, descendants: new Descendants(), forget: () => undefined };
    found.set(of, known);
    return known.descendants;
  };
  for (const marked of await markedProcesses()) if (await asked(marked)) add(marked.runId).add(marked.pid);
  const place = ownPlace(process.env, 'processes');
  for (const ledger of place === undefined ? [] : readLedgers(place)) {
    if (!(await asked(ledger))) continue;
    const descendants = add(ledger.runId);
    const before = found.get(ledger.runId);
    // After a boot, or in another container, the same numbers are other processes.
    if (await sharesPids(ledger.owner)) ledger.addTo(descendants);
    const forget = (): void => {
      before?.forget();
      rmSync(ledger.path, { force: true });
    };
    found.set(ledger.runId, { runId: ledger.runId, descendants, forget });
  }
  for (const { descendants } of found.values()) descendants.look();
  return [...found.values()];
}

/** Them one by one, with the CPUs on which they run. */
export function leftoversOf({ runId, descendants }: LeftProcesses): readonly Leftover[] {
  return descendants.living.map((pid) => {
    const cpus = cpusOf(pid);
    return { kind: 'process', id: String(pid), runId, ...(cpus === undefined ? {} : { cpus }) };
  });
}

function cpusOf(pid: number): string | undefined {
  try {
    return /^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}
