import type { Amount, HeapPart } from './heap-analysis.ts';
import { passedOnTo, type RetainedTree } from './retained.ts';

/** Lists shorter than this are shown object by object. */
export const LEAST_LIST = 4;
/** Limits of the drawing: parts in all, levels, and parts of one part. Smaller ones are summed up. */
const MAX_PARTS = 1500;
const MAX_DEPTH = 12;
const MAX_CHILDREN = 30;
const MAX_GROUPS = 8;
/** Parts below this share of the heap are summed up. */
const LEAST_SHARE = 0.001;

/** How a holder is called; undefined for the root above all. */
export type NameOf = (place: number) => string | undefined;

/** A part while its own parts are found. */
interface Growing {
  readonly part: Omit<HeapPart, 'parts'>;
  readonly parts: Growing[];
  /** The places whose children are its parts; for a list all of its objects. */
  readonly places: readonly number[];
  /** Its parts where they are not children of places. */
  readonly members?: Uint32Array;
  readonly depth: number;
}

/**
 * The dominator tree as nested parts, cut to what can be looked at: the largest are opened first, lists become one
 * part, and what is small is summed up by slot size.
 */
export function holderParts(tree: RetainedTree, nameOf: NameOf): HeapPart {
  const children = childrenOf(tree.parents);
  const least = tree.amount(0).bytes * LEAST_SHARE;
  const root: Growing = { part: partOf('heap', '', tree.amount(0)), parts: [], places: [0], depth: 0 };
  // Those that may be opened, the largest last.
  const open: Growing[] = [root];
  for (let count = 1; count < MAX_PARTS;) {
    const next = open.pop();
    if (next === undefined) break;
    const grown = opened(next, tree, nameOf, children, least);
    next.parts.push(...grown);
    count += grown.length;
    for (const one of grown) {
      if ((one.places.length === 0 && one.members === undefined) || one.depth >= MAX_DEPTH) continue;
      const at = open.findIndex(({ part }) => part.amount.bytes > one.part.amount.bytes);
      open.splice(at < 0 ? open.length : at, 0, one);
    }
  }
  return finished(root);
}

function opened(
  from: Growing,
  tree: RetainedTree,
  nameOf: NameOf,
  children: (place: number) => Uint32Array,
  least: number,
): Growing[] {
  if (from.members !== undefined) return listed([from.members], tree, nameOf, least, from.depth + 1);
  if (from.depth === 0) {
    // Objects that only the root above all dominates are held by several places together.
    const shares = children(0).filter((place) => tree.isObject(place));
    const holders = Array.from(
      children(0).filter((place) => !tree.isObject(place) && (tree.bytes[place] as number) > 0),
    );
    const parts = holders.map((place) => growing(place, tree, nameOf, 1));
    if (shares.length === 0) return parts;
    const amount = shares.reduce<Amount>((all, place) => plus(all, tree.amount(place)), NONE);
    return [...parts, { part: partOf('shared', '', amount), parts: [], places: [], members: shares, depth: 1 }];
  }
  // Of a list or of what hands on, each place is a child of the one before it and no part of its own.
  const members = new Set(from.places);
  const lists = from.places.map(children);
  const parts = listed(
    members.size > 1 ? lists.map((list) => list.filter((place) => !members.has(place))) : lists,
    tree,
    nameOf,
    least,
    from.depth + 1,
  );
  const own = from.places.reduce((bytes, place) => bytes + tree.slotBytes(place), 0);
  if (parts.length > 0 && own > 0)
    parts.push({
      part: { ...partOf('own', '', { objects: from.places.length, bytes: own }), slotBytes: from.part.slotBytes },
      parts: [],
      places: [],
      depth: from.depth + 1,
    });
  return parts;
}

