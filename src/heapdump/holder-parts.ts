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
  readonly members?: readonly number[];
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
  if (from.members !== undefined) return listed(from.members, tree, nameOf, least, from.depth + 1);
  const members = new Set(from.places);
  const found: number[] = [];
  for (const place of from.places) for (const child of children(place)) if (!members.has(child)) found.push(child);
  if (from.depth === 0) {
    // Objects that only the root above all dominates are held by several places together.
    const shares = found.filter((place) => tree.isObject(place));
    const shared: Growing = {
      part: partOf('shared', '', sum(tree, shares)),
      parts: [],
      places: [],
      members: shares,
      depth: 1,
    };
    const holders = found.filter((place) => !tree.isObject(place) && (tree.bytes[place] as number) > 0);
    return [...holders.map((place) => growing(place, tree, nameOf, 1)), ...(shares.length > 0 ? [shared] : [])];
  }
  const own = from.places.reduce((bytes, place) => bytes + tree.slotBytes(place), 0);
  const parts = listed(found, tree, nameOf, least, from.depth + 1);
  if (parts.length > 0 && own > 0)
    parts.push({
      part: { ...partOf('own', '', { objects: from.places.length, bytes: own }), slotBytes: from.part.slotBytes },
      parts: [],
      places: [],
      depth: from.depth + 1,
    });
  return parts;
}

/** The largest places one by one, the others summed up by slot size. */
function listed(
  places: readonly number[],
  tree: RetainedTree,
  nameOf: NameOf,
  least: number,
  depth: number,
): Growing[] {
  const sorted = places.filter((place) => (tree.bytes[place] as number) >= least);
  sorted.sort((a, b) => (tree.bytes[b] as number) - (tree.bytes[a] as number));
  const single = new Set(sorted.slice(0, MAX_CHILDREN));
  const parts = [...single].map((place) => growing(place, tree, nameOf, depth));
  const groups = Map.groupBy(
    places.filter((place) => !single.has(place) && (tree.bytes[place] as number) > 0),
    (place) => tree.slotBytes(place),
  );
  const summed = [...groups].map(([slotBytes, members]) => ({ slotBytes, members, amount: sum(tree, members) }));
  summed.sort((a, b) => b.amount.bytes - a.amount.bytes);
  for (const { slotBytes, members, amount } of summed.slice(0, MAX_GROUPS))
    parts.push({
      part: { ...partOf('group', '', amount), slotBytes, count: members.length },
      parts: [],
      places: [],
      depth,
    });
  const rest = summed.slice(MAX_GROUPS);
  if (rest.length > 0) {
    const amount = rest.reduce((all, one) => plus(all, one.amount), { objects: 0, bytes: 0 });
    const count = rest.reduce((all, { members }) => all + members.length, 0);
    parts.push({ part: { ...partOf('rest', '', amount), count }, parts: [], places: [], depth });
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

function sum(tree: RetainedTree, places: readonly number[]): Amount {
  return places.reduce((all, place) => plus(all, tree.amount(place)), { objects: 0, bytes: 0 });
}

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
