import type { HolderKind } from './root-tree.ts';
import type { DumpCall, DumpMemStats, DumpParams } from './records.ts';

/** So many objects, and the bytes of their slots. */
export interface Amount {
  readonly objects: number;
  readonly bytes: number;
}

/** The objects of the heap by whether something holds them. */
export interface ByReach {
  /** Held by a variable, a goroutine's frame, a finalizer or another root, directly or through others. */
  readonly reachable: Amount;
  /** Held only by words on stacks that are not marked as pointers: live where the word is one, else garbage. */
  readonly perhaps: Amount;
  /** Held by nothing: what the next collection frees. */
  readonly garbage: Amount;
}

/** The objects of one slot size. */
export interface SlotSize extends ByReach {
  readonly slotBytes: number;
  /** Whether their types have pointers. */
  readonly withPointers: boolean;
}

/** A place, or group of places, that alone holds objects: without it they would be garbage. */
export interface HolderAmount {
  readonly kind: HolderKind;
  /** From the kind down: `package variables`, `main`, `main.cache`. Untrusted text. */
  readonly path: readonly string[];
  readonly retained: Amount;
}

/** How a place holds an object. */
export interface Way {
  /** The place that the way begins at, from the kind down. Untrusted text. */
  readonly holder: readonly string[];
  /** The objects between, nearest to the place first; those in the middle of a long way are left out. */
  readonly through: readonly { readonly address: number; readonly slotBytes: number }[];
  /** How many there are in all. */
  readonly length: number;
}

/** One object, and what would be garbage without it, itself included. */
export interface BigObject {
  readonly address: number;
  readonly slotBytes: number;
  /** How many objects of the same size follow one another from it, each holding the next; 1 where it is no list. */
  readonly chain: number;
  readonly retained: Amount;
  /** Where it was allocated, the innermost call first, if it is one of the sampled objects. */
  readonly stack: readonly DumpCall[] | undefined;
  /** One of the shortest ways to it. */
  readonly way: Way;
  /** Another one that begins at another place, where no single place holds the object; looked for in the largest only. */
  readonly otherWay: Way | undefined;
}

/** A call stack that allocated objects of the heap, from the objects that the runtime sampled. */
export interface AllocationSite {
  /** The innermost call first, without the runtime's own. Untrusted text. */
  readonly stack: readonly DumpCall[];
  readonly sampled: Amount;
  /** What the samples stand for at the default MemProfileRate: estimates. */
  readonly reachable: Amount;
  readonly garbage: Amount;
}

/** A part of the heap with its parts, for a drawing. */
export interface HeapPart {
  readonly kind: 'heap' | 'holder' | 'shared' | 'object' | 'chain' | 'group' | 'rest' | 'own' | 'site';
  /** A holder's or function's name, else empty. Untrusted text. */
  readonly name: string;
  /** All of it, the parts included. */
  readonly amount: Amount;
  /** Size of one slot; 0 where they differ or it is none. */
  readonly slotBytes: number;
  /** How many are in a chain or group. */
  readonly count: number;
  /** Objects between that hold hardly anything else and are not shown. */
  readonly behind: number;
  readonly parts: readonly HeapPart[];
}

/** What is to be known of a heap dump. */
export interface HeapAnalysis {
  readonly formatVersion: 1;
  readonly params: DumpParams;
  readonly memStats: DumpMemStats;
  readonly all: Amount;
  readonly reach: ByReach;
  /** Slots that the dump lists although no object can stand in them. They count nowhere else. */
  readonly phantoms: Amount;
  /** The largest first. */
  readonly slotSizes: readonly SlotSize[];
  /** Places and groups of places by what they alone hold, the largest first. */
  readonly holders: readonly HolderAmount[];
  /** What several places hold together, so that no single one keeps it. */
  readonly shared: Amount;
  readonly bigObjects: readonly BigObject[];
  readonly sites: readonly AllocationSite[];
  /** The estimates of `sites` by the bytes of the heap: far from 1 where MemProfileRate is not the default. */
  readonly siteCoverage: number;
  readonly goroutines: number;
  readonly finalizers: number;
  /** Whether variables have names, which come from the program's own file. */
  readonly hasSymbols: boolean;
  /** By what holds it. */
  readonly byHolder: HeapPart;
  /** By slot size. */
  readonly bySlot: HeapPart;
  /** By allocating function and its callers; estimates. */
  readonly bySite: HeapPart;
}
