import type { StackSet } from './stacks.ts';

/** A function in the graph of calls. */
export interface GraphNode {
  /** Index of its name. */
  readonly name: number;
  /** The sum over stacks that end in it. */
  flat: number;
  /** The sum over stacks that it is in, each counted once however often it calls itself. */
  cum: number;
  /** Who calls it. */
  readonly callers: Map<number, Edge>;
}

interface Edge {
  weight: number;
  /** True as long as every call over it was inlined. */
  inline: boolean;
}

/**
 * The graph of calls between functions of the same name, as pprof builds it (internal/graph/graph.go newGraph). With
 * `kept`, functions outside it are bridged: their callers and callees are joined, and what ends in them is no one's.
 */
export function callGraph({ stacks, names }: StackSet, kept?: ReadonlySet<number>): readonly GraphNode[] {
  const nodes = new Map<number, GraphNode>();
  // The stack that a node or an edge was last counted in, so that recursion counts once.
  const seenNode = new Int32Array(names.length).fill(-1);
  const seenEdge = new Map<number, number>();
  for (const [index, { frames, value }] of stacks.entries()) {
    if (value === 0) continue;
    let parent: GraphNode | undefined;
    let bridged = false;
    for (const frame of frames) {
      const name = frame >> 1;
      if (kept !== undefined && !kept.has(name)) {
        bridged = true;
        continue;
      }
      let node = nodes.get(name);
      if (node === undefined) {
        node = { name, flat: 0, cum: 0, callers: new Map() };
        nodes.set(name, node);
      }
      if (seenNode[name] !== index) {
        seenNode[name] = index;
        node.cum += value;
      }
      if (parent !== undefined && parent !== node) {
        const edge = parent.name * names.length + name;
        if (seenEdge.get(edge) !== index) {
          seenEdge.set(edge, index);
          addCall(node, parent.name, value, (frame & 1) === 1);
        }
      }
      parent = node;
      bridged = false;
    }
    if (parent !== undefined && !bridged) parent.flat += value;
  }
  return [...nodes.values()].filter(({ flat, cum }) => Math.abs(flat) > NOTHING || Math.abs(cum) > NOTHING);
}

/** What rounding leaves of a difference between equal means; real values are whole numbers, or whole ones divided by trials. */
const NOTHING = 1e-3;

/** Takes calls of little weight out of the graph. */
export function withoutLightCalls(nodes: readonly GraphNode[], cutoff: number): void {
  for (const { callers } of nodes) {
    for (const [caller, { weight }] of callers) if (Math.abs(weight) < cutoff) callers.delete(caller);
  }
}

function addCall({ callers }: GraphNode, caller: number, weight: number, inline: boolean): void {
  const edge = callers.get(caller);
  if (edge === undefined) callers.set(caller, { weight, inline });
  else {
    edge.weight += weight;
    edge.inline &&= inline;
  }
}
