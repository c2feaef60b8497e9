import type { CgroupMemory } from '../../linux/cgroup-memory.ts';

/** What is known of the process in it. */
export interface ProcessInCgroup {
  readonly goBytes: number | undefined;
  readonly rssBytes: number | undefined;
  readonly rssFileBytes: number | undefined;
}

/** A row on the way from MemStats over RSS to what counts against the limit. */
export interface ContainerRow {
  readonly key:
    | 'go'
    | 'outside'
    | 'rss'
    | 'file-pages'
    | 'other-anon'
    | 'active-file'
    | 'shmem'
    | 'kernel'
    | 'rest'
    | 'working-set'
    | 'inactive-file'
    | 'usage'
    | 'limit'
    | 'mapped-file';
  readonly bytes: number;
  /** `total`: the sum of all above it; `apart`: in no sum. */
  readonly kind: 'part' | 'total' | 'apart';
}

/**
 * Leads from what MemStats say over RSS to the working set, which Kubernetes and `docker stats` show, and to what counts
 * against the limit, byte by byte: what is left between two totals is a row of its own. Empty where the cgroup does not tell
 * its page cache.
 */
export function containerRows(
  of: CgroupMemory,
  { goBytes, rssBytes, rssFileBytes }: ProcessInCgroup,
): readonly ContainerRow[] {
  const { usageBytes, inactiveFileBytes } = of;
  if (inactiveFileBytes === undefined) return [];
  const workingSet = Math.max(0, usageBytes - inactiveFileBytes);
  const rows: ContainerRow[] = [];
  let sum = 0;
  const part = (key: ContainerRow['key'], bytes: number | undefined): void => {
    if (bytes === undefined || bytes === 0) return;
    rows.push({ key, bytes, kind: 'part' });
    sum += bytes;
  };
  const total = (key: ContainerRow['key'], bytes: number): void => {
    rows.push({ key, bytes, kind: 'total' });
    sum = bytes;
  };
  if (rssBytes !== undefined) {
    if (goBytes !== undefined) {
      total('go', goBytes);
      part('outside', rssBytes - goBytes);
    }
    total('rss', rssBytes);
    if (rssFileBytes !== undefined) {
      part('file-pages', -rssFileBytes);
      if (of.anonBytes !== undefined) part('other-anon', of.anonBytes - sum);
    }
  }
  part('active-file', of.activeFileBytes);
  part('shmem', of.shmemBytes);
  part('kernel', of.kernelBytes);
  part('rest', workingSet - sum);
  total('working-set', workingSet);
  part('inactive-file', usageBytes - workingSet);
  total('usage', usageBytes);
  const apart = (key: ContainerRow['key'], bytes: number | undefined): void => {
    if (bytes !== undefined) rows.push({ key, bytes, kind: 'apart' });
  };
  apart('limit', of.limitBytes);
  apart('mapped-file', of.mappedFileBytes);
  return rows;
}
