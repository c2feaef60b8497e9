import type { StackSet } from './stacks.ts';

/** A function where it was called from: its place in a flame graph. */
export interface TreeNode {
  /** Untrusted text. */
  readonly name: string;
  /** What this function and all that it called come to, in the unit of the sample type. */
  readonly value: number;
  /** The part of it that no function below accounts for. */
  readonly own: number;
  /** The largest first. */
  readonly children: readonly TreeNode[];
}

interface Growing {
  readonly name: string;
  value: number;
  own: number;
  readonly depth: number;
  readonly children: Map<number, Growing>;
}

/** What is left of a tree. */
export interface Pruning {
  /** The most functions in it. */
  readonly nodes: number;
  /** Functions below this share of the whole are cut off. */
  readonly share: number;
}

/** The tree of calls of a set, from the roots, pruned to its largest parts. Stacks whose value is not positive are left out. */
export function callTree({ names, stacks }: StackSet, { nodes, share }: Pruning): readonly TreeNode[] {
  const root: Growing = { name: '', value: 0, own: 0, depth: 0, children: new Map() };
  const all: Growing[] = [];
  for (const { frames, value } of stacks) {
    if (!(value > 0)) continue;
    root.value += value;
    let at = root;
    for (const frame of frames) {
      const name = frame >> 1;
      let child = at.children.get(name);
      if (child === undefined) {
        child = { name: names[name] ?? '', value: 0, own: 0, depth: at.depth + 1, children: new Map() };
        at.children.set(name, child);
        all.push(child);
      }
      child.value += value;
      at = child;
    }
    at.own += value;
  }
  // No child is greater than its parent, so that the largest ones hang together.
  const kept = new Set(
    all
      .filter(({ value }) => value >= root.value * share)
      .toSorted((a, b) => b.value - a.value || a.depth - b.depth)
      .slice(0, nodes),
  );
  return finished(root, kept);
}

function finished({ children }: Growing, kept: ReadonlySet<Growing>): readonly TreeNode[] {
  return [...children.values()]
    .filter((child) => kept.has(child))
    .toSorted((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1))
    .map((child) => ({ name: child.name, value: child.value, own: child.own, children: finished(child, kept) }));
}
