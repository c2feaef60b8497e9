import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callTree, type TreeNode } from '../../src/profile/call-tree.ts';
import { topOf } from '../../src/profile/top.ts';
import { fixture, stacksIn } from './kubo-profiles.ts';

const set = stacksIn(fixture('kubo-heap.pb.gz'), 'alloc_space');

function flattened(nodes: readonly TreeNode[]): readonly TreeNode[] {
  return nodes.flatMap((node) => [node, ...flattened(node.children)]);
}

test('an unpruned tree holds every byte once', () => {
  const tree = callTree(set, { nodes: Infinity, share: 0 });
  const all = flattened(tree);
  assert.equal(sum(tree.map(({ value }) => value)), set.total);
  assert.equal(sum(all.map(({ own }) => own)), set.total);
  for (const { value, own, children } of all) assert.equal(value, own + sum(children.map((child) => child.value)));
  // What the table says of a function is what all of its places in the tree say together.
  const flat = topOf(set, { count: 1, by: 'flat' }).lines[0];
  assert.equal(sum(all.filter(({ name }) => name === flat?.name).map(({ own }) => own)), flat?.flat);
});

test('a pruned tree keeps its largest parts, which hang together', () => {
  const whole = flattened(callTree(set, { nodes: Infinity, share: 0 }));
  const pruned = flattened(callTree(set, { nodes: 40, share: 0 }));
  assert.equal(pruned.length, 40);
  const least = Math.min(...pruned.map(({ value }) => value));
  assert.ok(whole.filter(({ value }) => value > least).length <= 40);
  const few = flattened(callTree(set, { nodes: Infinity, share: 0.05 }));
  assert.ok(few.length > 0 && few.length < whole.length);
  assert.ok(few.every(({ value }) => value >= set.total * 0.05));
});

test('a recursive function stands below itself, and what was freed is left out', () => {
  const names = ['main', 'walk'];
  const frames = (...indexes: readonly number[]): Uint32Array => Uint32Array.from(indexes.map((index) => index * 2));
  const stacks = [
    { frames: frames(0, 1, 1), value: 3 },
    { frames: frames(0), value: -2 },
  ];
  assert.deepEqual(callTree({ names, stacks, total: 5 }, { nodes: 9, share: 0 }), [
    {
      name: 'main',
      value: 3,
      own: 0,
      children: [{ name: 'walk', value: 3, own: 0, children: [{ name: 'walk', value: 3, own: 3, children: [] }] }],
    },
  ]);
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
