import { bigObjects, holderPath } from './big-objects.ts';
import { dominatorTree } from './dominators.ts';
import type { HeapAnalysis, HolderAmount } from './heap-analysis.ts';
import { heapGraph, reachableFrom, shortestWays, type HeapGraph } from './heap-graph.ts';
import { holderParts } from './holder-parts.ts';
import type { HeapDump } from './read-heap-dump.ts';
import { retainedTree, type RetainedTree } from './retained.ts';
import { addRoots, addStackWords, RootTreeBuilder, type Holder } from './root-tree.ts';
import { allocationSites, nameOfCall, siteParts } from './sites.ts';
import { amountOf, slotParts, slotSizes, totals, type Reach } from './slot-sizes.ts';
import type { SymbolTable } from './symbols.ts';
import { isShared, waysTo } from './ways.ts';

/** How a dump is analysed. */
export interface AnalyseOptions {
  /** Names of the program's variables. */
  readonly symbols?: SymbolTable;
  /** How many objects are listed one by one. */
  readonly bigObjects?: number;
  /** Called before each step that takes long, so that the caller can say so or end the work by throwing. */
  readonly step?: (name: string) => Promise<void> | void;
}

/**
 * Finds what holds the objects of a dump, what is garbage, and how much each place and object retains. Takes the
 * dump's memory: it must not be used afterwards.
 */
export async function analyseHeap(
  dump: HeapDump,
  { symbols, bigObjects: most = 100, step = () => {} }: AnalyseOptions = {},
): Promise<HeapAnalysis> {
  const { objects: table, roots, params, memStats } = dump;
  await step('walking from the roots');
  const tree = new RootTreeBuilder();
  addRoots(tree, roots, table, symbols);
  const reach: Reach = reachableFrom(table, tree.heldObjects());
  addStackWords(tree, roots, table, (object) => reach[object] === 0);
  const { holders, ...edges } = tree.build();
  const graph = heapGraph(table, { holders, ...edges });
  const ways = shortestWays(graph);
  for (let object = 0; object < table.count; object += 1)
    if (reach[object] === 0 && ways[object] !== object) reach[object] = 2;

  await step('finding what dominates what');
  const dominators = dominatorTree(graph, graph.root);
  await step('adding up');
  const retained = retainedTree(dominators, graph, table);
  const sizes = slotSizes(table, reach);
  const sums = totals(sizes);
  const all = amountOf(sums);
  const allocations = allocationSites(dump.buckets, dump.samples, table, (object) => reach[object] === 0);
  const { sites } = allocations;
  const estimated = sites.reduce((sum, site) => sum + site.reachable.bytes + site.garbage.bytes, 0);
  const waysOf = waysTo(ways, graph, table, holders);
  return {
    formatVersion: 1,
    params,
    memStats,
    all,
    reach: sums,
    phantoms: { objects: table.phantoms.slots, bytes: table.phantoms.bytes },
    slotSizes: sizes,
    holders: holderAmounts(retained, graph, holders),
    shared: sharedAmount(retained),
    bigObjects: bigObjects(retained, table, most, (object, place) => ({
      stack: allocations.stackOf(object),
      ...waysOf(object, isShared(retained, place)),
    })),
    sites,
    siteCoverage: all.bytes === 0 ? 0 : estimated / all.bytes,
    goroutines: roots.goroutines.length,
    finalizers: roots.finalizers.length,
    hasSymbols: symbols !== undefined,
    byHolder: holderParts(retained, (place) => {
      const node = retained.nodes[place] as number;
      return node < graph.objects ? nameOfCall(allocations.stackOf(node)?.[0]) : holders[node - graph.objects]?.label;
    }),
    bySlot: slotParts(sizes, sums),
    bySite: siteParts(sites),
  };
}

function holderAmounts(tree: RetainedTree, graph: HeapGraph, holders: readonly Holder[]): readonly HolderAmount[] {
  const amounts: HolderAmount[] = [];
  for (let place = 1; place < tree.nodes.length; place += 1) {
    if (tree.isObject(place)) continue;
    const number = (tree.nodes[place] as number) - graph.objects;
    const holder = holders[number];
    if (holder === undefined) continue;
    const retained = tree.amount(place);
    if (retained.objects === 0) continue;
    amounts.push({ kind: holder.kind, path: holderPath(number, holders), retained });
  }
  return amounts.sort((a, b) => b.retained.bytes - a.retained.bytes || a.path.length - b.path.length);
}

/** What the root above all dominates and no holder does. */
function sharedAmount(tree: RetainedTree): { objects: number; bytes: number } {
  const sum = { objects: 0, bytes: 0 };
  for (let place = 1; place < tree.nodes.length; place += 1) {
    if (tree.parents[place] !== 0 || !tree.isObject(place)) continue;
    sum.objects += tree.counts[place] as number;
    sum.bytes += tree.bytes[place] as number;
  }
  return sum;
}
