import type { DominatorTree } from './dominators.ts';
import type { Amount } from './heap-analysis.ts';
import type { HeapGraph } from './heap-graph.ts';
import type { ObjectTable } from './object-table.ts';

/** The dominator tree of a heap with sums, by place in its order. */
export interface RetainedTree {
  readonly nodes: Uint32Array;
  readonly parents: Uint32Array;
  readonly bytes: Float64Array;
  readonly counts: Uint32Array;
  /** The child that holds most; 0 for none. */
  readonly heaviest: Uint32Array;
  /** Whether the node at a place is an object, not a holder. */
  isObject(place: number): boolean;
  /** Bytes of the slot of the object at a place, 0 for holders. */
  slotBytes(place: number): number;
  /** What would be garbage without the node, itself included. */
  amount(place: number): Amount;
  /** Whether the next of a list: its dominator is an object of its size that holds mostly it. */
  isNextOfList(place: number): boolean;
}

/** Adds up what each node of the dominator tree holds. */
export function retainedTree({ nodes, parents }: DominatorTree, graph: HeapGraph, table: ObjectTable): RetainedTree {
  const bytes = new Float64Array(nodes.length);
  const counts = new Uint32Array(nodes.length);
  const heaviest = new Uint32Array(nodes.length);
  const isObject = (place: number): boolean => (nodes[place] as number) < graph.objects;
  const slotBytes = (place: number): number => (isObject(place) ? table.sizeOf(nodes[place] as number) : 0);
  for (let place = nodes.length - 1; place >= 0; place -= 1) {
    if (isObject(place)) {
      bytes[place] = (bytes[place] as number) + slotBytes(place);
      counts[place] = (counts[place] as number) + 1;
    }
    if (place === 0) break;
    // A dominator stands before what it dominates, so that all children of a place are added up by now.
    const parent = parents[place] as number;
    bytes[parent] = (bytes[parent] as number) + (bytes[place] as number);
    counts[parent] = (counts[parent] as number) + (counts[place] as number);
    const rival = heaviest[parent] as number;
    if (rival === 0 || (bytes[place] as number) >= (bytes[rival] as number)) heaviest[parent] = place;
  }
  return {
    nodes,
    parents,
    bytes,
    counts,
    heaviest,
    isObject,
    slotBytes,
    amount: (place) => ({ objects: counts[place] as number, bytes: bytes[place] as number }),
    isNextOfList(place) {
      const parent = parents[place] as number;
      if (place === 0 || !isObject(parent) || heaviest[parent] !== place) return false;
      const slot = slotBytes(parent);
      return slot === slotBytes(place) && (bytes[place] as number) * 2 >= (bytes[parent] as number) - slot;
    },
  };
}

/** An object of which one other holds this share of what it holds is passed over for that one. */
const PASSED_ON = 0.98;

/** The child that has nearly all of what an object retains and is not the next of a list; 0 where there is none. */
export function passedOnTo(tree: RetainedTree, place: number): number {
  const heaviest = tree.heaviest[place] as number;
  if (heaviest === 0 || !tree.isObject(place) || tree.isNextOfList(heaviest)) return 0;
  return (tree.bytes[heaviest] as number) >= (tree.bytes[place] as number) * PASSED_ON ? heaviest : 0;
}

/** How many objects follow one another as a list from this one, itself included. */
export function listLength(tree: RetainedTree, place: number): number {
  let length = 1;
  for (let at = tree.heaviest[place] as number; at !== 0 && tree.isNextOfList(at); at = tree.heaviest[at] as number)
    length += 1;
  return length;
}
