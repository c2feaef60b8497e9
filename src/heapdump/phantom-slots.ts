import type { DumpParams } from './records.ts';

/** Spans of slots up to this many words hold the bitmap of their pointers themselves; runtime/mbitmap.go heapBitsInSpan. */
const BITMAP_WORDS: Readonly<Record<number, number>> = { 4: 32, 8: 64 };
/** All of these spans are one page; internal/runtime/gc/sizeclasses.go. */
export const PAGE_BYTES = 8192;
/** sizeof(spanInlineMarkBits) and the smallest slots that have it; runtime/mgcmark_greenteagc.go. */
const MARK_BYTES = 128;
const MARKED_FROM_BYTES = 16;

/**
 * How many slots of a span are objects. WriteHeapDump counts `span bytes / slot bytes`, as if the span held nothing
 * else; but since Go 1.22 spans of small slots end in a bitmap of pointers, and with the Green Tea collector (the
 * default since Go 1.26) in mark bits too. What it writes for those bytes are phantoms: slots that no object stands in.
 */
export interface SlotRule {
  /** The largest slots that the rule is about, in bytes; 0 where there are no phantoms. */
  readonly upToBytes: number;
  /** How many slots of this size are objects in a span with, or without, pointers. */
  realSlots(slotBytes: number, withPointers: boolean): number;
}

/** The rule of the Go version that wrote a dump. A version that cannot be told counts as the newest. */
export function slotRuleOf({ goVersion, pointerBytes }: Pick<DumpParams, 'goVersion' | 'pointerBytes'>): SlotRule {
  const minor = Number(/\bgo1\.(\d+)/.exec(goVersion)?.[1] ?? Infinity);
  const experiments = /[ -]X:(\S+)/.exec(goVersion)?.[1]?.split(',') ?? [];
  const greenTea = minor >= 26 ? !experiments.includes('nogreenteagc') : experiments.includes('greenteagc');
  const upToBytes = minor < 22 ? 0 : pointerBytes * (BITMAP_WORDS[pointerBytes] ?? 0);
  return {
    upToBytes,
    realSlots(slotBytes, withPointers) {
      const marks = greenTea && slotBytes >= MARKED_FROM_BYTES ? MARK_BYTES : 0;
      const bitmap = withPointers ? PAGE_BYTES / pointerBytes / 8 : 0;
      return Math.floor((PAGE_BYTES - marks - bitmap) / slotBytes);
    },
  };
}
