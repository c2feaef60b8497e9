import { callGraph, withoutLightCalls, type GraphNode } from './call-graph.ts';
import type { StackSet } from './stacks.ts';

/** A line of the table of functions. */
export interface TopLine {
  /** Untrusted text. */
  readonly name: string;
  /** In the unit of the sample type: what stacks that end in the function come to. */
  readonly flat: number;
  /** What stacks that the function is in come to. */
  readonly cum: number;
  /** Whether the compiler put all or some of its calls into its callers. */
  readonly inlined: 'no' | 'partly' | 'yes';
}

/** A table of functions as `go tool pprof -top` makes it. */
export interface Top {
  readonly lines: readonly TopLine[];
  /** What percentages are of. */
  readonly total: number;
  /** Functions that were left out because their cumulative value is below `cutoff`. */
  readonly dropped: number;
  readonly cutoff: number;
  /** Functions that were not left out for that; more than there are lines where a number of lines was asked for. */
  readonly found: number;
}

/** What a table shows. */
export interface TopOptions {
  /** The most lines; 0 for all. */
  readonly count: number;
  /** What the lines are ordered by. */
  readonly by: 'flat' | 'cum';
}

/** pprof's own: functions below this share of the whole are left out. */
const NODE_FRACTION = 0.005;
/** pprof's own: calls below this share of the whole are left out; decides only what is called inlined. */
const EDGE_FRACTION = 0.001;

/**
 * Functions by what they allocate or hold. Agrees with `go tool pprof -top -nodecount=<count>`, with `-cum` where it is
 * ordered so (source: github.com/google/pprof/internal/report newTrimmedGraph).
 */
export function topOf(set: StackSet, { count, by }: TopOptions): Top {
  const all = callGraph(set);
  const sum = all.reduce((total, { flat }) => total + flat, 0);
  const cutoff = Math.abs(Math.trunc(sum * NODE_FRACTION));
  const light = Math.abs(Math.trunc(sum * EDGE_FRACTION));
  const heavy = all.filter(({ cum }) => Math.abs(cum) >= cutoff);
  const order = by === 'flat' ? byFlat(set.names) : byCum(set.names);
  const found = cutoff > 0 && heavy.length < all.length ? callGraph(set, namesOf(heavy)) : all;
  const sorted = found.toSorted(order);
  const shown =
    count > 0 && sorted.length > count ? callGraph(set, namesOf(sorted.slice(0, count))).toSorted(order) : sorted;
  withoutLightCalls(shown, light);
  return {
    lines: shown.map((node) => ({
      name: set.names[node.name] ?? '',
      flat: node.flat,
      cum: node.cum,
      inlined: inlined(node),
    })),
    total: set.total,
    dropped: cutoff > 0 ? all.length - heavy.length : 0,
    cutoff,
    found: found.length,
  };
}

function namesOf(nodes: readonly GraphNode[]): ReadonlySet<number> {
  return new Set(nodes.map(({ name }) => name));
}

function inlined({ callers }: GraphNode): TopLine['inlined'] {
  const calls = [...callers.values()];
  if (!calls.some(({ inline }) => inline)) return 'no';
  return calls.every(({ inline }) => inline) ? 'yes' : 'partly';
}

type Order = (a: GraphNode, b: GraphNode) => number;

function byFlat(names: readonly string[]): Order {
  return (a, b) => Math.abs(b.flat) - Math.abs(a.flat) || inNames(names, a, b) || Math.abs(b.cum) - Math.abs(a.cum);
}

function byCum(names: readonly string[]): Order {
  return (a, b) => Math.abs(b.cum) - Math.abs(a.cum) || inNames(names, a, b) || Math.abs(b.flat) - Math.abs(a.flat);
}

/** By code units, as Go compares bytes: an order that no locale changes. */
function inNames(names: readonly string[], a: GraphNode, b: GraphNode): number {
  const [left = '', right = ''] = [names[a.name], names[b.name]];
  return left < right ? -1 : left > right ? 1 : 0;
}
