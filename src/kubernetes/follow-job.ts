import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import { isAway } from './cluster-error.ts';
import { JobWatch, type Follower, type JobEnd } from './job-watch.ts';

/** How often the cluster is asked. */
const POLL_MILLISECONDS = 1000;
/** How long a cluster that was there may be away. */
const AWAY_SECONDS = 600;

/**
 * Follows a Job until it has ended and everything that its pods gave back is here. Polls: a watch of the client ends unnoticed after
 * half a minute of silence, and what is seen late here is only seen late. Throws EnvironmentError where pods cannot start, or where the
 * cluster stays away.
 */
export async function followJob(
  cluster: Cluster,
  name: string,
  follower: Follower,
  signal: AbortSignal,
): Promise<JobEnd> {
  const watch = new JobWatch(cluster, name, follower);
  let awaySince: number | undefined;
  for (;;) {
    signal.throwIfAborted();
    try {
      const end = await watch.look();
      if (awaySince !== undefined) follower.onNote('the cluster answers again');
      awaySince = undefined;
      if (end !== undefined) return end;
    } catch (error) {
      if (!isAway(error)) throw error;
      if (awaySince === undefined) follower.onNote(`${error.message}; asking again for up to ${AWAY_SECONDS / 60} min`);
      awaySince ??= performance.now();
      if (performance.now() - awaySince > AWAY_SECONDS * 1000) throw error;
    }
    await sleep(POLL_MILLISECONDS, undefined, { signal }).catch(() => undefined);
  }
}
