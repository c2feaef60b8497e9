import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dominatorTree, type Graph } from '../../src/heapdump/dominators.ts';

function graphOf(edges: readonly (readonly [number, number])[], count: number): Graph {
  const sorted = edges.toSorted(([a], [b]) => a - b);
  const starts = new Uint32Array(count + 1);
  for (let node = 0; node <= count; node += 1) starts[node] = sorted.filter(([from]) => from < node).length;
  return { starts, targets: Uint32Array.from(sorted, ([, to]) => to) };
}

function reachable({ starts, targets }: Graph, root: number, without = -1): Set<number> {
  const seen = new Set<number>(root === without ? [] : [root]);
  for (const node of seen)
    for (const target of targets.subarray(starts[node], starts[node + 1])) if (target !== without) seen.add(target);
  return seen;
}

test('a node dominates what cannot be reached without it', () => {
  const node = fc.nat(11);
  fc.assert(
    fc.property(fc.array(fc.tuple(node, node), { maxLength: 40 }), node, (edges, root) => {
      const graph = graphOf(edges, 12);
      const { nodes, parents } = dominatorTree(graph, root);
      const all = reachable(graph, root);
      assert.deepEqual(new Set(nodes), all);
      const dominators = (of: number): Set<number> =>
        new Set([...all].filter((one) => one !== of && !reachable(graph, root, one).has(of)));
      const found = new Map(
        [...nodes].map((one, place) => [one, place === 0 ? -1 : (nodes[parents[place] ?? 0] ?? -1)]),
      );
      for (const one of all) {
        const chain = new Set<number>();
        for (let up = found.get(one) ?? -1; up >= 0; up = found.get(up) ?? -1) chain.add(up);
        assert.deepEqual(chain, dominators(one), `dominators of ${one}`);
      }
    }),
    { numRuns: 400 },
  );
});

test('a list of a million nodes with ways back needs no stack', () => {
  const count = 1_000_000;
  const starts = Uint32Array.from({ length: count + 1 }, (_, i) => Math.min(2 * i, 2 * count - 1));
  const targets = new Uint32Array(2 * count - 1);
  for (let i = 0; i < count - 1; i += 1) {
    targets[2 * i] = Math.max(0, i - 7);
    targets[2 * i + 1] = i + 1;
  }
  const { nodes, parents } = dominatorTree({ starts, targets }, 0);
  assert.equal(nodes.length, count);
  assert.ok(parents.every((parent, place) => parent === Math.max(0, place - 1)));
});
