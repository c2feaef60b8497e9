import type { Graph } from './dominators.ts';
import type { ObjectTable } from './object-table.ts';
import type { RootTree } from './root-tree.ts';

/** The objects from 0, the holders behind them, and last a root above all holders. */
export interface HeapGraph extends Graph {
  readonly objects: number;
  readonly root: number;
}

/** Joins objects and holders. Takes the memory of the table's targets, which must not be used afterwards. */
export function heapGraph(table: ObjectTable, tree: RootTree): HeapGraph {
  const root = table.count + tree.holders.length;
  const starts = new Uint32Array(root + 2);
  starts.set(table.starts);
  const edges = table.targets.length;
  const targets = new Uint32Array(
    (table.targets.buffer as ArrayBuffer).transfer((edges + tree.owners.length + tree.holders.length) * 4),
  );
  const owner = (parent: number): number => (parent < 0 ? root : table.count + parent);
  // How many each holder has, then where they begin: `starts` one place ahead, moved on while filling.
  for (const { parent } of tree.holders) starts[owner(parent) + 1] = (starts[owner(parent) + 1] as number) + 1;
  for (const holder of tree.owners) starts[owner(holder) + 1] = (starts[owner(holder) + 1] as number) + 1;
  for (let node = table.count; node <= root; node += 1)
    starts[node + 1] = (starts[node + 1] as number) + (starts[node] as number);
  const next = starts.slice(table.count, root + 1);
  const enter = (parent: number, target: number): void => {
    const at = next[owner(parent) - table.count] as number;
    targets[at] = target;
    next[owner(parent) - table.count] = at + 1;
  };
  tree.holders.forEach(({ parent }, holder) => enter(parent, table.count + holder));
  tree.owners.forEach((holder, i) => enter(holder, tree.objects[i] as number));
  return { starts, targets, objects: table.count, root };
}

/** Marks what can be reached from some objects. */
export function reachableFrom(table: ObjectTable, first: Uint32Array): Uint8Array {
  const reached = new Uint8Array(table.count);
  const queue = new Uint32Array(table.count);
  let length = 0;
  const enter = (object: number): void => {
    if (reached[object] !== 0) return;
    reached[object] = 1;
    queue[length] = object;
    length += 1;
  };
  first.forEach(enter);
  for (let at = 0; at < length; at += 1) {
    const object = queue[at] as number;
    const end = table.starts[object + 1] as number;
    for (let i = table.starts[object] as number; i < end; i += 1) enter(table.targets[i] as number);
  }
  return reached;
}

/**
 * For each node the one before it on a shortest way from the root, not through the node `without`; itself for the root
 * and for what has no way.
 */
export function shortestWays({ starts, targets, root }: HeapGraph, without = -1): Uint32Array {
  const from = new Uint32Array(starts.length - 1);
  for (let node = 0; node < from.length; node += 1) from[node] = node;
  const queue = new Uint32Array(from.length);
  queue[0] = root;
  let length = 1;
  for (let at = 0; at < length; at += 1) {
    const node = queue[at] as number;
    const end = starts[node + 1] as number;
    for (let i = starts[node] as number; i < end; i += 1) {
      const target = targets[i] as number;
      if (from[target] !== target || target === root || target === without) continue;
      from[target] = node;
      queue[length] = target;
      length += 1;
    }
  }
  return from;
}
