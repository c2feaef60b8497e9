import type { BigObject, Way } from './heap-analysis.ts';
import type { HeapGraph } from './heap-graph.ts';
import type { ObjectTable } from './object-table.ts';
import { listLength, passedOnTo, type RetainedTree } from './retained.ts';
import type { Holder } from './root-tree.ts';

/** Objects that hold less than this share of what is reachable are not listed. */
const LEAST_SHARE = 0.005;
/** Objects named of a long way, at each of its ends. */
const SHOWN_OF_WAY = 4;

/** The objects that hold most, the largest first. Of a list only its beginning. */
export function bigObjects(
  tree: RetainedTree,
  table: ObjectTable,
  most: number,
  describe: (object: number, place: number) => Pick<BigObject, 'stack' | 'way' | 'otherWay'>,
): readonly BigObject[] {
  const least = Math.max(1, (tree.bytes[0] as number) * LEAST_SHARE);
  const found: number[] = [];
  for (let place = 1; place < tree.nodes.length; place += 1) {
    const bytes = tree.bytes[place] as number;
    if (bytes < least || !tree.isObject(place) || tree.isNextOfList(place)) continue;
    if (passedOnTo(tree, place) !== 0) continue;
    found.push(place);
  }
  found.sort((a, b) => (tree.bytes[b] as number) - (tree.bytes[a] as number));
  return found.slice(0, most).map((place) => {
    const object = tree.nodes[place] as number;
    return {
      address: table.addressOf(object),
      slotBytes: table.sizeOf(object),
      chain: listLength(tree, place),
      retained: tree.amount(place),
      ...describe(object, place),
    };
  });
}

/** One of the shortest ways to an object; undefined where there is none. */
export function wayTo(
  object: number,
  from: Uint32Array,
  graph: HeapGraph,
  table: ObjectTable,
  holders: readonly Holder[],
): Way | undefined {
  const through: number[] = [];
  let at = from[object] as number;
  if (at === object) return undefined;
  while (at < graph.objects) {
    through.push(at);
    at = from[at] as number;
  }
  through.reverse();
  const shown =
    through.length > 2 * SHOWN_OF_WAY ? [...through.slice(0, SHOWN_OF_WAY), ...through.slice(-SHOWN_OF_WAY)] : through;
  return {
    holder: holderPath(at - graph.objects, holders),
    through: shown.map((one) => ({ address: table.addressOf(one), slotBytes: table.sizeOf(one) })),
    length: through.length,
  };
}

/** The holder that the way to an object begins at, as a node. */
export function firstOfWay(object: number, from: Uint32Array, objects: number): number {
  let at = object;
  while (at < objects) at = from[at] as number;
  return at;
}

/** The labels of a holder and of the groups that it is in, from the kind down. */
export function holderPath(holder: number, holders: readonly Holder[]): readonly string[] {
  const path: string[] = [];
  for (let at = holders[holder]; at !== undefined; at = holders[at.parent]) path.unshift(at.label);
  return path;
}
