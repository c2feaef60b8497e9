import type { CellId } from '../../experiment/plan/plan.ts';
import type { Warning } from '../../metrics/warning.ts';
import { callTree, type TreeNode } from '../../profile/call-tree.ts';
import { ProfileFault } from '../../profile/profile-fault.ts';
import { sampleTypeIndex } from '../../profile/profile.ts';
import { readProfile } from '../../profile/read-profile.ts';
import { meanStacks, stacksOf, type StackSet } from '../../profile/stacks.ts';
import { topOf } from '../../profile/top.ts';
import type { TrialRecord } from '../../results/format.ts';

/** A trial with the profiles that it kept. */
export interface ProfiledTrial {
  readonly record: TrialRecord;
  /** The bytes of a profile; undefined where it was not kept. */
  readonly profile: (kind: 'heap' | 'allocs') => Promise<Uint8Array | undefined>;
}

/** Where the memory of one cell comes from: the mean of the pprof profiles of its trials. */
export interface AllocationSites {
  /** `allocated`: in the window, by trials that only profile; `held`: when the window was over, by all trials that count. */
  readonly kind: 'allocated' | 'held';
  readonly cell: CellId;
  /** The trials whose profiles were read. */
  readonly trials: readonly string[];
  /** Seconds that `allocated` spans, mean over the trials. */
  readonly seconds: number | undefined;
  /** Bytes of all sites, mean over the trials. A statistical estimate of the runtime, which samples. */
  readonly totalBytes: number;
  /** The calls from the roots on, in bytes; parts too small to be seen are cut off. Names are untrusted text. */
  readonly tree: readonly SiteNode[];
  /** The functions that allocate most themselves; `ownBytes` by themselves, `bytes` with all that they call. */
  readonly top: readonly { readonly name: string; readonly ownBytes: number; readonly bytes: number }[];
}

/** A function where it was called from. */
export interface SiteNode {
  readonly name: string;
  /** With all that it calls. */
  readonly bytes: number;
  /** The largest first. */
  readonly children: readonly SiteNode[];
}

/** What a picture can show: more are thinner than a line. */
const PRUNING = { nodes: 300, share: 0.004 } as const;
const TOP = 10;

/**
 * The sites of a cell, from the trials that count and those that only profile; empty where no profile was kept.
 * A profile that cannot be read is a warning.
 */
export async function allocationSites(
  cell: CellId,
  counted: ReadonlySet<TrialRecord>,
  trials: readonly ProfiledTrial[],
): Promise<{ readonly sites: readonly AllocationSites[]; readonly warnings: readonly Warning[] }> {
  const own = trials.filter(({ record }) => record.cell === cell).toSorted((a, b) => a.record.block - b.record.block);
  const profiling = own.filter(({ record }) => record.purpose === 'profile' && record.outcome.kind === 'completed');
  const warnings: Warning[] = [];
  const sites = [
    await sitesOf('allocated', cell, profiling, warnings),
    await sitesOf(
      'held',
      cell,
      own.filter(({ record }) => counted.has(record)),
      warnings,
    ),
  ];
  return { sites: sites.filter((one) => one !== undefined), warnings };
}

async function sitesOf(
  kind: AllocationSites['kind'],
  cell: CellId,
  trials: readonly ProfiledTrial[],
  warnings: Warning[],
): Promise<AllocationSites | undefined> {
  const [file, type] = kind === 'allocated' ? (['allocs', 'alloc_space'] as const) : (['heap', 'inuse_space'] as const);
  const read: { readonly trial: string; readonly set: StackSet; readonly seconds: number | undefined }[] = [];
  for (const { record, profile } of trials) {
    const bytes = await profile(file);
    if (bytes === undefined) continue;
    try {
      const found = readProfile(bytes);
      const index = sampleTypeIndex(found, type);
      if (index === -1) throw new ProfileFault(`it has no samples of the type ${type}`);
      read.push({ trial: record.id, set: stacksOf(found, index), seconds: found.durationSeconds });
    } catch (error) {
      if (!(error instanceof ProfileFault)) throw error;
      const message = `the ${file} profile of the trial ${record.id} cannot be read: ${error.message}`;
      warnings.push({ code: 'unreadable-profile', message, cell, trial: record.id });
    }
  }
  if (read.length === 0) return undefined;
  const set = meanStacks(read.map((one) => one.set));
  const seconds = read.flatMap((one) => one.seconds ?? []);
  return {
    kind,
    cell,
    trials: read.map(({ trial }) => trial),
    seconds: seconds.length === 0 ? undefined : seconds.reduce((sum, one) => sum + one, 0) / seconds.length,
    totalBytes: Math.round(set.total),
    tree: callTree(set, PRUNING).map(siteOf),
    top: topOf(set, { count: TOP, by: 'flat' })
      .lines.filter(({ flat }) => flat > 0)
      .map(({ name, flat, cum }) => ({ name, ownBytes: Math.round(flat), bytes: Math.round(cum) })),
  };
}

function siteOf({ name, value, children }: TreeNode): SiteNode {
  return { name, bytes: Math.round(value), children: children.map(siteOf) };
}
