import type { GoPartKey, Reconciliation } from '../../analysis/explain/reconcile.ts';
import { MEMORY_PARTS } from '../memory-parts.ts';
import type { TokenName } from '../theme.ts';

/** A line of the reconciliation as tables and the waterfall show it. */
export interface ExplainRow {
  readonly name: string;
  /** The field or difference of fields that it is. */
  readonly formula: string;
  readonly bytes: number;
  /** The sum of the reconciliation that it is; undefined for a share of one. */
  readonly key?: GoPartKey | 'go' | 'outside' | 'rss' | 'released';
  /**
   * `part`: adds to the sum; `share`: a share of the part above it; `total`: a sum so far; `missing`: a negative part,
   * mapped and not resident; `apart`: in no sum.
   */
  readonly kind: 'part' | 'share' | 'total' | 'missing' | 'apart';
  /** The part whose colour it has; undefined for totals. */
  readonly fill: TokenName | undefined;
  /** Its colour is toned down beside the share before it. */
  readonly pale?: boolean;
}

/** The lines of a reconciliation, top to bottom. Parts and totals add up exactly. */
export function explainRows(of: Reconciliation): readonly ExplainRow[] {
  const { parts, split, goBytes, rssBytes, outside, releasedBytes } = of;
  return [
    ...parts.flatMap(({ key, bytes }): readonly ExplainRow[] => [
      partRow(key, bytes, of),
      ...(key === 'objects' && split !== undefined ? shares(split) : []),
    ]),
    ...(goBytes === undefined ? [] : [total('go', 'Go’s own', 'Sys − HeapReleased', goBytes)]),
    ...(outside === undefined ? [] : outsideRows(outside)),
    ...(rssBytes === undefined ? [] : [total('rss', 'RSS', 'VmRSS', rssBytes)]),
    ...(releasedBytes === undefined
      ? []
      : [
          {
            key: 'released' as const,
            name: 'returned',
            formula: 'HeapReleased: returned to the system, in no sum',
            bytes: releasedBytes,
            kind: 'apart' as const,
            fill: undefined,
          },
        ]),
  ];
}

function partRow(key: GoPartKey, bytes: number, of: Reconciliation): ExplainRow {
  const part = MEMORY_PARTS.find((one) => one.key === key);
  return {
    key,
    name: part?.name ?? (isRounding(of) ? 'rounding' : 'cannot be told apart'),
    formula: part?.formula ?? 'the rest of Sys − HeapReleased',
    bytes,
    kind: bytes < 0 ? 'missing' : 'part',
    fill: part?.fill ?? 'noise',
  };
}

/** Whether what is not split into parts is only what rounding has done to them. */
function isRounding({ parts, ranges }: Reconciliation): boolean {
  const all = MEMORY_PARTS.every(({ key }) => key === 'outsideGo' || parts.some((part) => part.key === key));
  return ranges !== undefined && all;
}

function shares({ liveBytes, restBytes, source }: NonNullable<Reconciliation['split']>): readonly ExplainRow[] {
  const who = source === 'pprof' ? 'the heap profile’s inuse_space' : '/gc/heap/live:bytes';
  return [
    { name: 'reachable', formula: who, bytes: liveBytes, kind: 'share', fill: 'objects' },
    {
      name: 'garbage or new',
      formula: `HeapAlloc − ${who}`,
      bytes: restBytes,
      kind: 'share',
      fill: 'objects',
      pale: true,
    },
  ];
}

function outsideRows(outside: NonNullable<Reconciliation['outside']>): readonly ExplainRow[] {
  const { bytes, fileBytes, lazyFreeBytes = 0, untouchedBytes = 0, swappedBytes = 0, otherBytes } = outside;
  const { mayBeReleased } = outside;
  const untouched = 'mapped, not resident';
  if (fileBytes === undefined || otherBytes === undefined) {
    const formula = 'RSS − (Sys − HeapReleased)';
    return bytes < 0
      ? [{ key: 'outside', name: untouched, formula, bytes, kind: 'missing', fill: undefined }]
      : [
          {
            key: 'outside',
            name: mayBeReleased ? 'outside Go, or released' : 'outside Go',
            formula,
            bytes,
            kind: 'part',
            fill: 'outside',
          },
        ];
  }
  const missing = (name: string, formula: string, notResident: number): readonly ExplainRow[] =>
    notResident === 0 ? [] : [{ name, formula, bytes: -notResident, kind: 'missing', fill: undefined }];
  const formula = 'the rest of RSS';
  return [
    ...missing('heap never touched', 'held by Go’s heap, neither resident nor swapped out', untouchedBytes),
    ...missing('heap swapped out', 'Swap of Go’s heap', swappedBytes),
    { name: 'outside Go: files', formula: 'RssFile', bytes: fileBytes, kind: 'part', fill: 'outside' },
    ...(lazyFreeBytes === 0
      ? []
      : [
          {
            name: 'returned, still resident',
            formula: 'LazyFree: the kernel takes it when memory is short',
            bytes: lazyFreeBytes,
            kind: 'part' as const,
            fill: 'retained' as const,
            pale: true,
          },
        ]),
    otherBytes < 0
      ? { name: untouched, formula, bytes: otherBytes, kind: 'missing', fill: undefined }
      : {
          name: mayBeReleased ? 'outside Go, or released' : 'outside Go: other',
          formula,
          bytes: otherBytes,
          kind: 'part',
          fill: 'outside',
          pale: true,
        },
  ];
}

function total(key: 'go' | 'rss', name: string, formula: string, bytes: number): ExplainRow {
  return { key, name, formula, bytes, kind: 'total', fill: undefined };
}
