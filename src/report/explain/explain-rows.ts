import type { GoPartKey, Reconciliation } from '../../analysis/explain/reconcile.ts';
import { MEMORY_PARTS } from '../memory-parts.ts';
import type { TokenName } from '../theme.ts';

/** A line of the reconciliation as tables and the waterfall show it. */
export interface ExplainRow {
  readonly name: string;
  /** The field or difference of fields that it is. */
  readonly formula: string;
  readonly bytes: number;
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
      partRow(key, bytes),
      ...(key === 'objects' && split !== undefined ? shares(split) : []),
    ]),
    ...(goBytes === undefined ? [] : [total('Go’s own', 'Sys − HeapReleased', goBytes)]),
    ...(outside === undefined ? [] : outsideRows(outside)),
    ...(rssBytes === undefined ? [] : [total('RSS', 'VmRSS', rssBytes)]),
    ...(releasedBytes === undefined
      ? []
      : [
          {
            name: 'returned',
            formula: 'HeapReleased: in no sum, it takes no RAM',
            bytes: releasedBytes,
            kind: 'apart' as const,
            fill: undefined,
          },
        ]),
  ];
}

function partRow(key: GoPartKey, bytes: number): ExplainRow {
  const part = MEMORY_PARTS.find((one) => one.key === key);
  return {
    name: part?.name ?? 'cannot be told apart',
    formula: part?.formula ?? 'the rest of Sys − HeapReleased',
    bytes,
    kind: bytes < 0 ? 'missing' : 'part',
    fill: part?.fill ?? 'noise',
  };
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

function outsideRows({ bytes, fileBytes, otherBytes }: NonNullable<Reconciliation['outside']>): readonly ExplainRow[] {
  const untouched = 'mapped, not resident';
  if (fileBytes === undefined || otherBytes === undefined) {
    const formula = 'RSS − (Sys − HeapReleased)';
    return bytes < 0
      ? [{ name: untouched, formula, bytes, kind: 'missing', fill: undefined }]
      : [{ name: 'outside Go', formula, bytes, kind: 'part', fill: 'outside' }];
  }
  const formula = 'RSS − (Sys − HeapReleased) − RssFile';
  return [
    { name: 'outside Go: files', formula: 'RssFile', bytes: fileBytes, kind: 'part', fill: 'outside' },
    otherBytes < 0
      ? { name: untouched, formula, bytes: otherBytes, kind: 'missing', fill: undefined }
      : { name: 'outside Go: other', formula, bytes: otherBytes, kind: 'part', fill: 'outside', pale: true },
  ];
}

function total(name: string, formula: string, bytes: number): ExplainRow {
  return { name, formula, bytes, kind: 'total', fill: undefined };
}