/** The largest places one by one, the others (there may be millions) summed up by slot size. */
function listed(
  lists: readonly Uint32Array[],
  tree: RetainedTree,
  nameOf: NameOf,
  least: number,
  depth: number,
): Growing[] {
  const large = lists.flatMap((list) => Array.from(list.filter((place) => (tree.bytes[place] as number) >= least)));
  large.sort((a, b) => (tree.bytes[b] as number) - (tree.bytes[a] as number));
  const single = new Set(large.slice(0, MAX_CHILDREN));
  const parts = [...single].map((place) => growing(place, tree, nameOf, depth));
  const sums = new Map<number, { count: number; objects: number; bytes: number }>();
  for (const list of lists) {
    for (const place of list) {
      const bytes = tree.bytes[place] as number;
      if (bytes === 0 || single.has(place)) continue;
      const slotBytes = tree.slotBytes(place);
      let sum = sums.get(slotBytes);
      if (sum === undefined) sums.set(slotBytes, (sum = { count: 0, objects: 0, bytes: 0 }));
      sum.count += 1;
      sum.objects += tree.counts[place] as number;
      sum.bytes += bytes;
    }
  }
  const summed = [...sums].sort(([, a], [, b]) => b.bytes - a.bytes);
  const leaf = { parts: [], places: [], depth };
  for (const [slotBytes, { count, ...amount }] of summed.slice(0, MAX_GROUPS))
    parts.push({ ...leaf, part: { ...partOf('group', '', amount), slotBytes, count } });
  const rest = summed.slice(MAX_GROUPS);
  if (rest.length > 0) {
    const amount = rest.reduce<Amount>((all, [, one]) => plus(all, one), NONE);
    const count = rest.reduce((all, [, one]) => all + one.count, 0);
    parts.push({ ...leaf, part: { ...partOf('rest', '', amount), count } });
  }
  return parts;
}

function growing(place: number, tree: RetainedTree, nameOf: NameOf, depth: number): Growing {
  const amount = tree.amount(place);
  const base = { parts: [], depth };
  if (!tree.isObject(place)) return { ...base, part: partOf('holder', nameOf(place) ?? '', amount), places: [place] };
  // What only hands on to one other is not worth a level of its own.
  const passed: number[] = [];
  let last = place;
  for (let next = passedOnTo(tree, last); next !== 0; next = passedOnTo(tree, last)) {
    passed.push(last);
    last = next;
  }
  const slotBytes = tree.slotBytes(last);
  const list = [last];
  for (let at = tree.heaviest[last] as number; at !== 0 && tree.isNextOfList(at); at = tree.heaviest[at] as number)
    list.push(at);
  const isList = list.length >= LEAST_LIST;
  return {
    ...base,
    part: {
      ...partOf(isList ? 'chain' : 'object', nameOf(last) ?? '', amount),
      slotBytes,
      count: isList ? list.length : 1,
      behind: passed.length,
    },
    places: [...passed, ...(isList ? list : [last])],
  };
}

/** Children of each place, in the order of the walk. */
function childrenOf(parents: Uint32Array): (place: number) => Uint32Array {
  const ends = new Uint32Array(parents.length + 1);
  for (let place = 1; place < parents.length; place += 1) {
    const parent = parents[place] as number;
    ends[parent] = (ends[parent] as number) + 1;
  }
  let total = 0;
  for (let place = 0; place < ends.length; place += 1) {
    total += ends[place] as number;
    ends[place] = total;
  }
  const children = new Uint32Array(total);
  for (let place = parents.length - 1; place >= 1; place -= 1) {
    const parent = parents[place] as number;
    const at = (ends[parent] as number) - 1;
    ends[parent] = at;
    children[at] = place;
  }
  return (place) => children.subarray(ends[place], ends[place + 1]);
}

const NONE: Amount = { objects: 0, bytes: 0 };

function plus(a: Amount, b: Amount): Amount {
  return { objects: a.objects + b.objects, bytes: a.bytes + b.bytes };
}

/** A part that has none of its own. */
export function partOf(kind: HeapPart['kind'], name: string, amount: Amount): Omit<HeapPart, 'parts'> {
  return { kind, name, amount, slotBytes: 0, count: 0, behind: 0 };
}

function finished({ part, parts }: Growing): HeapPart {
  const sorted = parts.toSorted((a, b) => b.part.amount.bytes - a.part.amount.bytes);
  return { ...part, parts: sorted.map(finished) };
}
