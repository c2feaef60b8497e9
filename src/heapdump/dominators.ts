/** A graph as lists of successors: those of node `v` stand in `targets` from `starts[v]` to before `starts[v + 1]`. */
export interface Graph {
  readonly starts: Uint32Array;
  readonly targets: Uint32Array;
}

/** The dominator tree of what can be reached from the root, in the order of a depth-first walk. */
export interface DominatorTree {
  /** Nodes in the order in which the walk came to them; the root is the first. */
  readonly nodes: Uint32Array;
  /** For each place in that order, the place of the immediate dominator, which is smaller; 0 for the root. */
  readonly parents: Uint32Array;
}

const UNSEEN = 0xffff_ffff;

/**
 * The dominator tree by the algorithm Semi-NCA (Georgiadis, Tarjan, Werneck: Finding Dominators in Practice, 2006),
 * without recursion: heaps hold lists of millions of links. Six numbers of 32 bits for each node.
 */
export function dominatorTree({ starts, targets }: Graph, root: number): DominatorTree {
  const walk = depthFirst({ starts, targets }, root);
  const { nodes, places, parents } = walk;
  const count = nodes.length;
  const before = predecessors({ starts, targets }, places, count);

  const ancestors = parents.slice();
  const semi = new Uint32Array(count);
  const labels = new Uint32Array(count);
  for (let v = 0; v < count; v += 1) {
    semi[v] = v;
    labels[v] = v;
  }
  // Also the stack of the walk up the ancestors: it is filled with dominators only afterwards.
  const path = new Uint32Array(count);
  const evaluate = (v: number, lastLinked: number): number => {
    if ((ancestors[v] as number) < lastLinked) return labels[v] as number;
    let depth = 0;
    let at = v;
    do {
      path[depth] = at;
      depth += 1;
      at = ancestors[at] as number;
    } while ((ancestors[at] as number) >= lastLinked);
    let above = at;
    let best = labels[above] as number;
    while (depth > 0) {
      depth -= 1;
      at = path[depth] as number;
      ancestors[at] = ancestors[above] as number;
      const own = labels[at] as number;
      if ((semi[best] as number) < (semi[own] as number)) labels[at] = best;
      else best = own;
      above = at;
    }
    return labels[v] as number;
  };
  for (let w = count - 1; w >= 1; w -= 1) {
    let least = parents[w] as number;
    for (let i = before.starts[w] as number; i < (before.starts[w + 1] as number); i += 1) {
      const found = semi[evaluate(before.targets[i] as number, w + 1)] as number;
      if (found < least) least = found;
    }
    semi[w] = least;
  }
  // The immediate dominator is the nearest ancestor that is not behind the semidominator.
  const dominators = path;
  dominators[0] = 0;
  for (let w = 1; w < count; w += 1) {
    let at = parents[w] as number;
    while (at > (semi[w] as number)) at = dominators[at] as number;
    dominators[w] = at;
  }
  return { nodes, parents: dominators };
}

interface Walk {
  readonly nodes: Uint32Array;
  /** Place of a node in `nodes`; UNSEEN for one that cannot be reached. */
  readonly places: Uint32Array;
  /** For each place, the place of the node that the walk came from. */
  readonly parents: Uint32Array;
}

function depthFirst({ starts, targets }: Graph, root: number): Walk {
  const total = starts.length - 1;
  const places = new Uint32Array(total).fill(UNSEEN);
  const nodes = new Uint32Array(total);
  const parents = new Uint32Array(total);
  const next = starts.slice(0, total);
  places[root] = 0;
  nodes[0] = root;
  let count = 1;
  // The walk's own stack is the chain of parents.
  for (let place = 0; ;) {
    const node = nodes[place] as number;
    const end = starts[node + 1] as number;
    let i = next[node] as number;
    while (i < end && places[targets[i] as number] !== UNSEEN) i += 1;
    if (i < end) {
      const target = targets[i] as number;
      next[node] = i + 1;
      places[target] = count;
      nodes[count] = target;
      parents[count] = place;
      place = count;
      count += 1;
    } else {
      next[node] = end;
      if (place === 0) break;
      place = parents[place] as number;
    }
  }
  return { nodes: nodes.slice(0, count), places, parents: parents.slice(0, count) };
}

/** Where each place is reached from, as places. Walks the nodes in memory's order: the graph is too large for a cache. */
function predecessors({ starts, targets }: Graph, places: Uint32Array, count: number): Graph {
  const ends = new Uint32Array(count + 1);
  for (let node = 0; node < places.length; node += 1) {
    if (places[node] === UNSEEN) continue;
    const end = starts[node + 1] as number;
    for (let i = starts[node] as number; i < end; i += 1) {
      const target = places[targets[i] as number] as number;
      ends[target] = (ends[target] as number) + 1;
    }
  }
  let sum = 0;
  for (let place = 0; place <= count; place += 1) {
    sum += ends[place] as number;
    ends[place] = sum;
  }
  const from = new Uint32Array(sum);
  // Each list is filled from its end: when all are full, `ends` are their beginnings.
  for (let node = 0; node < places.length; node += 1) {
    const place = places[node] as number;
    if (place === UNSEEN) continue;
    const end = starts[node + 1] as number;
    for (let i = starts[node] as number; i < end; i += 1) {
      const target = places[targets[i] as number] as number;
      const at = (ends[target] as number) - 1;
      ends[target] = at;
      from[at] = place;
    }
  }
  return { starts: ends, targets: from };
}
