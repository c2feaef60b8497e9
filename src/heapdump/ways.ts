import { firstOfWay, wayTo } from './big-objects.ts';
import type { Way } from './heap-analysis.ts';
import { shortestWays, type HeapGraph } from './heap-graph.ts';
import type { ObjectTable } from './object-table.ts';
import type { RetainedTree } from './retained.ts';
import type { Holder } from './root-tree.ts';

/** Each walk costs two numbers for each object: other ways are looked for around so many places. */
const MAX_WALKS = 3;

/** The ways to the objects that are asked for: one, and one from another place where several hold it together. */
export function waysTo(
  ways: Uint32Array,
  graph: HeapGraph,
  table: ObjectTable,
  holders: readonly Holder[],
): (object: number, isShared: boolean) => { readonly way: Way; readonly otherWay: Way | undefined } {
  const around = new Map<number, Uint32Array>();
  return (object, isShared) => {
    const way = wayTo(object, ways, graph, table, holders) ?? { holder: [], through: [], length: 0 };
    if (!isShared) return { way, otherWay: undefined };
    const first = firstOfWay(object, ways, graph.objects);
    if (!around.has(first) && around.size < MAX_WALKS) around.set(first, shortestWays(graph, first));
    const others = around.get(first);
    return { way, otherWay: others && wayTo(object, others, graph, table, holders) };
  };
}

/** Whether no single place holds an object: what dominates it directly below the root is an object. */
export function isShared(tree: RetainedTree, place: number): boolean {
  let at = place;
  while ((tree.parents[at] as number) !== 0) at = tree.parents[at] as number;
  return tree.isObject(at);
}
