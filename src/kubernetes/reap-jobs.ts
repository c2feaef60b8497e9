import type { V1Job } from '@kubernetes/client-node';
import { machineCondition } from '../errors.ts';
import type { Reaped } from '../runner/runner.ts';
import { isLeft, MARKS } from '../runner/owner.ts';
import { plainText } from '../text/plain-text.ts';
import type { Cluster } from './cluster.ts';

/**
 * Removes the Jobs of a namespace whose gctune does not run any more, with their pods; with a run's id only those of that run, even if
 * nothing tells whether its gctune runs. Results that only they have are gone with them.
 */
export async function reapJobs(cluster: Cluster, runId: string | undefined): Promise<readonly Reaped[]> {
  const reaped: Reaped[] = [];
  for (const job of await cluster.jobs()) {
    const { run, owner } = marksOf(job);
    if (run === undefined || owner === undefined || (runId !== undefined && run !== runId)) continue;
    if (!(await isLeft(owner, runId !== undefined))) continue;
    const name = job.metadata?.name ?? '';
    const found = { kind: 'job' as const, id: plainText(name), runId: plainText(run) };
    try {
      await cluster.deleteJob(name);
      reaped.push(found);
    } catch (error) {
      const fault = machineCondition(error);
      if (fault === undefined) throw error;
      reaped.push({ ...found, problem: fault.message });
    }
  }
  return reaped;
}

function marksOf({ metadata }: V1Job): { readonly run: string | undefined; readonly owner: string | undefined } {
  const { annotations = {} } = metadata ?? {};
  return { run: annotations[MARKS.label.run], owner: annotations[MARKS.label.owner] };
}
