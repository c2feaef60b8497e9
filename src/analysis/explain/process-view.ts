import type { GoEnvironment } from '../../go/environment.ts';
import type { CgroupMemory } from '../../linux/cgroup-memory.ts';
import type { MappingSum, Smaps } from '../../linux/smaps.ts';
import type { UnitScale } from '../../units/format-units.ts';
import { mebibyteScale } from '../../units/mebibytes.ts';
import { containerRows, type ContainerRow } from './container-memory.ts';
import type { ExplanationDocument } from './explanation-document.ts';
import { explainMemory, type ExplainedPoint } from './explanation.ts';
import { settingsInForce, type InForce } from './in-force.ts';
import { reconcile, type Reconciliation } from './reconcile.ts';

/** What the kernel says of a living process in addition to its RSS. */
export interface KernelFacts {
  readonly smaps?: Smaps | undefined;
  readonly environment?: GoEnvironment | undefined;
  readonly cgroup?: CgroupMemory | undefined;
}

/** The same with what follows from it and the counters together. */
export interface ProcessView extends KernelFacts {
  readonly inForce: InForce;
  readonly container: readonly ContainerRow[];
}

/** Reconciles once more with what was returned and is still resident and what was never touched, and adds what is in force. */
export function withProcessView(document: ExplanationDocument, facts: KernelFacts): ExplanationDocument {
  const { smaps, environment, cgroup } = facts;
  const heap = smaps?.sums.find(({ kind, name }) => kind === 'go' && name === 'heap');
  const { usageBytes, inactiveFileBytes } = cgroup ?? {};
  const figures = {
    ...document.figures,
    dockerStatsBytes:
      document.source.kind !== 'container' || usageBytes === undefined || inactiveFileBytes === undefined
        ? undefined
        : Math.max(0, usageBytes - inactiveFileBytes),
    lazyFreeBytes: smaps && total(smaps, 'lazyFreeBytes'),
    goHeap: heap && {
      rssBytes: heap.rssBytes,
      lazyFreeBytes: heap.lazyFreeBytes,
      swapBytes: heap.swapBytes,
    },
  };
  const reconciliation = reconcile(figures);
  const { goBytes, rssBytes } = reconciliation;
  return {
    ...document,
    figures,
    reconciliation,
    points: [...explainMemory(reconciliation, figures), ...whereRssPoints(reconciliation, smaps, environment)],
    view: {
      ...facts,
      inForce: settingsInForce(figures.counters, environment),
      container:
        cgroup === undefined ? [] : containerRows(cgroup, { goBytes, rssBytes, rssFileBytes: figures.rssFileBytes }),
    },
  };
}

function whereRssPoints(
  { outside, rssBytes, goBytes }: Reconciliation,
  smaps: Smaps | undefined,
  environment: GoEnvironment | undefined,
): readonly ExplainedPoint[] {
  const scale = mebibyteScale(Math.max(rssBytes ?? 0, goBytes ?? 0));
  return [
    ...lazyFreePoint(outside?.lazyFreeBytes ?? 0, environment, scale),
    ...untouchedPoint(outside?.untouchedBytes ?? 0, scale),
    ...hugePoint(smaps === undefined ? 0 : total(smaps, 'hugeBytes'), scale),
  ];
}

/** Less is not worth a sentence. */
const WORTH_SAYING_BYTES = 2 ** 20;

function lazyFreePoint(
  bytes: number,
  environment: GoEnvironment | undefined,
  scale: UnitScale,
): readonly ExplainedPoint[] {
  if (bytes < WORTH_SAYING_BYTES) return [];
  const set = /(?:^|,)madvdontneed=0(?:,|$)/.test(environment?.GODEBUG ?? '');
  const why = set
    ? 'This process runs with GODEBUG=madvdontneed=0; without that, its RSS would fall at once.'
    : 'Go 1.12 to 1.15 return memory so, and later ones with GODEBUG=madvdontneed=0; cgo libraries may as well.';
  return [
    {
      topic: 'lazy-free',
      text: `At least ${scale.format(bytes)} of RSS was returned to the system with MADV_FREE (LazyFree), but the kernel has not taken it yet: it does when memory is short, and until then ps and the cgroup count it. It is not a leak. ${why}`,
    },
  ];
}

function untouchedPoint(bytes: number, scale: UnitScale): readonly ExplainedPoint[] {
  if (bytes < WORTH_SAYING_BYTES) return [];
  return [
    {
      topic: 'untouched',
      text: `${scale.format(bytes)} of the heap that Go holds was never touched, or is no longer resident: MemStats and GOMEMLIMIT count it, RSS does not.`,
    },
  ];
}

function hugePoint(bytes: number, scale: UnitScale): readonly ExplainedPoint[] {
  if (bytes < WORTH_SAYING_BYTES) return [];
  return [
    {
      topic: 'huge-pages',
      text: `${scale.format(bytes)} of RSS is in huge pages. A huge page is resident as a whole even if the program uses only a part of it, so RSS can be above what Go holds.`,
    },
  ];
}

/** The sum of a figure over all mappings. */
function total({ sums }: Smaps, key: 'rssBytes' | 'lazyFreeBytes' | 'hugeBytes' | 'swapBytes'): number {
  return sums.reduce((sum, one: MappingSum) => sum + one[key], 0);
}
