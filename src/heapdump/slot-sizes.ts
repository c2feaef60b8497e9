import { partOf } from './holder-parts.ts';
import type { Amount, ByReach, HeapPart, SlotSize } from './heap-analysis.ts';
import type { ObjectTable } from './object-table.ts';

/** Whether something holds an object: 0 nothing, 1 a root, 2 only words of stacks that may be pointers. */
export type Reach = Uint8Array;

/** Large objects have sizes of their own: so many sizes are drawn, the others summed up. */
const SHOWN_SIZES = 80;
const KINDS = ['garbage', 'reachable', 'perhaps'] as const;

/** The objects by slot size and by whether they have pointers, the most bytes first. */
export function slotSizes(table: ObjectTable, reach: Reach): readonly SlotSize[] {
  const sums = new Map<number, Record<(typeof KINDS)[number], { objects: number; bytes: number }>>();
  for (let object = 0; object < table.count; object += 1) {
    const bytes = table.sizeOf(object);
    if (bytes === 0) continue;
    const key = bytes * 2 + (table.hasPointers(object) ? 1 : 0);
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = { reachable: { ...NONE }, perhaps: { ...NONE }, garbage: { ...NONE } };
      sums.set(key, sum);
    }
    const of = sum[KINDS[reach[object] ?? 0] ?? 'garbage'];
    of.objects += 1;
    of.bytes += bytes;
  }
  const sizes = [...sums].map(([key, sum]) => ({
    slotBytes: Math.floor(key / 2),
    withPointers: key % 2 === 1,
    ...sum,
  }));
  return sizes.sort((a, b) => amountOf(b).bytes - amountOf(a).bytes || a.slotBytes - b.slotBytes);
}

/** The sum of sizes by whether something holds the objects. */
export function totals(sizes: readonly SlotSize[]): ByReach {
  const sum = (kind: (typeof KINDS)[number]): Amount =>
    sizes.reduce<Amount>((all, size) => plus(all, size[kind]), NONE);
  return { reachable: sum('reachable'), perhaps: sum('perhaps'), garbage: sum('garbage') };
}

/** Slot sizes as nested parts: live or garbage, then size. */
export function slotParts(sizes: readonly SlotSize[], reach: ByReach): HeapPart {
  const parts = KINDS.map((kind) => {
    const groups = Map.groupBy(
      sizes.filter((size) => size[kind].objects > 0),
      ({ slotBytes }) => slotBytes,
    );
    const inner = [...groups].map(([slotBytes, group]) => {
      const amount = group.reduce<Amount>((all, size) => plus(all, size[kind]), NONE);
      return { ...partOf('group', '', amount), slotBytes, count: amount.objects, parts: [] };
    });
    inner.sort((a, b) => b.amount.bytes - a.amount.bytes);
    const rest = inner.slice(SHOWN_SIZES).reduce<Amount>((all, { amount }) => plus(all, amount), NONE);
    const shown = inner.slice(0, SHOWN_SIZES);
    return {
      ...partOf('group', kind, reach[kind]),
      parts: rest.objects > 0 ? [...shown, { ...partOf('rest', '', rest), count: rest.objects, parts: [] }] : shown,
    };
  });
  const shown = parts.filter(({ amount }) => amount.objects > 0).sort((a, b) => b.amount.bytes - a.amount.bytes);
  return { ...partOf('heap', '', amountOf(reach)), parts: shown };
}

const NONE = { objects: 0, bytes: 0 };

/** All of it, held or not. */
export function amountOf({ reachable, perhaps, garbage }: ByReach): Amount {
  return plus(plus(reachable, perhaps), garbage);
}

function plus(a: Amount, b: Amount): Amount {
  return { objects: a.objects + b.objects, bytes: a.bytes + b.bytes };
}
